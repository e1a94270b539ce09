//! What stands between two steps: findings about a reply, and what is decided on them.

use std::fmt;

use crate::model::StopReason;

/// Something a gate found about a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, in kebab-case: stable, for programs.
    pub rule: &'static str,
    /// What was found, for people and for the model that is asked to put it right.
    pub message: String,
    /// Whether the gate fails for it.
    pub severity: Severity,
}

/// Whether a gate fails for a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It doesn't.
    Warning,
    /// It does.
    Error,
}

impl Finding {
    /// A finding that fails the gate.
    #[must_use]
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), severity: Severity::Error }
    }

    /// A finding that doesn't.
    #[must_use]
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), severity: Severity::Warning }
    }

    /// The field that it is about: the one that its message names first.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.message.split('`').nth(1)
    }

    /// Whether the gate fails for it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a gate found, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What follows.
    pub decision: Decision,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What the upstream says of it, where the model declined to answer.
    pub refusal: Option<Refusal>,
}

/// What the upstream says of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its category, where it names one.
    pub category: Option<String>,
    /// Its explanation, where it gives one.
    pub explanation: Option<String>,
}

impl Refusal {
    /// Of a reply that ended so; `None` if that was no refusal.
    pub(super) fn of(stop: &StopReason) -> Option<Self> {
        match stop {
            StopReason::Refusal { category, explanation } => {
                Some(Self { category: category.clone(), explanation: explanation.clone() })
            }
            _ => None,
        }
    }
}

/// What follows from a gate's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The chain goes on.
    Pass,
    /// The step is asked to put its reply right.
    Repair,
    /// The chain goes on in spite of what was found.
    Warn,
    /// The run fails.
    Reject,
}

impl Decision {
    /// `passed`, `repair`, `warned`, `rejected`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "passed",
            Self::Repair => "repair",
            Self::Warn => "warned",
            Self::Reject => "rejected",
        }
    }

    /// The decision of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pass, Self::Repair, Self::Warn, Self::Reject].into_iter().find(|it| it.as_str() == word)
    }
}
