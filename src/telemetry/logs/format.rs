//! How a line looks. One event is one line whatever its texts hold: nobody who gets a text into
//! the log can forge a second line or steer the terminal it is read in.

use std::fmt::Write;
use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{LogLevel, UnknownName};

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
    pub(super) fields: Map<String, Value>,
}

impl Line<'_> {
    /// The line in that format, with `\n` at its end and nowhere else.
    pub(super) fn write(self, format: LogFormat) -> String {
        let mut line = match format {
            LogFormat::Json => self.json(),
            LogFormat::Standard => self.standard(),
        };
        line.push('\n');
        line
    }

    fn json(self) -> String {
        let mut object = Map::new();
        object.insert("timestamp".to_owned(), format!("{:.3}", self.timestamp).into());
        object.insert("level".to_owned(), self.level.name().into());
        object.insert("logger".to_owned(), self.logger.into());
        object.insert("message".to_owned(), self.message.into());
        for (name, value) in self.fields {
            // What every line has can't be replaced by a field of the same name.
            let taken = matches!(name.as_str(), "timestamp" | "level" | "logger" | "message");
            object.insert(if taken { format!("{name}_") } else { name }, value);
        }
        json_text(&Value::Object(object))
    }

    fn standard(&self) -> String {
        let mut line = format!("{:.3} {:<8}", self.timestamp, self.level.name());
        if !self.message.is_empty() {
            line.push(' ');
        }
        self.message.chars().for_each(|c| push_visibly(&mut line, c));
        for (name, value) in &self.fields {
            // Writing to a string doesn't fail.
            _ = match value.as_str() {
                Some(text) if is_plain(text) => write!(line, " {name}={text}"),
                _ => write!(line, " {name}={}", json_text(value)),
            };
        }
        line
    }
}

/// Compact JSON, with escapes for all that ends a line or steers a terminal: `serde_json` leaves
/// DEL, the C1 controls and Unicode's line separators as they are, as JSON allows.
fn json_text(value: &Value) -> String {
    let text = value.to_string();
    if !text.contains(is_unsafe) {
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

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn push_visibly(line: &mut String, c: char) {
    if is_unsafe(c) { line.extend(c.escape_default()) } else { line.push(c) }
}

/// Whether a text can stand after `name=` as it is, and still be told from what follows.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| !is_unsafe(c) && !c.is_whitespace() && !matches!(c, '"' | '\\' | '='))
}
