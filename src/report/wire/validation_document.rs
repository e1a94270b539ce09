//! The object that `validate --format json` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::WIRE_VERSION;
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::excerpt::Excerpt;
use crate::report::ValidationReport;

/// What was found in prompt files and settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "Validation")]
pub struct ValidationDocument<'a> {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// Whether there are no errors. There may be warnings.
    pub valid: bool,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// How many prompts were checked, built-in ones among them.
    pub prompts: usize,
    /// Whether the settings were checked too.
    pub settings: bool,
    /// All that was found, by source and place.
    pub diagnostics: Vec<DiagnosticReport<'a>>,
}

/// Something wrong, or likely not meant so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiagnosticReport<'a> {
    /// The rule that is broken, in kebab-case: stable, for programs.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: DiagnosticSeverity,
    /// What it is wrong with.
    pub source: SourceReport,
    /// The line, from 1; `null` if it is about the whole of its source.
    pub line: Option<u32>,
    /// The column of the first character, from 1, in Unicode characters; `null` where there is no line.
    pub column: Option<u32>,
    /// How many characters it has; 0 if it is a point between two; `null` where there is no line.
    pub length: Option<u32>,
    /// The line's text, without secrets; of a long line what is round the place, with `…` where it is cut;
    /// `null` if it isn't known.
    pub excerpt: Option<&'a str>,
    /// What is wrong, for people.
    pub message: &'a str,
    /// What to do about it; `null` if there is nothing to say.
    pub hint: Option<&'a str>,
}

/// What something is wrong with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceReport {
    /// What kind of thing it is.
    pub kind: SourceKind,
    /// The path, the file name of a built-in prompt, the name of a variable, the flag, or the address;
    /// `null` for the environment and for what isn't set.
    pub name: Option<String>,
}

/// A kind of thing that something can be wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A file or folder.
    File,
    /// A prompt that is part of the program.
    BuiltIn,
    /// The value given by `--var` for a variable.
    Variable,
    /// A flag.
    Flag,
    /// The environment.
    Environment,
    /// Nothing: what should be there isn't.
    Missing,
    /// The upstream.
    Upstream,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosticSeverity {
    /// The program can't go on with it.
    Error,
    /// It can, but it likely doesn't do what its user thinks.
    Warning,
}

impl<'a> ValidationDocument<'a> {
    /// The document of what was found.
    #[must_use]
    pub fn new(report: &'a ValidationReport) -> Self {
        Self {
            version: WIRE_VERSION,
            valid: report.errors() == 0,
            errors: report.errors(),
            warnings: report.warnings(),
            prompts: report.prompts.len(),
            settings: report.settings,
            diagnostics: report.diagnostics.iter().map(DiagnosticReport::from).collect(),
        }
    }
}

impl<'a> From<&'a Diagnostic> for DiagnosticReport<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
        };
        Self {
            rule: diagnostic.rule.name(),
            severity,
            source: SourceReport::from(&diagnostic.source),
            line: diagnostic.place.map(|place| place.line),
            column: diagnostic.place.map(|place| place.col),
            length: diagnostic.place.map(|place| place.len),
            excerpt: diagnostic.excerpt.as_ref().map(Excerpt::text),
            message: &diagnostic.message,
            hint: diagnostic.hint.as_deref(),
        }
    }
}

impl From<&Source> for SourceReport {
    fn from(source: &Source) -> Self {
        let (kind, name) = match source {
            Source::File(path) => (SourceKind::File, Some(path.to_string_lossy().into_owned())),
            Source::BuiltIn(name) => (SourceKind::BuiltIn, Some((*name).to_owned())),
            Source::Variable(name) => (SourceKind::Variable, Some(name.clone())),
            Source::Flag(flag) => (SourceKind::Flag, Some(flag.clone())),
            Source::Environment => (SourceKind::Environment, None),
            Source::Unsaid => (SourceKind::Missing, None),
            Source::Upstream(address) => (SourceKind::Upstream, Some(address.clone())),
        };
        Self { kind, name }
    }
}
