//! Turns a reply that is one JSON object, still arriving, into the text of one of its fields.
//!
//! What comes out must be what parsing the complete reply will say: nothing is guessed, and where
//! the JSON breaks, so does the text. [`lenient_json`](super::lenient_json) reads complete replies.

mod escape;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod nesting;
mod scalar;
mod scanner;
mod utf8;

use scanner::{Place, Scanner, Token};
use utf8::{Joined, SplitChar};

/// Decodes the text of one top-level string field out of a reply that arrives in chunks.
///
/// The object begins at the first `{` that is followed, after white space, by `"` or `}`; what
/// stands before and after it is passed over. Raw control characters within strings, which JSON
/// forbids and models write, count as text. If the field occurs twice, the first counts. All else
/// is as strict as `serde_json`: until the first error, and never beyond it, text comes out as
/// soon as it is certain. The one error that isn't noticed is a number too large for an `f64`.
#[derive(Debug, Clone)]
pub struct JsonTextDecoder {
    field: Box<str>,
    scanner: Scanner,
    progress: Progress,
    split_char: SplitChar,
}

/// How far a [`JsonTextDecoder`] has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecoderState {
    /// The field's text hasn't begun, and may never: it is missing so far, or isn't a string.
    NotStarted,
    /// Within the field's text.
    InField,
    /// The field's text is complete, the object isn't.
    FieldDone,
    /// The reply isn't JSON from here on; nothing more comes out.
    Malformed,
    /// The object is complete.
    ObjectDone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Looking for the field. How many bytes of its name the key at hand has matched; `None` if
    /// that key is another.
    Seeking(Option<usize>),
    /// Its key has been read, its value comes next.
    Named,
    /// Its value isn't a string.
    NotText,
    Begun,
    Complete,
}

impl JsonTextDecoder {
    /// A decoder for the top-level string field called `field`.
    #[must_use]
    pub fn new(field: &str) -> Self {
        Self {
            field: field.into(),
            scanner: Scanner::default(),
            progress: Progress::Seeking(None),
            split_char: SplitChar::default(),
        }
    }

    /// Takes the reply's next chunk and appends to `out` what it adds to the field's text.
    pub fn feed(&mut self, chunk: &str, out: &mut String) {
        if self.split_char.is_pending() {
            self.feed_bytes(chunk.as_bytes(), out);
        } else {
            self.feed_text(chunk, out);
        }
    }

    /// [`feed`](Self::feed) for a chunk that may begin or end within a character. Bytes that
    /// aren't UTF-8 are malformed wherever they stand.
    pub fn feed_bytes(&mut self, chunk: &[u8], out: &mut String) {
        let (joined, rest) = self.split_char.join(chunk);
        match joined {
            Joined::Nothing => {}
            Joined::Char(char) => self.feed_text(char.encode_utf8(&mut [0; 4]), out),
            Joined::Invalid => return self.scanner.give_up(),
        }
        let (text, valid) = self.split_char.split(rest);
        self.feed_text(text, out);
        if !valid {
            self.scanner.give_up();
        }
    }

    /// How far the decoder has come.
    #[must_use]
    pub fn state(&self) -> DecoderState {
        if self.scanner.is_malformed() {
            return DecoderState::Malformed;
        }
        if self.scanner.is_complete() {
            return DecoderState::ObjectDone;
        }
        match self.progress {
            Progress::Seeking(_) | Progress::Named | Progress::NotText => DecoderState::NotStarted,
            Progress::Begun => DecoderState::InField,
            Progress::Complete => DecoderState::FieldDone,
        }
    }

    fn feed_text(&mut self, chunk: &str, out: &mut String) {
        let mut rest = chunk;
        loop {
            if self.progress == Progress::Begun {
                // Nearly all of a reply is this text; token by token it would take twice as long.
                self.scanner.copy_text(&mut rest, out);
            }
            let Some(token) = self.scanner.next(&mut rest) else { return };
            self.take(token, out);
        }
    }

    fn take(&mut self, token: Token<'_>, out: &mut String) {
        match (self.progress, token) {
            (Progress::Seeking(_), Token::Open(Place::Key)) => self.progress = Progress::Seeking(Some(0)),
            (Progress::Seeking(matched), Token::Text(Place::Key, text)) => self.compare(matched, text),
            (Progress::Seeking(matched), Token::Char(Place::Key, char)) => {
                self.compare(matched, char.encode_utf8(&mut [0; 4]));
            }
            (Progress::Seeking(Some(matched)), Token::Close(Place::Key)) if matched == self.field.len() => {
                self.progress = Progress::Named;
            }
            (Progress::Named, Token::Open(Place::Value)) => self.progress = Progress::Begun,
            (Progress::Named, Token::Open(Place::Key)) => self.progress = Progress::NotText,
            (Progress::Begun, Token::Char(Place::Value, char)) => out.push(char),
            (Progress::Begun, Token::Close(Place::Value)) => self.progress = Progress::Complete,
            _ => {}
        }
    }

    /// Compares the next piece of a key, whose earlier pieces have matched so many bytes.
    fn compare(&mut self, matched: Option<usize>, piece: &str) {
        let matched = matched.filter(|n| self.field.get(*n..).is_some_and(|rest| rest.starts_with(piece)));
        self.progress = Progress::Seeking(matched.map(|n| n + piece.len()));
    }
}

/// The text of a field as far as a reply tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldText {
    /// The text, decoded.
    pub text: String,
    /// Whether its closing quote was there, whatever came after it.
    pub is_complete: bool,
}

/// The text of `field` as far as `reply`, which may be cut or broken anywhere, tells it; `None` if it
/// never began. Where the reply isn't JSON, the text ends.
#[must_use]
pub fn field_text(reply: &str, field: &str) -> Option<FieldText> {
    let mut decoder = JsonTextDecoder::new(field);
    let mut text = String::new();
    decoder.feed(reply, &mut text);
    let is_complete = decoder.progress == Progress::Complete;
    let begun = is_complete || decoder.progress == Progress::Begun;
    begun.then_some(FieldText { text, is_complete })
}

#[cfg(test)]
pub(super) mod arbitrary_json;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
