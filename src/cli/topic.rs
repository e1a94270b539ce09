//! What help tells beside the commands.

/// A topic of `promptchain help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What the process's exit code says.
    ExitCodes,
    /// Which variables are read.
    Environment,
}

impl Topic {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::ExitCodes, Self::Environment];

    /// The word after `help`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExitCodes => "exit-codes",
            Self::Environment => "environment",
        }
    }

    /// What it is about, in a line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::ExitCodes => "What each exit code means",
            Self::Environment => "The variables that change what the program does",
        }
    }
}
