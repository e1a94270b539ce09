//! Walks through a reply that arrives in chunks and names what stands in its JSON object.
//!
//! It finds the object, checks the whole of it, and reports strings with the place they stand in.
//! It must not know which field is wanted, nor keep any of the text.

use memchr::{memchr, memchr2};

use super::escape::{self, Escape};
use super::scalar::{self, Scalar};

/// Objects and arrays within each other, the outermost counted: `serde_json`'s own limit, so that
/// what is refused there is refused here.
const MAX_DEPTH: u32 = 127;

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
        if rest.is_empty() {
            return None;
        }
        match self.phase {
            Phase::Complete | Phase::Malformed => return None,
            Phase::Prose => {
                let brace = memchr(b'{', rest.as_bytes());
                if brace.is_some() {
                    self.phase = Phase::Brace;
                }
                skip(rest, brace.map_or(rest.len(), |at| at + 1));
                return Some(Token::Other);
            }
            Phase::String(place) => return Some(self.string(place, rest)),
            Phase::Brace | Phase::Between(_) | Phase::Scalar(_) | Phase::Escape(..) => {}
        }
        let byte = *rest.as_bytes().first()?;
        let (token, taken) = self.byte(byte);
        // Only ASCII is ever taken: all else is malformed, or prose.
        skip(rest, usize::from(taken));
        Some(token)
    }

    /// Text up to the next quote or backslash, or that quote or backslash.
    fn string<'t>(&mut self, place: Place, rest: &mut &'t str) -> Token<'t> {
        let end = memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        if end > 0 {
            return Token::Text(place, skip(rest, end));
        }
        if skip(rest, 1) == "\\" {
            self.phase = Phase::Escape(place, Escape::Backslash);
            return Token::Other;
        }
        self.phase = Phase::Between(match place {
            Place::Key | Place::InnerKey => Expected::Colon,
            Place::Value | Place::InnerValue => Expected::CommaOrEnd,
        });
        Token::Close(place)
    }

    /// Takes one byte outside of a string's plain text, or leaves it for the next phase.
    fn byte(&mut self, byte: u8) -> (Token<'static>, bool) {
        match self.phase {
            Phase::Brace => match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b'{' => (Token::Other, true),
                b'"' | b'}' => {
                    self.nest(Container::Object);
                    (Token::Other, false)
                }
                _ => {
                    self.phase = Phase::Prose;
                    (Token::Other, false)
                }
            },
            Phase::Scalar(scalar) => {
                let (phase, taken) = match scalar.push(byte) {
                    scalar::Step::More(scalar) => (Phase::Scalar(scalar), true),
                    scalar::Step::Ended => (Phase::Between(Expected::CommaOrEnd), false),
                    scalar::Step::Illegal => (Phase::Malformed, false),
                };
                self.phase = phase;
                (Token::Other, taken)
            }
            Phase::Escape(place, escape) => {
                let (phase, token) = match escape.push(byte) {
                    escape::Step::More(escape) => (Phase::Escape(place, escape), Token::Other),
                    escape::Step::Char(char) => (Phase::String(place), Token::Char(place, char)),
                    escape::Step::Illegal => (Phase::Malformed, Token::Other),
                };
                self.phase = phase;
                (token, !self.is_malformed())
            }
            Phase::Between(expected) => {
                let token = self.between(expected, byte);
                (token, !self.is_malformed())
            }
            Phase::Prose | Phase::String(_) | Phase::Complete | Phase::Malformed => (Token::Other, false),
        }
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
        let place = if self.nesting.depth == 1 { outermost } else { further_within };
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
        self.phase = match self.nesting.depth {
            0 => Phase::Complete,
            _ => Phase::Between(Expected::CommaOrEnd),
        };
    }
}

/// Takes `len` bytes off `rest` and returns them; nothing if that would split a character.
fn skip<'t>(rest: &mut &'t str, len: usize) -> &'t str {
    let (taken, left) = rest.split_at_checked(len).unwrap_or(("", rest));
    *rest = left;
    taken
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// The containers that are open, the innermost in the lowest bit: set for an array.
#[derive(Debug, Clone, Copy, Default)]
struct Nesting {
    arrays: u128,
    depth: u32,
}

impl Nesting {
    /// Whether there was room for another container.
    fn push(&mut self, container: Container) -> bool {
        if self.depth == MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        self.arrays = (self.arrays << 1) | u128::from(container == Container::Array);
        true
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.arrays >>= 1;
    }

    fn innermost(self) -> Container {
        if self.arrays & 1 == 1 { Container::Array } else { Container::Object }
    }
}
