//! Where a value came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, as it was written.
    Flag(String),
    /// The environment of the process.
    Environment,
    /// The `.env` file.
    EnvFile {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 is the file as a whole.
        line: usize,
    },
    /// The front matter of a prompt file.
    FrontMatter {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => out.write_str(flag),
            Self::Environment => out.write_str("environment"),
            Self::EnvFile { path, line: 0 } => write!(out, "{}", path.display()),
            Self::EnvFile { path, line } | Self::FrontMatter { path, line } => {
                write!(out, "{}:{line}", path.display())
            }
            Self::Default => out.write_str("default"),
        }
    }
}
