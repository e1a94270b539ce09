//! What a prompt file's front matter says about its step. Finding and reading those files is not
//! done here.

use std::path::PathBuf;

use super::problem::HIDDEN;
use super::variable::name_for_step;
use super::{Origin, Spot};
use crate::step::StepName;

/// A setting in a prompt file's front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontMatterValue {
    /// The step that the prompt is for.
    pub step: StepName,
    /// What is set.
    pub key: FrontMatterKey,
    /// The value as written.
    pub value: String,
    /// The prompt file.
    pub path: PathBuf,
    /// Where in it the value stands.
    pub spot: Spot,
}

impl FrontMatterValue {
    /// The variable that it is the front matter's word on.
    pub(super) fn variable_name(&self) -> String {
        name_for_step(self.step, self.key.as_str())
    }

    /// Where it stands, with what is `shown` of the value if that isn't all of it.
    pub(super) fn spot_showing(&self, shown: &str) -> Spot {
        let Spot { place, line } = &self.spot;
        let line = if shown == HIDDEN { line.replace(&self.value, shown) } else { line.clone() };
        Spot { place: *place, line }
    }

    pub(super) fn origin(&self) -> Origin {
        let line = usize::try_from(self.spot.place.line).unwrap_or_default();
        Origin::FrontMatter { path: self.path.clone(), line }
    }
}

/// What front matter can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontMatterKey {
    /// The model's id or alias.
    Model,
    /// The most tokens of a reply.
    MaxTokens,
    /// Sampling temperature.
    Temperature,
    /// Seconds for the whole step.
    Timeout,
    /// The most calls of process at a time.
    Workers,
}

impl FrontMatterKey {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Model, Self::MaxTokens, Self::Temperature, Self::Timeout, Self::Workers];

    /// The key as front matter spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::MaxTokens => "max_tokens",
            Self::Temperature => "temperature",
            Self::Timeout => "timeout",
            Self::Workers => "workers",
        }
    }

    /// Whether a step's variable of that name is for this key.
    pub(super) fn is_last_of(self, variable: &str) -> bool {
        variable.to_ascii_lowercase().ends_with(&format!("_{}", self.as_str()))
    }

    /// The key of that spelling.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }
}
