//! What is wrong with a prompt file or a variable, and where. Not how it is shown.

use std::fmt;
use std::path::PathBuf;

use crate::nearest::nearest;

/// Something wrong with a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is wrong with.
    pub origin: Origin,
    /// Where in it; `None` if it is about the whole.
    pub place: Option<Place>,
    /// A name for this kind of problem, in kebab case, that doesn't change between versions.
    pub rule: &'static str,
    /// Whether the prompt can be used nevertheless.
    pub severity: Severity,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do about it, in the same form.
    pub hint: Option<String>,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The prompt of that file name that is part of the program.
    BuiltIn(&'static str),
    /// A file or folder.
    File(PathBuf),
    /// The value given for the variable of that name, outside of any file.
    Variable(String),
}

/// A stretch of one line. Lines end with `\n`, and columns count characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line within the whole file, from 1.
    pub line: u32,
    /// The column of its first character, from 1.
    pub col: u32,
    /// How many characters it has; 0 if it is a point between two.
    pub len: u32,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The prompt can't be used.
    Error,
    /// It can, but it likely doesn't do what its author thinks.
    Warning,
}

impl Problem {
    /// An error about the whole of `origin`.
    pub(super) fn error(origin: Origin, rule: &'static str, message: impl Into<String>) -> Self {
        Self { origin, place: None, rule, severity: Severity::Error, message: message.into(), hint: None }
    }

    /// The same problem, at a place.
    pub(super) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The same problem with a hint.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same problem with a hint, if there is one to give.
    pub(super) fn maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// The same problem as a mere warning.
    pub(super) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}

/// `file:line:col: message [rule]`, without the hint.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if let Some(place) = self.place {
            write!(f, ":{}:{}", place.line, place.col)?;
        }
        write!(f, ": {} [{}]", self.message, self.rule)
    }
}

/// The path as it is, `<built-in NAME>`, or `variable NAME`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name) => write!(f, "<built-in {name}>"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "variable {name}"),
        }
    }
}

/// `did you mean …?`, where there is a guess.
pub(super) fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(|name| format!("did you mean `{name}`?"))
}
