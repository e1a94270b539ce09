//! The three steps' names, and things of which each step has one: words that every module may use.

use std::fmt;
use std::str::FromStr;

/// A step of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// Finds out what is asked for.
    Analyze,
    /// Drafts the answer.
    Process,
    /// Polishes the draft into the final text.
    Synthesize,
}

impl StepName {
    /// All of them, in the order in which they run.
    pub const ALL: [Self; 3] = [Self::Analyze, Self::Process, Self::Synthesize];

    /// `analyze`, `process`, `synthesize`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::Process => "process",
            Self::Synthesize => "synthesize",
        }
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for StepName {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|step| step.as_str() == name).ok_or(())
    }
}

/// Something that each step has one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerStep<T> {
    /// Analyze's.
    pub analyze: T,
    /// Process's.
    pub process: T,
    /// Synthesize's.
    pub synthesize: T,
}

impl<T> PerStep<T> {
    /// That step's.
    pub fn get(&self, step: StepName) -> &T {
        match step {
            StepName::Analyze => &self.analyze,
            StepName::Process => &self.process,
            StepName::Synthesize => &self.synthesize,
        }
    }

    /// That step's, to change.
    pub fn get_mut(&mut self, step: StepName) -> &mut T {
        match step {
            StepName::Analyze => &mut self.analyze,
            StepName::Process => &mut self.process,
            StepName::Synthesize => &mut self.synthesize,
        }
    }

    /// Each step with its own, in the order in which they run.
    pub fn iter(&self) -> impl Iterator<Item = (StepName, &T)> {
        StepName::ALL.into_iter().map(|step| (step, self.get(step)))
    }

    /// The same for each step, made by `make`.
    pub fn from_fn(mut make: impl FnMut(StepName) -> T) -> Self {
        Self {
            analyze: make(StepName::Analyze),
            process: make(StepName::Process),
            synthesize: make(StepName::Synthesize),
        }
    }

    /// Each step's by reference.
    pub fn as_ref(&self) -> PerStep<&T> {
        PerStep { analyze: &self.analyze, process: &self.process, synthesize: &self.synthesize }
    }

    /// Each step's, changed by `change`, in the order in which they run.
    pub fn map<U>(self, mut change: impl FnMut(StepName, T) -> U) -> PerStep<U> {
        PerStep {
            analyze: change(StepName::Analyze, self.analyze),
            process: change(StepName::Process, self.process),
            synthesize: change(StepName::Synthesize, self.synthesize),
        }
    }

    /// Each step's with that of `other`.
    pub fn zip<U>(self, other: PerStep<U>) -> PerStep<(T, U)> {
        PerStep {
            analyze: (self.analyze, other.analyze),
            process: (self.process, other.process),
            synthesize: (self.synthesize, other.synthesize),
        }
    }

    /// All three, in the order in which they run.
    pub fn into_array(self) -> [T; 3] {
        [self.analyze, self.process, self.synthesize]
    }
}

impl<T> PerStep<Option<T>> {
    /// All three, if none is missing.
    pub fn whole(self) -> Option<PerStep<T>> {
        Some(PerStep { analyze: self.analyze?, process: self.process?, synthesize: self.synthesize? })
    }
}
