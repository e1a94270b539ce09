//! Feeds a `.env` file to its parser so that every entry's line is known, and that nothing of the
//! process's environment gets in. What the entries say is for `env_file.rs`.

use std::cell::Cell;
use std::io::{self, Read};

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
    text: &'a str,
    /// Bytes handed out.
    at: usize,
    /// Lines begun.
    lines: usize,
    entry: &'a Cell<Option<usize>>,
}

impl<'a> LineByLine<'a> {
    /// Whenever `entry` is empty, the number, from 1, of the next line that isn't blank or a comment is
    /// put into it: the parser passes over those, and an entry may be of several lines.
    pub(super) fn new(text: &'a str, entry: &'a Cell<Option<usize>>) -> Self {
        Self { text, at: 0, lines: 0, entry }
    }

    fn begin_line(&mut self) {
        self.lines += 1;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let content = rest.trim_start_matches(|char: char| char.is_whitespace() && char != '\n');
        if self.entry.get().is_none() && !content.starts_with(['\n', '#']) {
            self.entry.set(Some(self.lines));
        }
    }
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let text = self.text.as_bytes();
        if self.at == 0 || text.get(self.at - 1) == Some(&b'\n') {
            self.begin_line();
        }
        // No further than there is room: a long line would be searched again for every piece of it.
        let rest = text.get(self.at..).unwrap_or_default();
        let rest = rest.get(..buffer.len()).unwrap_or(rest);
        let read = rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
