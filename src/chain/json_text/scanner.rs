//! Walks through a reply that arrives in chunks and names what stands in its JSON object.
//!
//! It finds the object, checks the whole of it, and reports strings with the place they stand in.
//! It must not know which field is wanted, nor keep any of the text.

use memchr::{memchr, memchr2};

use super::escape::{self, Escape};
use super::nesting::{Container, Nesting};
use super::scalar::{self, Scalar};

/// A place where a string stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A key of the object itself.
    Key,
    /// A value of one of its fields.
    Value,
    /// A key further within.
    InnerKey,
    /// A value further within.
    InnerValue,
}

/// A piece of the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A string begins.
    Open(Place),
    /// Some of a string's text, as it stands there.
    Text(Place, &'t str),
    /// A character that was escaped.
    Char(Place, char),
    /// A string ends.
    Close(Place),
    /// Anything else.
    Other,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Before the object.
    Prose,
    /// After a `{` that may begin the object, and any white space.
    Brace,
    /// Between tokens.
    Between(Expected),
    Scalar(Scalar),
    String(Place),
    Escape(Place, Escape),
    Complete,
    Malformed,
}

/// What may come next, besides white space.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Key,
    KeyOrEnd,
    Colon,
    Value,
    ValueOrEnd,
    CommaOrEnd,
}

#[derive(Debug, Clone)]
pub(super) struct Scanner {
    phase: Phase,
    nesting: Nesting,
}

impl Default for Scanner {
    fn default() -> Self {
        Self { phase: Phase::Prose, nesting: Nesting::default() }
    }
}

