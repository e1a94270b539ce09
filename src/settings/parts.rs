//! The parts of [`Settings`](super::Settings): plain values, each already within its range. What
//! the ranges are stands in the table, not here.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{Credential, Problem, credentials};
use crate::step::PerStep;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSettings {
    /// The model's id or alias.
    pub model: String,
    /// The most tokens its reply may have.
    pub max_tokens: u32,
    /// Sampling temperature, 0.0–1.0.
    pub temperature: f64,
    /// Whether somebody asked for that temperature, rather than that it is the default.
    pub temperature_is_explicit: bool,
    /// The time for the whole step, all its attempts included.
    pub timeout: Duration,
}

/// Whether process is divided, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workers {
    /// The most calls at a time; 1 for one call.
    pub max: u32,
    /// The least complexity that is divided.
    pub from: LeastComplexity,
}

/// How hard a request must be for it to be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeastComplexity {
    /// Any.
    Simple,
    /// Several points.
    Moderate,
    /// Several subjects, or long.
    Complex,
}

/// Where the prompts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptLocation {
    /// The folder whose files replace the built-in prompts; `None` for the built-in ones alone.
    pub dir: Option<PathBuf>,
    /// The file names of the steps' prompts in that folder.
    pub names: PerStep<String>,
    /// The file name of the prompt for a part of process.
    pub worker_name: String,
}

/// What bounds the two phases of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time for analyze and process together.
    pub worker_coordination: Duration,
    /// The time for synthesize, its streaming included.
    pub synthesis: Duration,
}

/// What the gates demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gates {
    /// Whether the business rules are checked; replies are decoded in any case.
    pub enabled: bool,
    /// Whether a failing gate ends the run, rather than being warned of.
    pub strict: bool,
    /// The least confidence that passes, 0.0–1.0.
    pub min_confidence: f64,
    /// How many further calls of the same step may repair what a gate found, 0–3.
    pub repair_attempts: u32,
}

/// How often and when a failed call is tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub max_attempts: u32,
    /// What the waits of 1, 2, 4, 8 … seconds are multiplied by.
    pub multiplier: f64,
    /// The longest wait.
    pub max_wait: Duration,
}

/// When an unwell upstream is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Whether there is a circuit breaker at all.
    pub enabled: bool,
    /// The consecutive failed calls that open the circuit.
    pub failure_threshold: u32,
    /// How long it stays open before it is probed.
    pub timeout: Duration,
    /// Probes allowed at the same time, and successes needed to close it.
    pub half_open_attempts: u32,
}

/// Whom we call, and as whom.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Where the Messages API is: http or https, a host, perhaps a path; no user name, query or
    /// fragment. The path may or may not end in a slash.
    pub base_url: Url,
    /// The `anthropic-version` header, a date.
    pub version: String,
    /// What we identify ourselves with, if there is something.
    pub credential: Option<Credential>,
}

impl Upstream {
    /// Whether the upstream is Anthropic's own API, rather than a server that speaks like it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        credentials::is_default_origin(&self.base_url)
    }

    /// Checks that there is a credential where one is needed: Anthropic's own API needs one, other
    /// upstreams may do without. Not part of [`Settings::resolve`](super::Settings::resolve),
    /// because nothing is needed by a command that calls nobody.
    ///
    /// # Errors
    /// If one is needed and there is none.
    pub fn check_credential(&self) -> Result<(), Problem> {
        if self.credential.is_some() || !self.is_default() {
            return Ok(());
        }
        Err(credentials::missing())
    }
}

/// How a reply is streamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// The longest silence before the first content event and between two of them.
    pub timeout: Duration,
    /// Characters gathered before a chunk leaves; 0 for none.
    pub chunk_buffer: u32,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The least level that is logged.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
    /// Whether prompts and replies are logged, at [`LogLevel::Debug`].
    pub content: bool,
}

/// How much a log line matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For whoever looks for a fault.
    Debug,
    /// What happened.
    Info,
    /// What may need attention.
    Warning,
    /// An operation failed.
    Error,
    /// The program can't go on.
    Critical,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object.
    Json,
    /// Text for people.
    Standard,
}

/// How the JSON of a reply is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StructuredOutput {
    /// By the API's parameter, or by the prompt if the upstream refuses that.
    Auto,
    /// By the API's parameter.
    Native,
    /// By the prompt.
    Prompt,
}

/// Whether models may think before they answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThinkingMode {
    /// As little as the model allows.
    Off,
    /// As the model sees fit.
    Auto,
}
