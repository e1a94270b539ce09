//! What `validate` found, as text: for people, for programs, and in the formats of those who show the
//! problems of a build.
//!
//! Pure functions from diagnostics to text. Which diagnostics there are, how severe each is and in which
//! order they come is settled before.

mod github;
mod json;
mod junit;
mod sarif;
mod snippet;
mod source_name;
mod summary;
mod text;

#[cfg(test)]
pub(super) mod tests;

use std::io;

use super::look::Look;
use crate::diagnostic::{Diagnostic, Source};

pub use self::summary::summary;

/// What was checked, and what was found.
#[derive(Debug, Clone, Default)]
pub struct ValidationReport {
    /// What was found, with its final severities, in the order in which it is to be shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The prompts that were checked, each once, whether or not something was found: files and built-in ones.
    pub prompts: Vec<Source>,
    /// Whether the settings were checked too.
    pub settings: bool,
}

impl ValidationReport {
    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
    }

    /// How many warnings there are.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.diagnostics.len() - self.errors()
    }
}

/// How what was found is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people: the place, the line with what is meant underlined, and a hint.
    Text,
    /// One versioned object.
    Json,
    /// Commands of a GitHub workflow, which become annotations.
    Github,
    /// A SARIF 2.1.0 log, for code scanning.
    Sarif,
    /// `JUnit` XML, for whoever shows the results of tests.
    Junit,
}

/// The report in that format: nothing, where there is nothing to tell people of. Only text has colours, and only if `color` says so.
///
/// # Errors
/// If a document can't be written: none of these can fail.
pub fn render(report: &ValidationReport, format: ReportFormat, color: bool) -> io::Result<String> {
    match format {
        ReportFormat::Text => Ok(text::render(report, Look::terminal(color))),
        ReportFormat::Json => json::render(report),
        ReportFormat::Github => Ok(github::render(report)),
        ReportFormat::Sarif => sarif::render(report),
        ReportFormat::Junit => junit::render(report),
    }
}
