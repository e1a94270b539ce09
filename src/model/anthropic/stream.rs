//! The grammar of a reply: the bytes of its body become [`ReplyEvent`]s.
//! It does no I/O.

use std::borrow::Cow;

use serde::Deserialize;

use super::reply_queue::ReplyQueue;
use super::sse::{EventTooLarge, SseEvent, SseParser};
use super::wire::{
    ApiError, ContentBlockDelta, ContentBlockStart, EventType, Message, MessageDelta, MessageHead,
    MessageStart, Piece, Stop,
};
use crate::model::{CallError, CallErrorKind, ReplyEvent};

/// The largest event of a reply that is accepted, in bytes. The API's own are well below a
/// hundredth of it.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// The name of nearly all events.
const DELTA: &str = "content_block_delta";

/// Reads one reply's body into a [`ReplyQueue`].
#[derive(Debug)]
pub enum ReplyDecoder {
    /// A stream of events, as the API sends it.
    Events(SseParser),
    /// A whole message, gathered until it is complete: what some servers answer although a
    /// stream was asked for.
    Whole(Vec<u8>),
}

impl ReplyDecoder {
    /// For a `text/event-stream`.
    #[must_use]
    pub fn events() -> Self {
        Self::Events(SseParser::new(MAX_EVENT_BYTES))
    }

    /// For `application/json`.
    #[must_use]
    pub fn whole() -> Self {
        Self::Whole(Vec::new())
    }

    /// Takes in a piece of the body, cut anywhere. What follows the reply's end is passed over.
    pub fn feed(&mut self, mut bytes: &[u8], reply: &mut ReplyQueue) {
        let parser = match self {
            Self::Events(parser) => parser,
            Self::Whole(body) => return body.extend_from_slice(bytes),
        };
        while reply.end().is_none() {
            match parser.next_event(&mut bytes) {
                Ok(Some(event)) => {
                    if let Err(error) = take_event(event, reply) {
                        reply.fail(error);
                    }
                }
                Ok(None) => break,
                Err(EventTooLarge { limit }) => {
                    reply.fail(CallErrorKind::TooLarge { what: "an event", limit });
                }
            }
        }
    }

    /// The body has ended, which is an error if the reply hasn't.
    pub fn end(&mut self, reply: &mut ReplyQueue) {
        match self {
            _ if reply.end().is_some() => {}
            Self::Events(_) => reply.fail(CallErrorKind::Truncated),
            Self::Whole(body) => {
                if let Err(error) = take_message(body, reply) {
                    reply.fail(error);
                }
            }
        }
    }
}

fn take_event(event: SseEvent<'_>, reply: &mut ReplyQueue) -> Result<(), CallError> {
    let json = event.data.trim_ascii();
    // `[DONE]` closes the streams of another API, and some imitations of this one.
    if json.is_empty() || json == b"[DONE]" {
        return Ok(());
    }
    if let Some(text) = text_delta(json) {
        reply.text(&text);
        return Ok(());
    }
    // Where the name says what it is, one reading is enough.
    if event.name == Some(DELTA.as_bytes())
        && let Ok(ContentBlockDelta { name, delta }) = serde_json::from_slice(json)
        && (name == DELTA || name.is_empty())
    {
        take_piece(delta, reply);
        return Ok(());
    }
    let name = match read::<EventType>(json, "an event")?.name {
        name if name.is_empty() => event.name.map_or(Cow::Borrowed(""), String::from_utf8_lossy),
        name => name,
    };
    match name.as_ref() {
        "message_start" => {
            let start: MessageStart<'_> = read(json, &name)?;
            reply.start(&start.message.unwrap_or_default());
        }
        "content_block_start" => take_piece(read::<ContentBlockStart>(json, &name)?.content_block, reply),
        DELTA => take_piece(read::<ContentBlockDelta>(json, &name)?.delta, reply),
        "message_delta" => {
            let last: MessageDelta<'_> = read(json, &name)?;
            reply.count_on(last.usage());
            reply.stop(last.delta.unwrap_or_default().reason());
        }
        "message_stop" => reply.finish(),
        "error" => return Err(error_event(json).unwrap_or_else(|| wrong_shape("an error event"))),
        // No type at all: an imitation's error, or quite another protocol.
        "" => return Err(error_event(json).unwrap_or_else(|| wrong_shape("an event without a type"))),
        _ => {}
    }
    Ok(())
}

