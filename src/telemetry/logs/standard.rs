//! A line as people read it on a terminal: time, level, message, then the fields as `name=value`.

use std::fmt::Write;

use console::Style;
use serde_json::Value;

use super::LogLevel;
use super::format::{Line, is_unsafe, json_text};

/// What a reader looks for first.
const FIRST: [&str; 5] = ["step", "worker", "error", "error_type", "error_code"];

/// What tells lines of one request from those of another: long, and the same on all of them.
const LAST: [&str; 2] = ["user_id", "request_id"];

/// The line, without an end.
pub(super) fn text(line: &Line<'_>, color: bool) -> String {
    let paint = |style: Style, text: &str| style.force_styling(color).apply_to(text).to_string();
    let dim = || Style::new().dim();
    let level = paint(style_of(line.level), &format!("{:<8}", line.level.name()));
    let mut text = format!("{} {level}", paint(dim(), &line.time()));
    if !line.message.is_empty() {
        text.push(' ');
    }
    line.message.chars().for_each(|c| push_visibly(&mut text, c));
    for (name, value) in in_order(line) {
        let name = paint(dim(), &format!("{name}="));
        // Writing to a string doesn't fail.
        _ = match value.as_str() {
            Some(value) if is_plain(value) => write!(text, " {name}{value}"),
            _ => write!(text, " {name}{}", json_text(value)),
        };
    }
    text
}

/// The fields in the order in which they are of use.
fn in_order<'a>(line: &'a Line<'_>) -> impl Iterator<Item = (&'static str, &'a Value)> {
    let find = |name: &&'static str| Some((*name, line.fields.get(name)?));
    let rest = line.fields.iter().filter(|(name, _)| !FIRST.contains(name) && !LAST.contains(name));
    FIRST.iter().filter_map(find).chain(rest).chain(LAST.iter().filter_map(find))
}

fn style_of(level: LogLevel) -> Style {
    match level {
        LogLevel::Debug => Style::new().dim(),
        LogLevel::Info => Style::new().green(),
        LogLevel::Warning => Style::new().yellow(),
        LogLevel::Error => Style::new().red(),
        LogLevel::Critical => Style::new().red().bold(),
    }
}

fn push_visibly(line: &mut String, c: char) {
    if is_unsafe(c) { line.extend(c.escape_default()) } else { line.push(c) }
}

/// Whether a text can stand after `name=` as it is, and still be told from what follows.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| !is_unsafe(c) && !c.is_whitespace() && !matches!(c, '"' | '\\' | '='))
}
