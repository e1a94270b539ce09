//! The levels of log lines, and what makes an event of which level.

use std::str::FromStr;

use thiserror::Error;
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// How grave a log line is, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// For those who look for a fault.
    Debug,
    /// What happens in normal operation.
    #[default]
    Info,
    /// Something was refused or had to be tried again.
    Warning,
    /// An operation failed.
    Error,
    /// The program can't do its work.
    Critical,
}

/// A name that is none of those allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` is none of {allowed}")]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// Those allowed, in one string for people.
    pub allowed: &'static str,
}

impl LogLevel {
    /// All levels, from least to most grave.
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// What logs and settings call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }

    /// The level of an event that isn't marked as critical.
    pub(super) fn of(level: Level) -> Self {
        match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warning,
            Level::INFO => Self::Info,
            // The contract knows nothing finer than DEBUG.
            Level::DEBUG | Level::TRACE => Self::Debug,
        }
    }

    /// The finest level of `tracing` that can be written at this one.
    pub(super) fn finest(self) -> LevelFilter {
        match self {
            Self::Debug => LevelFilter::TRACE,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error | Self::Critical => LevelFilter::ERROR,
        }
    }
}

/// Reads the name in upper or lower case.
impl FromStr for LogLevel {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            UnknownName { name: name.to_owned(), allowed: "DEBUG, INFO, WARNING, ERROR, CRITICAL" }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_name_and_ordered_by_gravity() {
        assert_eq!("warning".parse(), Ok(LogLevel::Warning));
        assert!(LogLevel::ALL.is_sorted());
        assert!(LogLevel::ALL.iter().all(|level| level.name().parse() == Ok(*level)));
        let refused = "WARN".parse::<LogLevel>().unwrap_err();
        assert_eq!(refused.to_string(), "`WARN` is none of DEBUG, INFO, WARNING, ERROR, CRITICAL");
    }
}
