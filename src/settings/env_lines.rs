//! Feeds a `.env` file to its parser so that every entry's line is known, and that nothing of the
//! process's environment gets in. What the entries say is for `env_file.rs`.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::str::SplitInclusive;

use super::list_lines::with_quoted_list;

/// Stands for `$` while the parser reads: it would put variables of the process's environment in
/// its place, a key into a URL for instance.
pub(super) const DOLLAR: char = '\0';

/// `text` with [`DOLLAR`] for every `$` that the parser would look at. One that a backslash escapes
/// is left to it: it takes both for a plain `$`, and refuses any other character there.
pub(super) fn without_dollars(text: &str) -> String {
    let mut is_escaped = false;
    text.chars()
        .map(|char| {
            let was_escaped = is_escaped;
            is_escaped = char == '\\' && !was_escaped;
            if char == '$' && !was_escaped { DOLLAR } else { char }
        })
        .collect()
}

/// Hands out at most one line for each read, so that a parser that reads ahead no further than it
/// must gives away on which line an entry begins.
pub(super) struct LineByLine<'a> {
    lines: SplitInclusive<'a, char>,
    /// Lines begun.
    number: usize,
    /// The line that is handed out.
    line: Cow<'a, str>,
    /// Bytes of it handed out.
    at: usize,
    entry: &'a Cell<Option<usize>>,
}

impl<'a> LineByLine<'a> {
    /// Whenever `entry` is empty, the number, from 1, of the next line that isn't blank or a comment is
    /// put into it: the parser passes over those, and an entry may be of several lines.
    pub(super) fn new(text: &'a str, entry: &'a Cell<Option<usize>>) -> Self {
        Self { lines: text.split_inclusive('\n'), number: 0, line: Cow::Borrowed(""), at: 0, entry }
    }

    fn begin_line(&mut self) {
        let line = self.lines.next().unwrap_or_default();
        self.number += 1;
        self.at = 0;
        let content = line.trim_start();
        let begins_entry = self.entry.get().is_none() && !content.is_empty() && !content.starts_with('#');
        self.line = if begins_entry {
            self.entry.set(Some(self.number));
            with_quoted_list(line)
        } else {
            Cow::Borrowed(line)
        };
    }
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.begin_line();
        }
        let read = self.line.as_bytes().get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
