//! One JSON document as a whole: the result of a run, or an error.

use serde::Serialize;

use super::terminal_text::escape_controls_in_json;

/// How a document is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On one line.
    Line,
    /// Over several, for people.
    Indented,
}

/// The document as text that ends in a line feed. Control characters are escaped, so that it may also
/// be shown on a terminal.
///
/// # Errors
/// If the document can't be written as JSON: none of [`wire`](super::wire)'s can fail.
pub fn render<T: Serialize>(document: &T, layout: Layout) -> serde_json::Result<String> {
    let json = match layout {
        Layout::Line => serde_json::to_string(document)?,
        Layout::Indented => serde_json::to_string_pretty(document)?,
    };
    let mut json = escape_controls_in_json(json);
    json.push('\n');
    Ok(json)
}
