//! How a line looks. One event is one line whatever its texts hold: nobody who gets a text into
//! the log can forge a second line or steer the terminal it is read in.

use std::fmt::Write;
use std::str::FromStr;

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::fields::Fields;
use super::{LogConfig, LogLevel, UnknownName, standard};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One flat JSON object a line.
    #[default]
    Json,
    /// Time, level, message and fields, for people.
    Standard,
}

/// Reads the name in upper or lower case.
impl FromStr for LogFormat {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "standard" => Ok(Self::Standard),
            _ => Err(UnknownName { name: name.to_owned(), allowed: "json, standard" }),
        }
    }
}

/// What is to be written.
pub(super) struct Line<'a> {
    pub(super) timestamp: Timestamp,
    pub(super) level: LogLevel,
    pub(super) logger: &'a str,
    pub(super) message: &'a str,
    pub(super) fields: Fields,
}

impl Line<'_> {
    /// The line in that form, with `\n` at its end and nowhere else.
    pub(super) fn write(&self, config: LogConfig) -> String {
        let mut line = match config.format {
            LogFormat::Json => self.json(),
            LogFormat::Standard => standard::text(self, config.color),
        };
        line.push('\n');
        line
    }

    /// The line as a JSON object, without an end of the line.
    pub(super) fn json(&self) -> String {
        json_text(self)
    }

    /// In UTC, to a millisecond.
    pub(super) fn time(&self) -> String {
        format!("{:.3}", self.timestamp)
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("timestamp", &self.time())?;
        object.serialize_entry("level", self.level.name())?;
        object.serialize_entry("logger", self.logger)?;
        object.serialize_entry("message", self.message)?;
        for (name, value) in self.fields.iter() {
            // What every line has can't be replaced by a field of the same name.
            if matches!(name, "timestamp" | "level" | "logger" | "message") {
                object.serialize_entry(&format!("{name}_"), value)?;
            } else {
                object.serialize_entry(name, value)?;
            }
        }
        object.end()
    }
}

/// Compact JSON, with escapes for all that ends a line or steers a terminal: `serde_json` leaves
/// DEL, the C1 controls, Unicode's line separators and marks of direction as they are, as JSON allows.
pub(super) fn json_text(json: &impl Serialize) -> String {
    // It fails only for maps with keys that aren't strings.
    let text = serde_json::to_string(json).unwrap_or_default();
    // Nearly all of it is ASCII, which is told faster than single characters.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(is_unsafe) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            // All of them have four hexadecimal digits; writing to a string doesn't fail.
            _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// What ends a line, steers a terminal or turns round the direction in which text is read.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
