//! The three steps' names and what goes by them.

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

    /// The phase whose time limit the step shares.
    #[must_use]
    pub fn phase(self) -> Phase {
        match self {
            Self::Analyze | Self::Process => Phase::WorkerCoordination,
            Self::Synthesize => Phase::Synthesis,
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

/// A part of the run with a time limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Analyze and process.
    WorkerCoordination,
    /// Synthesize and the streaming of its text.
    Synthesis,
}

impl Phase {
    /// `worker coordination`, `synthesis`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkerCoordination => "worker coordination",
            Self::Synthesis => "synthesis",
        }
    }
}

/// Something that each step has one of.
#[derive(Debug, Clone, PartialEq, Default)]
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
}
