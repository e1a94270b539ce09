//! Finds the one JSON object in a model's complete reply, whatever the model put around it.
//!
//! It must find what [`json_text`](super::json_text) has decoded meanwhile: the same object, with
//! the same raw control characters taken for text. It doesn't look for any field.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod parse;
mod size;

use memchr::memchr_iter;
use serde_json::{Map, Value};
use thiserror::Error;

use super::json_text::{DecoderState, JsonTextDecoder};
#[cfg(any(test, fuzzing))]
pub(in crate::chain) use parse::FirstWins;
use parse::{Parsed, parse};
pub use size::{MAX_VALUES, is_too_large, object_is_too_large};

/// An object, and what had to be tolerated to find it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The object. Of fields that occur twice at its top level, the first.
    pub object: Map<String, Value>,
    /// What else the reply held, each at most once; empty for a bare object.
    pub tolerated: Vec<Tolerated>,
}

/// Something that a reply of nothing but JSON wouldn't have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tolerated {
    /// Text before the object or its fence.
    LeadingText,
    /// A code fence round the object.
    Fence,
    /// Raw control characters within strings, such as line breaks.
    ControlCharacters,
    /// Text after the object or its fence; another object counts as such.
    TrailingText,
}

/// Why there is no object.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct NotFound {
    /// What is wrong, in words that can be sent back to the model; with line and column (in
    /// characters), both counted from 1, where it has a place.
    pub message: String,
    /// Whether all was well until the reply ended.
    pub is_cut: bool,
}

/// Finds the JSON object in `reply`.
///
/// It begins at the first `{` that is followed, after white space, by `"` or `}`, and nowhere
/// else, since its text may have been delivered from there on. It nests at most 127 levels deep.
///
/// # Errors
/// [`NotFound`] if there is none, or it is cut, or isn't JSON.
pub fn find_object(reply: &str) -> Result<Found, NotFound> {
    let Some((before, json)) = split_at_object(reply) else {
        let what = if reply.trim().is_empty() { "the reply is empty" } else { "no JSON object in the reply" };
        return Err(NotFound { message: what.to_owned(), is_cut: false });
    };
    let Parsed { object, len, has_control_characters } = match parse(json) {
        Ok(parsed) => parsed,
        Err(_) if is_cut(json) => {
            let end = place(reply, reply.trim_end().len());
            return Err(NotFound { message: format!("the JSON ends in the middle ({end})"), is_cut: true });
        }
        Err(failure) => {
            let place = place(reply, before.len() + failure.offset);
            return Err(NotFound { message: format!("{} ({place})", failure.what), is_cut: false });
        }
    };
    let (before, is_fenced) = without_fence_start(before);
    let after = json.get(len..).unwrap_or_default();
    let after = if is_fenced { without_fence_end(after) } else { after };
    let seen = [
        (!before.trim().is_empty(), Tolerated::LeadingText),
        (is_fenced, Tolerated::Fence),
        (has_control_characters, Tolerated::ControlCharacters),
        (!after.trim().is_empty(), Tolerated::TrailingText),
    ];
    let tolerated = seen.into_iter().filter_map(|(seen, what)| seen.then_some(what)).collect();
    Ok(Found { object, tolerated })
}

/// `text` without white space round it, and without a code fence that holds all of it.
#[must_use]
pub fn without_fence(text: &str) -> &str {
    let text = text.trim();
    let fenced = || {
        let (first_line, rest) = text.strip_prefix("```")?.split_once('\n')?;
        let language = first_line.trim_start_matches('`').trim();
        let inside = rest.strip_suffix("```")?.trim_end_matches('`');
        language.chars().all(char::is_alphanumeric).then_some(inside.trim())
    };
    fenced().unwrap_or(text)
}

/// Whether an object begins anywhere in `reply`, be it whole or not.
#[must_use]
pub fn begins_object(reply: &str) -> bool {
    split_at_object(reply).is_some()
}

/// What stands before the object, and the rest. A brace at the very end begins one that is cut.
fn split_at_object(reply: &str) -> Option<(&str, &str)> {
    memchr_iter(b'{', reply.as_bytes()).filter_map(|brace| reply.split_at_checked(brace)).find(|(_, json)| {
        let inside = json.get(1..).unwrap_or_default().trim_start_matches([' ', '\t', '\n', '\r']);
        inside.is_empty() || inside.starts_with(['"', '}'])
    })
}

/// Whether `json` could still become an object if more of it came.
fn is_cut(json: &str) -> bool {
    let mut decoder = JsonTextDecoder::new("");
    decoder.feed(json, &mut String::new());
    !matches!(decoder.state(), DecoderState::Malformed | DecoderState::ObjectDone)
}

/// Names the last character of the first `len` bytes of `reply`.
fn place(reply: &str, len: usize) -> String {
    let last = reply.char_indices().take_while(|(at, _)| *at < len).map(|(at, _)| at).last().unwrap_or(0);
    let before = reply.get(..last).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    format!("line {}, column {}", before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// Takes an opening code fence, such as ```` ```json ````, off the end of what stands before the object.
fn without_fence_start(before: &str) -> (&str, bool) {
    let is_open = before.matches("```").count() % 2 == 1;
    match before.rsplit_once("```") {
        Some((text, language)) if is_open && language.trim().chars().all(char::is_alphanumeric) => {
            (text.trim_end_matches('`'), true)
        }
        _ => (before, false),
    }
}

fn without_fence_end(after: &str) -> &str {
    after.trim_start().strip_prefix("```").map_or(after, |rest| rest.trim_start_matches('`'))
}

#[cfg(test)]
mod tests;