/// The text of a delta that is written just as the API writes it, without a space or another member: nearly all
/// events are. Any other is `None`, and read as JSON.
fn text_delta(json: &[u8]) -> Option<Cow<'_, str>> {
    let rest = json.strip_prefix(br#"{"type":"content_block_delta","index":"#)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_index = digits == 1 || (digits > 1 && rest.first() != Some(&b'0'));
    let rest = rest.get(digits..).filter(|_| is_index)?;
    let text = rest.strip_prefix(br#","delta":{"type":"text_delta","text":"#)?.strip_suffix(b"}}")?;
    let plain = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if plain.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        return serde_json::from_slice(text).ok().map(Cow::Owned);
    }
    std::str::from_utf8(plain).ok().map(Cow::Borrowed)
}

/// A content block's beginning or a delta of one. Types other than text, known or not, only show that
/// the upstream is at work.
fn take_piece(piece: Option<Piece<'_>>, reply: &mut ReplyQueue) {
    match piece {
        Some(Piece { kind, text }) if matches!(kind.as_ref(), "text" | "text_delta") => {
            reply.text(&text.unwrap_or_default());
        }
        _ => reply.activity(),
    }
}

/// The events of a whole message, as a stream would have told them.
///
/// # Errors
/// If it is no message.
pub(super) fn events_of_message(body: &[u8]) -> Result<Vec<ReplyEvent>, CallError> {
    let mut reply = ReplyQueue::new(None);
    take_message(body, &mut reply)?;
    std::iter::from_fn(|| reply.pop()).collect()
}

fn take_message(body: &[u8], reply: &mut ReplyQueue) -> Result<(), CallError> {
    let message: Message = match serde_json::from_slice(body) {
        Ok(message) => message,
        Err(error) if error.is_eof() => return Err(CallErrorKind::Truncated.into()),
        Err(error) => return Err(error_event(body).unwrap_or_else(|| not_readable("the reply", &error))),
    };
    let head: MessageHead<'_> = read(body, "the reply")?;
    let stop: Stop<'_> = read(body, "the reply")?;
    // Here nothing is counted after the head: its figures are the final ones.
    reply.start(&head);
    reply.count(head.usage());
    reply.text(&message.content.0);
    reply.stop(stop.reason());
    reply.finish();
    Ok(())
}

fn error_event(json: &[u8]) -> Option<CallError> {
    let error = ApiError::of(json)?;
    let error_type = error.error_type.unwrap_or_else(|| "error".to_owned());
    let kind = CallErrorKind::ErrorEvent { error_type, message: error.message };
    Some(CallError { request_id: error.request_id, ..CallError::new(kind) })
}

fn read<'de, T: Deserialize<'de>>(json: &'de [u8], what: &str) -> Result<T, CallError> {
    serde_json::from_slice(json).map_err(|error| not_readable(what, &error))
}

fn not_readable(what: &str, error: &serde_json::Error) -> CallError {
    if error.is_data() {
        // The error's own words may quote the reply, which doesn't belong in an error.
        return wrong_shape(what);
    }
    let (line, column) = (error.line(), error.column());
    CallErrorKind::Malformed(format!("{what} isn't JSON (line {line}, column {column})")).into()
}

fn wrong_shape(what: &str) -> CallError {
    CallErrorKind::Malformed(format!("{what} isn't of the shape it should have")).into()
}

#[cfg(test)]
mod tests;
