//! Remembers every request that a simulator has seen and what became of it, for tests to ask.
//!
//! The only clock here is tokio's.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::cache::PromptTokens;
use super::{Fault, SimulatorConfig, Step};

/// Every request that a simulator has seen, in the order of their arrival; the calls within a batch when they
/// are made.
#[derive(Debug)]
pub struct SimulatorLog {
    started_at: Instant,
    capacity: usize,
    entries: watch::Sender<Vec<LogEntry>>,
    on_end: Option<tokio::sync::mpsc::UnboundedSender<LogEntry>>,
}

/// The method that stands in the log for a call within a batch.
pub const BATCHED: &str = "BATCHED";

/// One request, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    /// Its place among all requests, from 1. The answer's `request-id` holds the same number.
    pub sequence: u64,
    /// The method, such as `POST`; [`BATCHED`] for a call within a batch.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The client's `x-request-id`.
    pub x_request_id: Option<String>,
    /// The header by which the client says where in a trace its request stands.
    pub traceparent: Option<String>,
    /// The client's `anthropic-version`.
    pub anthropic_version: Option<String>,
    /// In which header the client put its key, or keys. Their values are never kept.
    pub credential: Option<Credential>,
    /// The body; `null` until it has been read, and if it isn't JSON.
    pub body: Arc<Value>,
    /// The step that was recognised.
    pub step: Option<Step>,
    /// The part of the answer that the call is for, from 1, where process is divided.
    pub part: Option<u32>,
    /// The batch that the call came in, if it did. No connection carried it, so that nothing is known here of
    /// headers; its status is the one that it would have had alone.
    pub batch: Option<BatchedCall>,
    /// The model, as the client names it.
    pub model: Option<String>,
    /// What was made to go wrong.
    pub fault: Option<Fault>,
    /// The text of the reply that was made, of which a fault of the transport may have kept the end back; none
    /// of a reply that has no text, or one of more than 16 KiB.
    pub reply: Option<Arc<str>>,
    /// The status of the answer, from when its head was handed to the connection.
    pub status: Option<u16>,
    /// What was used.
    pub ledger: Ledger,
    /// When the request's head had been read.
    pub started_at: Instant,
    /// When the exchange was over, in whichever way.
    pub ended_at: Option<Instant>,
    /// How it ended; `None` while it goes on.
    pub end: Option<End>,
}

/// Where a call within a batch came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchedCall {
    /// The batch's id.
    pub batch_id: String,
    /// The client's own name for the call.
    pub custom_id: String,
}

/// The headers that a key was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// `x-api-key`.
    XApiKey,
    /// `authorization: Bearer`.
    Bearer,
    /// Both of them.
    Both,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The whole answer was handed to the connection.
    Completed,
    /// The client went away first.
    ClientLeft {
        /// When that was noticed.
        at: Instant,
        /// How far the answer had come.
        phase: Phase,
        /// Bytes of the answer's body that had been handed to the connection.
        bytes_sent: u64,
    },
    /// A fault broke the answer off.
    AbortedByFault,
    /// The simulator was dropped first.
    Stopped,
}

/// How far an answer had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its head hadn't been handed to the connection.
    BeforeHead,
    /// Its head had, and its body not wholly.
    MidReply,
}

/// The tokens that a call used, by the simulator's own count. All zero for an answer that is an
/// HTTP error, and for a call that ended before its reply was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Of the prompt, neither read from the cache nor written to it.
    pub input_tokens: u64,
    /// Of the reply, thinking included; what had been made by then, for a client that left.
    pub output_tokens: u64,
    /// Of the prompt, read from the cache.
    pub cache_read_tokens: u64,
    /// Of the prompt, written to the cache.
    pub cache_write_tokens: u64,
}

impl Ledger {
    /// Of a reply that hasn't been begun.
    pub(super) fn of_prompt(prompt: PromptTokens) -> Self {
        Self {
            input_tokens: prompt.uncached,
            output_tokens: 0,
            cache_read_tokens: prompt.read,
            cache_write_tokens: prompt.written_5m + prompt.written_1h,
        }
    }
}

impl LogEntry {
    /// For a request of that number that has just come in, of which no more is known.
    pub(super) fn new(sequence: u64, method: &str, path: &str) -> Self {
        Self {
            sequence,
            method: method.to_owned(),
            path: path.to_owned(),
            x_request_id: None,
            traceparent: None,
            anthropic_version: None,
            credential: None,
            body: Arc::new(Value::Null),
            step: None,
            part: None,
            batch: None,
            model: None,
            fault: None,
            reply: None,
            status: None,
            ledger: Ledger::default(),
            started_at: Instant::now(),
            ended_at: None,
            end: None,
        }
    }
}

impl SimulatorLog {
    pub(super) fn new(config: &SimulatorConfig) -> Self {
        Self {
            started_at: Instant::now(),
            capacity: config.log_capacity.max(1),
            entries: watch::Sender::default(),
            on_end: config.on_end.clone(),
        }
    }

    /// When the simulator was started.
    #[must_use]
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// All entries, as they are now.
    #[must_use]
    pub fn entries(&self) -> Vec<LogEntry> {
        self.entries.borrow().clone()
    }

    /// Waits until `predicate` holds for the entries, and returns those.
    pub async fn wait_for(&self, mut predicate: impl FnMut(&[LogEntry]) -> bool) -> Vec<LogEntry> {
        let mut changes = self.entries.subscribe();
        match changes.wait_for(|entries| predicate(entries)).await {
            Ok(entries) => entries.clone(),
            // Only if the sender is gone, which `self` holds.
            Err(_) => self.entries(),
        }
    }

    /// Waits until that many requests have ended, and returns the entries.
    pub async fn wait_until_ended(&self, requests: usize) -> Vec<LogEntry> {
        let ended = |entries: &[LogEntry]| entries.iter().filter(|entry| entry.end.is_some()).count();
        self.wait_for(|entries| ended(entries) >= requests).await
    }

    /// Adds the entry that `make` makes for the next sequence number, and returns that number.
    pub(super) fn open(&self, make: impl FnOnce(u64) -> LogEntry) -> u64 {
        let mut sequence = 1;
        self.entries.send_modify(|entries| {
            sequence = entries.last().map_or(1, |last| last.sequence + 1);
            entries.push(make(sequence));
            // Twice the capacity, so that the moving of what stays is rare.
            if entries.len() > self.capacity.saturating_mul(2) {
                entries.drain(..entries.len() - self.capacity);
            }
        });
        sequence
    }

    /// Changes the entry of that number, unless it has been forgotten.
    pub(super) fn amend(&self, sequence: u64, change: impl FnOnce(&mut LogEntry)) {
        self.entries.send_modify(|entries| {
            let at = entries.binary_search_by_key(&sequence, |entry| entry.sequence);
            let Some(entry) = at.ok().and_then(|at| entries.get_mut(at)) else { return };
            let was_open = entry.end.is_none();
            change(entry);
            if let Some(on_end) = self.on_end.as_ref().filter(|_| was_open && entry.end.is_some()) {
                // A reader that has gone wants no more.
                drop(on_end.send(entry.clone()));
            }
        });
    }
}
