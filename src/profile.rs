//! Sets of models for the three steps, by the words that flags and the API have for them.

use std::str::FromStr;

use crate::step::StepName;

/// A set of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Haiku 5.5 for every step.
    Fast,
    /// Haiku 5.5, Sonnet 5.5 for process.
    Balanced,
    /// Sonnet 5.5 for every step.
    Accurate,
}

impl Profile {
    /// All of them, the fastest first.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Balanced, Self::Accurate];

    /// The model for that step.
    #[must_use]
    pub fn model(self, step: StepName) -> &'static str {
        match (self, step) {
            (Self::Accurate, _) | (Self::Balanced, StepName::Process) => "claude-sonnet-5-5",
            (Self::Fast | Self::Balanced, _) => "claude-haiku-5-5",
        }
    }

    /// `fast`, `balanced`, `accurate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Accurate => "accurate",
        }
    }

    /// The models in a few words.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Fast => "Haiku 5.5 for every step",
            Self::Balanced => "Haiku 5.5, Sonnet 5.5 for process",
            Self::Accurate => "Sonnet 5.5 for every step",
        }
    }
}

impl FromStr for Profile {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word).ok_or(())
    }
}
