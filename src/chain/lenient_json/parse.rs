//! Parses one object at the beginning of a text, taking raw control characters in strings for text.
//!
//! It must not tolerate anything else that JSON forbids.

use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

/// By how much a control character grows when it is escaped: from one byte to the six of `\u000a`.
const GROWTH: usize = 5;

/// An object and where it ended.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) object: Map<String, Value>,
    /// Its length in bytes; what follows is no part of it.
    pub(super) len: usize,
    pub(super) has_control_characters: bool,
}

/// Why there is no object.
#[derive(Debug)]
pub(super) struct Failure {
    /// How many bytes were read, the wrong one included.
    pub(super) offset: usize,
    pub(super) what: String,
}

pub(super) fn parse(json: &str) -> Result<Parsed, Failure> {
    parse_strictly(json).or_else(|failure| {
        let escaped = Escaped::new(json);
        if escaped.controls.is_empty() {
            return Err(failure);
        }
        match parse_strictly(&escaped.json) {
            Ok(parsed) => {
                Ok(Parsed { len: escaped.original(parsed.len), has_control_characters: true, ..parsed })
            }
            Err(failure) => Err(Failure { offset: escaped.original(failure.offset), ..failure }),
        }
    })
}

fn parse_strictly(json: &str) -> Result<Parsed, Failure> {
    let mut objects = serde_json::Deserializer::from_str(json).into_iter::<FirstWins>();
    match objects.next() {
        Some(Ok(FirstWins(object))) => {
            Ok(Parsed { object, len: objects.byte_offset(), has_control_characters: false })
        }
        Some(Err(error)) => Err(Failure::new(json, &error)),
        None => Err(Failure { offset: 0, what: "no JSON object".to_owned() }),
    }
}

impl Failure {
    fn new(json: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let lines_before: usize = json.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let message = error.to_string();
        // That place is one in `json`, which may stand anywhere in the reply.
        let what = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
        Self { offset: lines_before + column, what: in_plain_words(what).to_owned() }
    }
}

/// `serde_json`'s own words, save those that would mislead whoever is to mend the JSON.
fn in_plain_words(what: &str) -> &str {
    match what {
        "recursion limit exceeded" => "nested too deeply",
        "expected ident" => "expected `true`, `false` or `null`",
        // Whoever isn't told that the JSON is cut has closed the string within the last escape's digits.
        "EOF while parsing a string" => "invalid escape",
        _ => what,
    }
}

/// A text whose strings have had their raw control characters escaped.
struct Escaped {
    json: String,
    /// Where they stood in the original, in bytes.
    controls: Vec<usize>,
}

impl Escaped {
    fn new(original: &str) -> Self {
        let mut json = String::with_capacity(original.len());
        let mut controls = Vec::new();
        let (mut in_string, mut after_backslash) = (false, false);
        for (at, char) in original.char_indices() {
            // A backslash before one makes it an illegal escape, which it must remain.
            if in_string && !after_backslash && char < ' ' {
                controls.push(at);
                // Writing to a string can't fail.
                let _ = write!(json, "\\u{:04x}", u32::from(char));
            } else {
                json.push(char);
            }
            if char == '"' && !after_backslash {
                in_string = !in_string;
            }
            after_backslash = in_string && !after_backslash && char == '\\';
        }
        Self { json, controls }
    }

    /// How many bytes of the original the first `len` bytes stand for.
    fn original(&self, len: usize) -> usize {
        let mut original = len;
        for control in &self.controls {
            if original <= *control {
                break;
            }
            original = original.saturating_sub(GROWTH).max(control + 1);
        }
        original
    }
}

/// An object in which the first of equal keys counts: its text may have been delivered before the
/// second came.
pub(in crate::chain) struct FirstWins(pub(in crate::chain) Map<String, Value>);

impl<'de> Deserialize<'de> for FirstWins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FirstWinsVisitor)
    }
}

struct FirstWinsVisitor;

impl<'de> Visitor<'de> for FirstWinsVisitor {
    type Value = FirstWins;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<FirstWins, A::Error> {
        let mut object = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            object.entry(key).or_insert(value);
        }
        Ok(FirstWins(object))
    }
}
