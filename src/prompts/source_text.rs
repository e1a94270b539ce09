//! The text of a prompt file, and where in it something stands. Doesn't understand what it says.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::rule::Rule;

/// A text and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SourceText {
    pub(super) source: Source,
    /// Without a byte order mark, and with `\n` at the end of each line.
    pub(super) text: String,
    /// The first byte of each line: a file may have a problem in each of many lines.
    line_starts: Vec<usize>,
}

impl SourceText {
    /// Takes `text`, whatever editor it was written with.
    pub(super) fn new(source: Source, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { source, text, line_starts }
    }

    /// Where the bytes of `range` stand: their line, or the first of them.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.floor_char_boundary(range.end).max(start);
        let within = self.text.get(start..end).unwrap_or_default();
        let line = self.line_starts.partition_point(|line_start| *line_start <= start);
        let line_start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Place {
            line: small(line),
            col: small(self.text.get(line_start..start).unwrap_or_default().chars().count()) + 1,
            len: small(within.chars().take_while(|c| *c != '\n').count()),
        }
    }

    /// The line of that number, from 1.
    pub(super) fn line(&self, number: u32) -> &str {
        let index = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
        let start = self.line_starts.get(index).copied();
        let rest = start.and_then(|start| self.text.get(start..)).unwrap_or_default();
        // Not `lines`, which takes a carriage return before the end for a part of it: here it is the line's own.
        rest.split('\n').next().unwrap_or_default()
    }

    /// About the bytes of `range`.
    pub(super) fn diagnostic(
        &self,
        range: &Range<usize>,
        rule: Rule,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.diagnostic_at(self.place(range), rule, message)
    }

    /// About that place.
    pub(super) fn diagnostic_at(&self, place: Place, rule: Rule, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, self.source.clone(), message).at(place, self.line(place.line))
    }
}

/// `count` of something in a file that is far smaller than 4 GiB.
pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SourceText {
        SourceText::new(Source::BuiltIn("x.md"), text)
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = source("ab\ncdé語f\n");
        assert_eq!(text.place(&(0..1)), Place { line: 1, col: 1, len: 1 });
        assert_eq!(text.place(&(3..5)), Place { line: 2, col: 1, len: 2 });
        let f = text.text.find('f').unwrap();
        assert_eq!(text.place(&(f..f + 1)), Place { line: 2, col: 5, len: 1 });
    }

    #[test]
    fn a_place_ends_with_its_line_and_within_the_text() {
        let text = source("ab\ncd");
        assert_eq!(text.place(&(1..5)), Place { line: 1, col: 2, len: 1 });
        assert_eq!(text.place(&(5..5)), Place { line: 2, col: 3, len: 0 });
        assert_eq!(text.place(&(90..99)), Place { line: 2, col: 3, len: 0 });
        assert_eq!(source("").place(&(0..0)), Place { line: 1, col: 1, len: 0 });
    }

    #[test]
    fn the_editor_that_wrote_a_text_makes_no_difference() {
        assert_eq!(source("a\nb\n"), source("\u{feff}a\r\nb\r\n"));
    }
}
