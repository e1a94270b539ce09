//! Lines made of parts, for terminals of any width: wrapped between their parts, or joined on one line.
//!
//! It knows what fits, and not what matters: what may be left out of a line is for its maker.

use console::measure_text_width;

use crate::report::look::Look;

/// Columns between two parts.
const GAP: usize = 2;
/// Fewer columns than this are no place to wrap text in.
const LEAST_ROOM: usize = 8;

/// A part of a line: broken only where it is too long for a line of its own.
#[derive(Debug, Clone)]
pub(super) struct Part {
    text: String,
    paint: Option<Paint>,
    /// Columns that it takes where another part follows on the same line.
    columns: usize,
}

type Paint = fn(Look, &str) -> String;

impl Part {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), paint: None, columns: 0 }
    }

    pub(super) fn painted(text: impl Into<String>, paint: Paint) -> Self {
        Self { paint: Some(paint), ..Self::plain(text) }
    }

    /// As the cell of a table.
    pub(super) fn in_columns(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    fn width(&self) -> usize {
        measure_text_width(&self.text)
    }

    fn show(&self, text: &str, look: Look) -> String {
        self.paint.map_or_else(|| text.to_owned(), |paint| paint(look, text))
    }
}

/// What stands before a line, ready to be shown.
pub(super) struct Lead<'a> {
    pub(super) text: &'a str,
    /// Columns before each further line.
    pub(super) indent: usize,
}

/// The parts on as many lines as they need, none of them wider than `width`: no word is broken that
/// would fit on a line.
pub(super) fn wrapped(lead: &Lead<'_>, parts: &[Part], width: usize, look: Look) -> Vec<String> {
    let room = width.saturating_sub(lead.indent).max(LEAST_ROOM);
    let mut page = Page::new(lead, width.max(lead.indent + LEAST_ROOM));
    for part in parts {
        if part.width() <= room {
            page.put(&part.show(&part.text, look), part.width(), GAP);
            page.pad(part.columns.saturating_sub(part.width()));
            continue;
        }
        let mut gap = GAP;
        for word in part.text.split(' ') {
            for (piece, width) in pieces(word, room) {
                page.put(&part.show(&piece, look), width, gap);
                gap = 0;
            }
            gap = 1;
        }
    }
    page.finish()
}

/// The parts on one line, however wide that is.
pub(super) fn joined(lead: &str, parts: &[Part], look: Look) -> String {
    wrapped(&Lead { text: lead, indent: 0 }, parts, usize::MAX, look).concat()
}

/// Lines that are being filled.
struct Page {
    width: usize,
    indent: usize,
    lines: Vec<String>,
    line: String,
    used: usize,
    /// Columns that the last part leaves empty if another one follows.
    padding: usize,
    /// Whether nothing has been put on the line yet.
    is_fresh: bool,
}

impl Page {
    fn new(lead: &Lead<'_>, width: usize) -> Self {
        Self {
            width,
            indent: lead.indent,
            lines: Vec::new(),
            line: lead.text.to_owned(),
            used: measure_text_width(lead.text),
            padding: 0,
            is_fresh: true,
        }
    }

    fn put(&mut self, shown: &str, width: usize, gap: usize) {
        let gap = if self.is_fresh { 0 } else { gap + std::mem::take(&mut self.padding) };
        if !self.is_fresh && self.used + gap + width > self.width {
            self.lines.push(std::mem::replace(&mut self.line, " ".repeat(self.indent)));
            self.used = self.indent;
        } else {
            self.line.push_str(&" ".repeat(gap));
            self.used += gap;
        }
        self.line.push_str(shown);
        self.used += width;
        self.is_fresh = false;
    }

    /// Columns are for the first line: on others there is no table to fit in.
    fn pad(&mut self, columns: usize) {
        if self.lines.is_empty() {
            self.padding = columns;
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.lines.push(self.line);
        self.lines
    }
}

/// A word and its width; in pieces where it is wider than `room`.
fn pieces(word: &str, room: usize) -> Vec<(String, usize)> {
    let mut pieces = vec![(String::new(), 0)];
    for c in word.chars() {
        let columns = measure_text_width(c.encode_utf8(&mut [0; 4]));
        if let Some((piece, width)) = pieces.last_mut()
            && *width + columns <= room
        {
            piece.push(c);
            *width += columns;
        } else {
            pieces.push((c.to_string(), columns));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parts: &[Part], width: usize, expected: &str) {
        let lines = wrapped(&Lead { text: "! ", indent: 4 }, parts, width, Look::terminal(false));
        assert_eq!(lines.join("\n"), expected, "at {width}");
        assert!(lines.iter().all(|line| measure_text_width(line) <= width), "at {width}: {lines:?}");
    }

    #[test]
    fn lines_break_between_parts_and_only_the_first_keeps_its_columns() {
        let parts = [
            Part::plain("412 in / 96 out").in_columns(18),
            Part::plain("$0.000892").in_columns(12),
            Part::plain("confidence 0.85"),
        ];
        check(&parts, 51, "! 412 in / 96 out     $0.000892     confidence 0.85");
        check(&parts, 50, "! 412 in / 96 out     $0.000892\n    confidence 0.85");
        check(&parts, 30, "! 412 in / 96 out\n    $0.000892  confidence 0.85");
        check(&parts, 20, "! 412 in / 96 out\n    $0.000892\n    confidence 0.85");
    }

    #[test]
    fn a_part_that_is_too_long_breaks_between_words_and_a_word_only_where_it_must() {
        let parts = [Part::plain("upstream answered 529"), Part::plain("ends")];
        check(&parts, 16, "! upstream\n    answered 529\n    ends");
        check(&parts, 12, "! upstream\n    answered\n    529\n    ends");
        check(&[Part::plain("at https://a.example/b ok")], 14, "! at\n    https://a.\n    example/b\n    ok");
        check(&[Part::plain("東京東京東京東京 ok")], 12, "! 東京東京\n    東京東京\n    ok");
    }

    #[test]
    fn colours_take_no_room() {
        let parts = [Part::painted("failed", Look::bad), Part::painted("again", Look::dim)];
        let lines = |color| {
            let lead = Look::terminal(color).bad("✗ ");
            wrapped(&Lead { text: &lead, indent: 4 }, &parts, 15, Look::terminal(color))
        };
        assert_eq!(lines(false), ["✗ failed  again"]);
        assert_eq!(
            lines(true).iter().map(|line| console::strip_ansi_codes(line)).collect::<Vec<_>>(),
            lines(false)
        );
    }
}
