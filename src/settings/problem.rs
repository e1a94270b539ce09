//! What is wrong with the settings, and what is only worth a word. Printing is not done here.

use std::ffi::OsStr;
use std::fmt;

use super::{FrontMatterKey, Kind, Origin, Settings, table};
use crate::diagnostic::{Diagnostic, Place, Severity, Source};
use crate::excerpt::Excerpt;
use crate::rule::Rule;

/// Stands for a value that must not be shown.
pub(super) const HIDDEN: &str = "[hidden]";

/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 80;

/// Something that must be put right before the program can run, or that its user will want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which rule is broken.
    pub rule: Rule,
    /// Whether the program can run nevertheless.
    pub severity: Severity,
    /// The variable; `None` if the problem is with a file.
    pub variable: Option<String>,
    /// The value as written, fit to be shown: secrets are masked. `None` if there is none.
    pub value: Option<String>,
    /// Where the value, or the variable, came from.
    pub origin: Origin,
    /// Where in its file it stands; `None` if it isn't from a file, or is about the whole of it.
    pub spot: Option<Spot>,
    /// What is wrong, or what is allowed: `must be a whole number from 1 to 10`.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The place.
    pub place: Place,
    /// The line there, fit to be shown.
    pub line: String,
}

impl Problem {
    /// As severe as the rule usually is, about that variable.
    pub(super) fn new(rule: Rule, variable: &str, origin: Origin, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            variable: Some(variable.to_owned()),
            value: None,
            origin,
            spot: None,
            message: message.into(),
            hint: None,
        }
    }

    /// About its value, fit to be shown.
    pub(super) fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    /// With what to do about it.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn is_about(&self, is_it: impl Fn(&Kind) -> bool) -> bool {
        let variable = self.variable.as_deref().and_then(table::find);
        variable.is_some_and(|variable| is_it(&variable.kind))
    }

    /// Whether its user has typed a flag, and perhaps knows no variable that it stands for.
    fn variable_goes_unsaid(&self) -> bool {
        matches!(self.origin, Origin::Flag(_)) && self.value.is_some() && self.is_about(|_| true)
    }

    /// What is wrong with the value, in words that don't name the variable.
    fn about_value(&self) -> String {
        let message = &self.message;
        // What is wrong is in the file then.
        let is_file = self.is_about(Kind::is_file_of_keys);
        match self.value.as_deref().filter(|value| *value != HIDDEN) {
            Some(value) if is_file => format!("`{value}`: {message}"),
            Some(value) => format!("`{value}` {message}"),
            None if is_file => message.clone(),
            None => format!("the value {message}"),
        }
    }

    /// Whether the program can't run with it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    /// One line, without the hint.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variable, value, origin, message, .. } = self;
        match (variable, value, origin) {
            _ if self.variable_goes_unsaid() => write!(out, "{origin}: {}", self.about_value()),
            (Some(variable), Some(value), _) => write!(out, "{variable}={value} ({origin}): {message}"),
            (Some(variable), None, Origin::Default) => write!(out, "{variable}: {message}"),
            (Some(variable), None, _) => write!(out, "{variable} ({origin}): {message}"),
            (None, _, Origin::Default) => out.write_str(message),
            (None, ..) => write!(out, "{origin}: {message}"),
        }
    }
}

impl From<&Problem> for Diagnostic {
    fn from(problem: &Problem) -> Self {
        let Problem { rule, severity, variable, value, origin, spot, message, hint } = problem;
        let (source, line) = match origin {
            Origin::Flag(flag) => (Source::Flag(flag.clone()), None),
            Origin::Environment => (Source::Environment, None),
            Origin::EnvFile { path, line } | Origin::FrontMatter { path, line } => {
                (Source::File(path.clone()), u32::try_from(*line).ok().filter(|line| *line > 0))
            }
            Origin::Default => (Source::Unsaid, None),
        };
        let place = spot.as_ref().map(|spot| spot.place);
        let message = match (variable, value, origin) {
            (None, ..) => message.clone(),
            // Nobody wrote the variable.
            (Some(variable), _, Origin::FrontMatter { .. }) => {
                let key = FrontMatterKey::ALL.into_iter().find(|key| key.is_last_of(variable));
                format!("`{}` {message}", key.map_or(variable.as_str(), |key| key.as_str()))
            }
            // Nor here.
            _ if problem.variable_goes_unsaid() => problem.about_value(),
            (Some(variable), Some(value), _) => format!("{variable}={value}: {message}"),
            (Some(variable), None, _) => format!("{variable}: {message}"),
        };
        Self {
            rule: *rule,
            severity: *severity,
            source,
            place: place.or(line.map(|line| Place { line, col: 1, len: 0 })),
            excerpt: spot.as_ref().map(|spot| Excerpt::of(&spot.line, spot.place)),
            message,
            hint: hint.clone(),
        }
    }
}

/// All errors in the settings; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The settings and their warnings, or the errors if there are any.
    pub(super) fn sift(
        (settings, problems): (Settings, Vec<Problem>),
    ) -> Result<(Settings, Vec<Problem>), Self> {
        let (errors, warnings): (Vec<_>, Vec<_>) = problems.into_iter().partition(Problem::is_error);
        if errors.is_empty() { Ok((settings, warnings)) } else { Err(Self(errors)) }
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether every one of them was typed as a flag, so that it is a mistake in the use of the
    /// program rather than in its configuration. A file of keys is configuration, whoever named it.
    #[must_use]
    pub fn are_all_flags(&self) -> bool {
        let is_about_keys = |problem: &Problem| problem.is_about(Kind::is_file_of_keys);
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
