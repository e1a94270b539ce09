//! Terms and what is to be said about each: one shape for help and for the manual.

use clap::Command;
use clap::builder::{StyledStr, Styles};
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::heading;

/// Terms under a heading.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryList {
    pub(super) title: String,
    /// Before the terms: a paragraph each.
    pub(super) preface: Vec<String>,
    pub(super) entries: Vec<Entry>,
}

/// A term and what is to be said about it: a line or more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) term: String,
    pub(super) lines: Vec<String>,
}

/// How far the terms, and what is said about them, are set in: as clap sets flags in.
const TERM: &str = "  ";
const TEXT: &str = "          ";

impl EntryList {
    pub(super) fn new(title: impl Into<String>, entries: Vec<Entry>) -> Self {
        Self { title: title.into(), preface: Vec::new(), entries }
    }

    /// Reads what a command's help has below its flags: a heading, paragraphs, and terms with text below.
    pub(super) fn from_help(text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
        let title = lines.next().unwrap_or_default().trim_end_matches(':').to_owned();
        let mut list = Self::new(title, Vec::new());
        while let Some(line) = lines.next() {
            let mut below = Vec::new();
            while let Some(text) = lines.next_if(|line| line.starts_with(TEXT)) {
                below.push(text.trim().to_owned());
            }
            let text = line.trim().to_owned();
            if below.is_empty() {
                list.preface.push(text);
            } else {
                list.entries.push(Entry { term: text, lines: below });
            }
        }
        list
    }

    /// As a section of a page, whose heading is already there.
    pub(super) fn push_roff(&self, roff: &mut Roff) {
        for (number, paragraph) in self.preface.iter().enumerate() {
            if number > 0 {
                roff.control("PP", []);
            }
            roff.text([roman(paragraph)]);
        }
        for Entry { term, lines } in &self.entries {
            roff.control("TP", []);
            roff.text([bold(term)]);
            for (number, line) in lines.iter().enumerate() {
                if number > 0 {
                    roff.control("br", []);
                }
                roff.text([roman(line)]);
            }
        }
    }
}

/// As a page of help, wrapped by clap to the width of the terminal.
pub(super) fn as_help(lists: &[EntryList]) -> StyledStr {
    let styles = Styles::styled();
    let literal = styles.get_literal();
    let mut text = String::new();
    for EntryList { title, preface, entries } in lists {
        text.push_str(&format!("{}\n", heading(&format!("{title}:"))));
        for paragraph in preface {
            text.push_str(&format!("{TERM}{paragraph}\n\n"));
        }
        for Entry { term, lines } in entries {
            text.push_str(&format!("{TERM}{literal}{term}{literal:#}\n"));
            for line in lines {
                text.push_str(&format!("{TEXT}{line}\n"));
            }
            text.push('\n');
        }
    }
    let text = text.trim_end().to_owned();
    Command::new("help").help_template("{after-help}").after_help(text).render_long_help()
}
