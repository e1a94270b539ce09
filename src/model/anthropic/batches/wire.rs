//! What the Message Batches API sends. How far a batch is, and which request a result belongs to, must be
//! readable, because the caller's money depends on it; what is only good to know counts as not given when it
//! isn't what it should be.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::anthropic::error_text::{ErrorText, MAX_WORD_CHARS};
use crate::model::anthropic::lenient::{count, read_alone};
use crate::model::anthropic::stream::events_of_message;
use crate::model::anthropic::wire::ApiError;
use crate::model::{
    Batch, BatchCounts, BatchOutcome, BatchPage, BatchResult, BatchStatus, CallError, CallErrorKind,
};

/// The most characters of a request's name.
pub(super) const MAX_CUSTOM_ID: usize = 64;
/// The most characters of a batch's id; the API's own have about 40.
const MAX_BATCH_ID: usize = 100;
/// The most requests that a batch is believed to have, ten times what the API takes.
const MOST_REQUESTS: u64 = 1_000_000;

/// Whether `name` is 1 to `max` of the characters that names and ids consist of. They can stand in a URL and
/// on a terminal as they are.
pub(super) fn is_name(name: &str, max: usize) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=max).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Whether `id` can be a batch's.
pub(super) fn is_batch_id(id: &str) -> bool {
    is_name(id, MAX_BATCH_ID)
}

#[derive(Deserialize)]
struct WireBatch<'a> {
    id: String,
    processing_status: String,
    #[serde(borrow)]
    request_counts: WireCounts<'a>,
    #[serde(borrow)]
    created_at: Option<&'a RawValue>,
    #[serde(borrow)]
    expires_at: Option<&'a RawValue>,
    #[serde(borrow)]
    ended_at: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct WireCounts<'a> {
    #[serde(borrow)]
    processing: &'a RawValue,
    #[serde(borrow)]
    succeeded: &'a RawValue,
    #[serde(borrow)]
    errored: &'a RawValue,
    #[serde(borrow)]
    canceled: &'a RawValue,
    #[serde(borrow)]
    expired: &'a RawValue,
}

#[derive(Deserialize)]
struct WirePage<'a> {
    #[serde(borrow)]
    data: Vec<WireBatch<'a>>,
    #[serde(default)]
    has_more: bool,
    last_id: Option<String>,
}

#[derive(Deserialize)]
struct WireResult<'a> {
    custom_id: String,
    #[serde(borrow)]
    result: WireOutcome<'a>,
}

#[derive(Deserialize)]
struct WireOutcome<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Reads a batch object.
pub(super) fn batch(json: &[u8], texts: &ErrorText) -> Result<Batch, CallError> {
    let batch: WireBatch<'_> =
        serde_json::from_slice(json).map_err(|error| not_readable("a batch", &error))?;
    batch.meaning(texts)
}

/// Reads a page of a list that was asked for what comes after the batch of the id `after`.
pub(super) fn page(json: &[u8], after: Option<&str>, texts: &ErrorText) -> Result<BatchPage, CallError> {
    let page: WirePage<'_> =
        serde_json::from_slice(json).map_err(|error| not_readable("a list of batches", &error))?;
    let next = match page.last_id.filter(|_| page.has_more) {
        Some(id) if is_batch_id(&id) && Some(id.as_str()) != after => Some(id),
        None if !page.has_more => None,
        _ => return Err(wrong("a list of batches has more, and doesn't say where")),
    };
    let batches = page.data.into_iter().map(|batch| batch.meaning(texts)).collect::<Result<_, _>>()?;
    Ok(BatchPage { batches, next })
}

impl WireBatch<'_> {
    fn meaning(self, texts: &ErrorText) -> Result<Batch, CallError> {
        if !is_batch_id(&self.id) || texts.clean(&self.id, MAX_BATCH_ID) != self.id {
            return Err(wrong("a batch's id isn't of the form that ids have"));
        }
        let counts = self.request_counts.meaning();
        let counts = counts.filter(|counts| counts.requests() <= MOST_REQUESTS);
        let time = |value: Option<&RawValue>| -> Option<Timestamp> { read_alone(value) };
        Ok(Batch {
            id: self.id,
            status: match self.processing_status.as_str() {
                "in_progress" => BatchStatus::InProgress,
                "canceling" => BatchStatus::Canceling,
                "ended" => BatchStatus::Ended,
                other => BatchStatus::Other(texts.clean(other, MAX_WORD_CHARS)),
            },
            counts: counts.ok_or_else(|| wrong("a batch's request_counts can't be true"))?,
            created_at: time(self.created_at),
            expires_at: time(self.expires_at),
            ended_at: time(self.ended_at),
        })
    }
}

impl WireCounts<'_> {
    fn meaning(&self) -> Option<BatchCounts> {
        Some(BatchCounts {
            processing: count(Some(self.processing))?,
            succeeded: count(Some(self.succeeded))?,
            errored: count(Some(self.errored))?,
            canceled: count(Some(self.canceled))?,
            expired: count(Some(self.expired))?,
        })
    }
}

/// Reads a line of a batch's results.
pub(super) fn result(line: &[u8], texts: &ErrorText) -> Result<BatchResult, CallError> {
    let read: WireResult<'_> =
        serde_json::from_slice(line).map_err(|error| not_readable("a result", &error))?;
    if !is_name(&read.custom_id, MAX_CUSTOM_ID)
        || texts.clean(&read.custom_id, MAX_CUSTOM_ID) != read.custom_id
    {
        return Err(wrong("a result's custom_id isn't of the form that such names have"));
    }
    Ok(BatchResult { custom_id: read.custom_id, outcome: read.result.meaning(texts) })
}

impl WireOutcome<'_> {
    fn meaning(&self, texts: &ErrorText) -> BatchOutcome {
        match self.kind.as_str() {
            "succeeded" => {
                let message = self.message.map_or("null", RawValue::get);
                match events_of_message(message.as_bytes()) {
                    Ok(events) => {
                        let events = events.into_iter().map(|event| texts.clean_event(event));
                        BatchOutcome::Replied(events.collect())
                    }
                    Err(error) => BatchOutcome::Failed(texts.clean_error(error)),
                }
            }
            "errored" => BatchOutcome::Failed(texts.clean_error(self.failure())),
            "canceled" => BatchOutcome::Canceled,
            "expired" => BatchOutcome::Expired,
            other => BatchOutcome::Other(texts.clean(other, MAX_WORD_CHARS)),
        }
    }

    /// The API's error response, or its error object alone.
    fn failure(&self) -> CallError {
        let of = |said: &RawValue| ApiError::of(said.get().as_bytes()).or_else(|| ApiError::of_object(said));
        match self.error.and_then(of) {
            Some(ApiError { error_type, message, request_id }) => {
                CallError { request_id, ..CallError::of_type(error_type, message) }
            }
            None => CallError::of_type(None, "no reason given".to_owned()),
        }
    }
}

/// What isn't JSON, or isn't of the shape it should have. The error's own words may quote what came, which
/// doesn't belong in an error.
fn not_readable(what: &str, error: &serde_json::Error) -> CallError {
    if error.is_eof() {
        return CallErrorKind::Truncated.into();
    }
    let how = if error.is_data() { "of the shape it should have" } else { "JSON" };
    wrong(&format!("{what} isn't {how}"))
}

pub(super) fn wrong(what: &str) -> CallError {
    CallErrorKind::Malformed(what.to_owned()).into()
}
