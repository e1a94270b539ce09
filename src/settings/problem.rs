//! What is wrong with the settings, and what is only worth a word. Printing is not done here.

use std::ffi::OsStr;
use std::fmt;

use super::{Origin, table};

/// Stands for a value that must not be shown.
pub(super) const HIDDEN: &str = "[hidden]";

/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 80;

/// Something that must be put right before the program can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable; `None` if the problem is with a file.
    pub variable: Option<String>,
    /// The value as written, fit to be shown: secrets are masked. `None` if there is none.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// What is wrong, or what is allowed: `must be a whole number from 1 to 10`.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    /// One line, without the hint.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, value, origin, message, .. } = self;
        match (variable, value) {
            (Some(variable), Some(value)) => write!(out, "{variable}={value} ({origin}): {message}"),
            (Some(variable), None) => write!(out, "{variable}: {message}"),
            (None, _) => write!(out, "{origin}: {message}"),
        }
    }
}

/// All problems of the settings; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `None` if there are none.
    pub(super) fn new(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether every one of them was typed as a flag, so that it is a mistake in the use of the
    /// program rather than in its configuration. A file of keys is configuration, whoever named it.
    #[must_use]
    pub fn are_all_flags(&self) -> bool {
        let is_about_keys = |problem: &Problem| {
            let variable = problem.variable.as_deref().and_then(table::find);
            variable.is_some_and(|variable| variable.kind.is_file_of_keys())
        };
        self.iter().all(|problem| matches!(problem.origin, Origin::Flag(_)) && !is_about_keys(problem))
    }
}

impl fmt::Display for Problems {
    /// One line a problem, with the hint on a line below it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.iter().enumerate() {
            if number > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{problem}")?;
            if let Some(hint) = &problem.hint {
                write!(out, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Something that doesn't hinder the program, but that its user will want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is, with where it was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Warning {
    /// One line, without the hint.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

/// `value` as it can be shown on a terminal: on one line, shortened, and without control
/// characters, which a file out of a stranger's folder could use to forge output.
pub(super) fn printable(value: &OsStr) -> String {
    let text = value.to_string_lossy();
    let mut printable: String = text.chars().take(SHOWN_CHARS).flat_map(escaped).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        printable.push('…');
    }
    printable
}

fn escaped(char: char) -> impl Iterator<Item = char> {
    let escape = char.is_control().then(|| char.escape_default());
    let plain = escape.is_none().then_some(char);
    escape.into_iter().flatten().chain(plain)
}
