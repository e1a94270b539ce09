//! The journal's lines: what is written, and as much of it as is read again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::chain::PerStep;
use crate::report::SavedSpend;
use crate::report::wire::SpendReport;

/// The word by which a journal is told from other files.
pub(super) const KIND: &str = "promptchain-journal";
/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) kind: String,
    pub(super) version: u32,
    /// Whether the replies come from the simulator.
    pub(super) simulated: bool,
    /// Whether steps are run as batches upstream, which go on while nobody waits for them.
    pub(super) message_batches: bool,
    /// The hash of each step's prompt, and its model, in the order in which the steps run.
    pub(super) prompts: [String; 3],
    pub(super) models: [String; 3],
}

/// What kind of batch it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands::batch) struct Kind {
    /// Whether the replies come from the simulator.
    pub(in crate::commands::batch) simulated: bool,
    /// Whether steps are run as batches upstream.
    pub(in crate::commands::batch) message_batches: bool,
}

impl Header {
    pub(super) fn new(kind: Kind, prompts: PerStep<String>, models: PerStep<String>) -> Self {
        let (prompts, models) = (prompts.into_array(), models.into_array());
        let Kind { simulated, message_batches } = kind;
        Self { kind: KIND.to_owned(), version: VERSION, simulated, message_batches, prompts, models }
    }
}

/// What happened to a line of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Happened {
    /// Its run is about to begin: something may be spent of which nobody hears.
    Begun,
    /// A step of it has finished.
    Step,
    /// Its run was ended from outside, with everything counted that can be.
    Stopped,
    /// Its run has ended well.
    Done,
    /// Its run has failed.
    Failed,
}

/// A line about a line of the input.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) line: u64,
    /// By which the line is known again.
    pub(super) hash: &'a str,
    pub(super) happened: Happened,
    /// What has been spent on the line by now, in all.
    pub(super) spend: SpendReport,
    /// The step that has finished, as in a state file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<&'a RawValue>,
    /// The result, as it is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<&'a RawValue>,
}

/// A line about a batch upstream.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "batch", rename_all = "snake_case")]
pub(super) enum BatchRecord {
    /// It is about to be created.
    Intended {
        at: Timestamp,
        /// The names of the requests in it.
        names: Vec<String>,
    },
    /// The one that was intended at that time has been created.
    Created { id: String, at: Timestamp },
    /// What its results have led to is kept.
    Settled { id: String },
}

/// As much of a record as tells what it is about. The rest is passed over, however deep it nests.
#[derive(Debug, Deserialize)]
pub(super) struct Subject {
    #[serde(default)]
    pub(super) batch: Option<String>,
}

/// As much of a record about a line as an index is made of.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) line: u64,
    pub(super) happened: Happened,
    pub(super) spend: SavedSpend,
}

/// What a record holds.
#[derive(Debug, Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) hash: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    pub(super) step: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
}
