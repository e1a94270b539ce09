//! Flags for running a part of the chain: what to keep of a run, and what to take from an earlier one.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::step::StepName;

/// Flags for running a part of the chain.
#[derive(Debug, Clone, Default, Args)]
pub struct StateArgs {
    /// Write what the run has come to into this file, after each step and at the end
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub save: Option<PathBuf>,
    /// Go on from what --save has written: its prompt, and the steps that it has finished. Stdin isn't read
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["prompt", "files", "messages"],
        help_heading = "State"
    )]
    pub state: Option<PathBuf>,
    /// Run this step again, and those after it [default: the first that --state hasn't finished]
    #[arg(long, value_name = "STEP", value_enum, help_heading = "State")]
    pub from: Option<StepName>,
    /// End after this step, and print what it returned
    #[arg(long, value_name = "STEP", value_enum, help_heading = "State")]
    pub until: Option<StepName>,
}

impl ValueEnum for StepName {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}