impl Scanner {
    pub(super) fn is_malformed(&self) -> bool {
        matches!(self.phase, Phase::Malformed)
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.phase, Phase::Complete)
    }

    /// Treats whatever comes as malformed, unless the object is complete already.
    pub(super) fn give_up(&mut self) {
        if !self.is_complete() {
            self.phase = Phase::Malformed;
        }
    }

    /// Takes the next token off `rest`; `None` when there is no more to be had from it.
    pub(super) fn next<'t>(&mut self, rest: &mut &'t str) -> Option<Token<'t>> {
        let byte = *rest.as_bytes().first()?;
        match self.phase {
            Phase::Prose => self.prose(rest),
            Phase::Brace => self.brace(byte, rest),
            Phase::Between(expected) => {
                take(rest, 1);
                return Some(self.between(expected, byte));
            }
            Phase::Scalar(scalar) => self.scalar(scalar, byte, rest),
            Phase::String(place) => return Some(self.string(place, rest)),
            Phase::Escape(place, escape) => {
                take(rest, 1);
                return Some(self.escape(place, escape, byte));
            }
            Phase::Complete | Phase::Malformed => return None,
        }
        Some(Token::Other)
    }

    /// Within a string, copies its text to `out`, up to the string's end or an escape that isn't one of two bytes.
    /// What is left is for [`next`](Self::next), which would tell the same piece by piece.
    pub(super) fn copy_text(&self, rest: &mut &str, out: &mut String) {
        if !matches!(self.phase, Phase::String(_)) {
            return;
        }
        loop {
            let end = memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
            out.push_str(take(rest, end));
            let [b'\\', letter, ..] = rest.as_bytes() else { return };
            let Some(char) = escape::short(*letter) else { return };
            out.push(char);
            take(rest, 2);
        }
    }

    fn prose(&mut self, rest: &mut &str) {
        match memchr(b'{', rest.as_bytes()) {
            Some(at) => {
                take(rest, at + 1);
                self.phase = Phase::Brace;
            }
            None => *rest = "",
        }
    }

    fn brace(&mut self, byte: u8, rest: &mut &str) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                take(rest, 1);
            }
            b'"' | b'}' => self.nest(Container::Object),
            // Perhaps another brace.
            _ => self.phase = Phase::Prose,
        }
    }

    fn scalar(&mut self, scalar: Scalar, byte: u8, rest: &mut &str) {
        self.phase = match scalar.push(byte) {
            scalar::Step::More(scalar) => {
                take(rest, 1);
                Phase::Scalar(scalar)
            }
            scalar::Step::Ended => Phase::Between(Expected::CommaOrEnd),
            scalar::Step::Illegal => Phase::Malformed,
        };
    }

    /// Text up to the next quote or backslash, or that quote or backslash.
    fn string<'t>(&mut self, place: Place, rest: &mut &'t str) -> Token<'t> {
        let end = memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        if end > 0 {
            return Token::Text(place, take(rest, end));
        }
        if take(rest, 1) == "\\" {
            self.phase = Phase::Escape(place, Escape::Backslash);
            return Token::Other;
        }
        self.phase = Phase::Between(match place {
            Place::Key | Place::InnerKey => Expected::Colon,
            Place::Value | Place::InnerValue => Expected::CommaOrEnd,
        });
        Token::Close(place)
    }

    fn escape(&mut self, place: Place, escape: Escape, byte: u8) -> Token<'static> {
        let (phase, token) = match escape.push(byte) {
            escape::Step::More(escape) => (Phase::Escape(place, escape), Token::Other),
            escape::Step::Char(char) => (Phase::String(place), Token::Char(place, char)),
            escape::Step::Illegal => (Phase::Malformed, Token::Other),
        };
        self.phase = phase;
        token
    }

    fn between(&mut self, expected: Expected, byte: u8) -> Token<'static> {
        let innermost = self.nesting.innermost();
        match (expected, byte) {
            (_, b' ' | b'\t' | b'\n' | b'\r') => {}
            (Expected::Key | Expected::KeyOrEnd, b'"') => return self.open(Place::Key, Place::InnerKey),
            (Expected::Value | Expected::ValueOrEnd, b'"') => {
                return self.open(Place::Value, Place::InnerValue);
            }
            (Expected::Value | Expected::ValueOrEnd, b'{') => self.nest(Container::Object),
            (Expected::Value | Expected::ValueOrEnd, b'[') => self.nest(Container::Array),
            (Expected::KeyOrEnd, b'}') | (Expected::ValueOrEnd, b']') => self.unnest(),
            (Expected::CommaOrEnd, b'}') if innermost == Container::Object => self.unnest(),
            (Expected::CommaOrEnd, b']') if innermost == Container::Array => self.unnest(),
            (Expected::CommaOrEnd, b',') => {
                self.phase = Phase::Between(match innermost {
                    Container::Object => Expected::Key,
                    Container::Array => Expected::Value,
                });
            }
            (Expected::Colon, b':') => self.phase = Phase::Between(Expected::Value),
            (Expected::Value | Expected::ValueOrEnd, _) => {
                self.phase = Scalar::begin(byte).map_or(Phase::Malformed, Phase::Scalar);
            }
            _ => self.phase = Phase::Malformed,
        }
        Token::Other
    }

    fn open(&mut self, outermost: Place, further_within: Place) -> Token<'static> {
        let place = if self.nesting.depth() == 1 { outermost } else { further_within };
        self.phase = Phase::String(place);
        Token::Open(place)
    }

    fn nest(&mut self, container: Container) {
        self.phase = if self.nesting.push(container) {
            Phase::Between(match container {
                Container::Object => Expected::KeyOrEnd,
                Container::Array => Expected::ValueOrEnd,
            })
        } else {
            Phase::Malformed
        };
    }

    fn unnest(&mut self) {
        self.nesting.pop();
        self.phase = match self.nesting.depth() {
            0 => Phase::Complete,
            _ => Phase::Between(Expected::CommaOrEnd),
        };
    }
}

/// Takes `len` bytes off `rest` and returns them; nothing if that would split a character, which
/// only ever happens where such a character is malformed.
fn take<'t>(rest: &mut &'t str, len: usize) -> &'t str {
    let (taken, left) = rest.split_at_checked(len).unwrap_or(("", rest));
    *rest = left;
    taken
}
