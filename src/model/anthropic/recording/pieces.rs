//! A body as it came: its pieces, each with its time, in text wherever it is text.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::came::Came;
use super::scrubber::Scrubber;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Piece {
    /// When it came, in milliseconds from when the request was sent.
    pub(super) ms: u64,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Content {
    Text(String),
    /// What is no text.
    Base64(String),
}

/// A piece as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    ms: u64,
    text: Option<String>,
    base64: Option<String>,
}

impl TryFrom<Written> for Piece {
    type Error = &'static str;

    fn try_from(Written { ms, text, base64 }: Written) -> Result<Self, Self::Error> {
        let content = match (text, base64) {
            (Some(text), None) => Content::Text(text),
            (None, Some(base64)) => Content::Base64(base64),
            (Some(_), Some(_)) => return Err("a piece has both `text` and `base64`"),
            (None, None) => return Err("a piece has neither `text` nor `base64`"),
        };
        Ok(Self { ms, content })
    }
}

impl Piece {
    /// What came; `None` if what stands for it can't be read.
    pub(super) fn bytes(&self) -> Option<Bytes> {
        match &self.content {
            Content::Text(text) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Content::Base64(text) => BASE64_STANDARD.decode(text).ok().map(Bytes::from),
        }
    }
}

/// The pieces that came, without credentials. A character that was cut in two stands in the piece with its
/// end; so does a secret in the one with its beginning.
pub(super) fn pieces(came: Came, scrubber: &Scrubber) -> Vec<Piece> {
    let Came { bytes: mut whole, ends: came, .. } = came;
    let mut ends: Vec<usize> = came.iter().map(|(_, end)| *end).collect();
    scrubber.bytes(&mut whole, &mut ends);
    let mut pieces = Vec::with_capacity(came.len());
    let mut start = 0;
    for (index, ((ms, _), end)) in came.iter().zip(&ends).enumerate() {
        let bytes = whole.get(start..*end).unwrap_or_default();
        let is_last = index + 1 == came.len();
        let held = if is_last { 0 } else { unfinished(bytes) };
        let bytes = bytes.get(..bytes.len() - held).unwrap_or_default();
        start += bytes.len();
        if !bytes.is_empty() {
            pieces.push(Piece { ms: *ms, content: content(bytes) });
        }
    }
    pieces
}

fn content(bytes: &[u8]) -> Content {
    match std::str::from_utf8(bytes) {
        Ok(text) => Content::Text(text.to_owned()),
        Err(_) => Content::Base64(BASE64_STANDARD.encode(bytes)),
    }
}

/// How many bytes at the end are the beginning of a character. None where what comes before is no text.
fn unfinished(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(pieces: &[&[u8]]) -> Came {
        let mut came = Came::default();
        for (ms, bytes) in (0..).step_by(10).zip(pieces) {
            came.push(ms, bytes);
        }
        came
    }

    fn whole(pieces: &[Piece]) -> Vec<u8> {
        pieces.iter().flat_map(|piece| piece.bytes().unwrap()).collect()
    }

    #[test]
    fn a_text_is_readable_wherever_it_is_cut() {
        let text = "data: {\"text\":\"Grüße, 世界 🌍\"}\n\n".as_bytes();
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let came = came(&[&text[..first], &text[first..second], &text[second..]]);
                let pieces = pieces(came, &Scrubber::default());
                assert_eq!(whole(&pieces), text);
                assert!(pieces.iter().all(|piece| matches!(piece.content, Content::Text(_))), "{pieces:?}");
            }
        }
    }

    #[test]
    fn what_came_before_a_character_that_was_cut_keeps_its_time() {
        let came = came(&[b"so \xc3", b"\xbc?"]);
        let text = |ms, text: &str| Piece { ms, content: Content::Text(text.into()) };
        assert_eq!(pieces(came, &Scrubber::default()), [text(0, "so "), text(10, "ü?")]);
    }

    #[test]
    fn what_is_no_text_is_kept_as_it_is_and_marked() {
        let came = came(&[b"fine", b"\xff\xfe", b"\xe4\xb8"]);
        let pieces = pieces(came, &Scrubber::default());
        assert_eq!(
            pieces,
            [
                Piece { ms: 0, content: Content::Text("fine".into()) },
                Piece { ms: 10, content: Content::Base64("//4=".into()) },
                Piece { ms: 20, content: Content::Base64("5Lg=".into()) },
            ]
        );
        assert_eq!(whole(&pieces), b"fine\xff\xfe\xe4\xb8");
    }

    #[test]
    fn a_secret_leaves_no_trace_in_either_of_two_pieces() {
        let scrubber = Scrubber::new(Some("canary-0123456789".into()));
        let came = came(&[b"your key canary-01", b"23456789 is bad"]);
        let pieces = pieces(came, &scrubber);
        assert_eq!(whole(&pieces), b"your key [secret] is bad");
        assert_eq!(pieces[0].content, Content::Text("your key [secret]".into()));
    }
}
