//! The names of the three steps, as variables and flags spell them.

use std::fmt;

/// One of the three steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The first: intent, entities, complexity.
    Analyze,
    /// The second: content and confidence.
    Process,
    /// The third: the final text.
    Synthesize,
}

impl StepName {
    /// All of them, in the order they run.
    pub const ALL: [Self; 3] = [Self::Analyze, Self::Process, Self::Synthesize];

    /// The name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::Process => "process",
            Self::Synthesize => "synthesize",
        }
    }

    /// The step of that name, in lower case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// What the names of this step's variables begin with.
    pub(super) fn variable_prefix(self) -> &'static str {
        match self {
            Self::Analyze => "CHAIN_ANALYZE_",
            Self::Process => "CHAIN_PROCESS_",
            Self::Synthesize => "CHAIN_SYNTHESIZE_",
        }
    }

    /// This step's variable for `key`, such as `max_tokens`; whether it exists is another question.
    pub(super) fn variable_name(self, key: &str) -> String {
        format!("{}{}", self.variable_prefix(), key.to_ascii_uppercase())
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
