//! Something wrong with what the program is given to work with, and where: the words in which settings,
//! prompts and models are found fault with. Not how it is shown.

use std::fmt;
use std::path::PathBuf;

use crate::excerpt::Excerpt;
use crate::rule::Rule;

/// Something wrong, or likely not meant so.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// Which rule it breaks.
    pub rule: Rule,
    /// Whether the program can go on nevertheless.
    pub severity: Severity,
    /// What it is wrong with.
    pub source: Source,
    /// Where in it; `None` if it is about the whole.
    pub place: Option<Place>,
    /// The line at that place, or the part of it round the place, fit to be shown: without secrets. `None` if
    /// it isn't known.
    pub excerpt: Option<Excerpt>,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do about it, in the same form.
    pub hint: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program can't go on with it.
    Error,
    /// It can, but it likely doesn't do what its user thinks.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What something is wrong with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A file or folder.
    File(PathBuf),
    /// The prompt of that file name that is part of the program.
    BuiltIn(&'static str),
    /// The value given by `--var` for the variable of that name.
    Variable(String),
    /// A flag, as it was written.
    Flag(String),
    /// The environment of the process.
    Environment,
    /// Nothing that was said: something is missing.
    Unsaid,
    /// The upstream, at that address.
    Upstream(String),
}

/// A stretch of one line. Lines end with `\n`, and columns count characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line within the whole file, from 1.
    pub line: u32,
    /// The column of its first character, from 1.
    pub col: u32,
    /// How many characters it has; 0 if it is a point between two.
    pub len: u32,
}

impl Diagnostic {
    /// About the whole of `source`, as severe as the rule usually is.
    pub fn new(rule: Rule, source: Source, message: impl Into<String>) -> Self {
        let severity = rule.severity();
        Self { rule, severity, source, place: None, excerpt: None, message: message.into(), hint: None }
    }

    /// The same, at a place in `line`.
    #[must_use]
    pub fn at(self, place: Place, line: &str) -> Self {
        Self { place: Some(place), excerpt: Some(Excerpt::of(line, place)), ..self }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with a hint, if there is one to give.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// Whether the program can't go on with it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `file:line:col: message [rule]`, without the hint.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, self.place) {
            (Source::Unsaid, _) => {}
            (source, None) => write!(f, "{source}: ")?,
            (source, Some(place)) => write!(f, "{source}:{}:{}: ", place.line, place.col)?,
        }
        write!(f, "{} [{}]", self.message, self.rule.name())
    }
}

/// The path as it is, `<built-in NAME>`, `variable NAME`, the flag, `environment` or the address.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::BuiltIn(name) => write!(f, "<built-in {name}>"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(text) | Self::Upstream(text) => f.write_str(text),
            Self::Environment => f.write_str("environment"),
            Self::Unsaid => f.write_str("not set"),
        }
    }
}
