//! The sentences of a prompt: its own words, without examples, quotations and what stands in fences.

use std::ops::Range;

use super::code_span::code_spans;
use super::example::Example;
use super::layout::{Layout, LineKind};
use super::mask::blank;
use super::step_prompt::StepPrompt;
use super::words::is_any;

/// Words that say where something is to stand.
const WITHIN: [&str; 5] = ["in", "inside", "within", "into", "of"];

/// The sentences of a prompt.
#[derive(Debug)]
pub(super) struct Sentences {
    /// The template with blanks in place of all that isn't said by the prompt itself.
    text: String,
    ranges: Vec<SentenceRange>,
}

#[derive(Debug)]
struct SentenceRange {
    range: Range<usize>,
    is_about_field: bool,
}

/// A sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence<'a> {
    pub(super) text: &'a str,
    pub(super) range: &'a Range<usize>,
    /// Whether it belongs to what is said of one field.
    pub(super) is_about_field: bool,
}

impl Sentences {
    pub(super) fn iter(&self) -> impl Iterator<Item = Sentence<'_>> {
        self.ranges.iter().filter_map(|SentenceRange { range, is_about_field }| {
            let text = self.text.get(range.clone())?;
            Some(Sentence { text, range, is_about_field: *is_about_field })
        })
    }
}

/// The sentences of `prompt`.
pub(super) fn sentences(prompt: &StepPrompt<'_>, examples: &[Example]) -> Sentences {
    let layout = &prompt.layout;
    let own_words = blank(&layout.text, examples.iter().map(|example| &example.range));
    let text = blank(&own_words, &quotations(layout, &own_words));
    let begins_with_field = |block: &str| {
        let begin = block.trim_start_matches(['*', '_', '`']);
        prompt
            .fields()
            .names()
            .any(|name| begin.strip_prefix(name).is_some_and(|rest| rest.starts_with(['`', ':', '*'])))
    };
    let mut ranges = Vec::new();
    for block in blocks(layout) {
        let content = text.get(block.clone()).unwrap_or_default();
        let is_about_field = begins_with_field(content);
        let parts = split(content).into_iter().map(|part| block.start + part.start..block.start + part.end);
        ranges.extend(parts.map(|range| SentenceRange { range, is_about_field }));
    }
    Sentences { text, ranges }
}

/// Whether `words` speak of something within one of the step's fields.
pub(super) fn is_within_field(prompt: &StepPrompt<'_>, words: &[&str]) -> bool {
    let pairs = words.windows(2);
    pairs.into_iter().any(|pair| match pair {
        [within, name] => is_any(within, &WITHIN) && prompt.fields().has(name),
        _ => false,
    })
}

/// What is quoted within the lines of `text`.
fn quotations(layout: &Layout, text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for line in layout.lines.iter().filter(|line| line.kind == LineKind::Text) {
        let content = text.get(line.range.clone()).unwrap_or_default();
        if !content.contains(['"', '“']) {
            continue;
        }
        let mut spans = code_spans(content).into_iter().peekable();
        let mut open: Option<(char, usize)> = None;
        for (at, c) in content.char_indices() {
            while spans.next_if(|span| span.end <= at).is_some() {}
            if spans.peek().is_some_and(|span| span.contains(&at)) {
                continue;
            }
            match (c, open) {
                ('"', None) => open = Some(('"', at + 1)),
                ('“', None) => open = Some(('”', at + c.len_utf8())),
                (_, Some((close, start))) if c == close => {
                    found.push(line.range.start + start..line.range.start + at);
                    open = None;
                }
                _ => {}
            }
        }
    }
    found
}

/// Paragraphs, list items and headings.
fn blocks(layout: &Layout) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut goes_on = false;
    for line in &layout.lines {
        let is_empty = line.start == line.range.end;
        if line.kind != LineKind::Text || is_empty {
            goes_on = false;
            continue;
        }
        let marks = layout.get(&(line.range.start..line.start));
        let is_heading = layout.get(&(line.start..line.range.end)).starts_with('#');
        match blocks.last_mut() {
            Some(block) if goes_on && marks.trim().is_empty() && !is_heading => block.end = line.range.end,
            _ => blocks.push(line.start..line.range.end),
        }
        goes_on = !is_heading;
    }
    blocks
}

/// The sentences of a paragraph.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let (mut start, mut seen) = (0, 0);
    for (at, _) in text.match_indices(['.', '!', '?']) {
        // One of the marks that have been seen to follow another.
        if at < seen {
            continue;
        }
        let after = text.get(at + 1..).unwrap_or_default();
        let after = after.trim_start_matches(['.', '!', '?', ')', '*', '_', '"', '”', '\'']);
        seen = text.len() - after.len();
        if after.is_empty() || after.starts_with(char::is_whitespace) {
            sentences.push(trimmed(text, start..seen));
            start = seen;
        }
    }
    sentences.push(trimmed(text, start..text.len()));
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let sentence = text.get(range.clone()).unwrap_or_default();
    let start = range.start + sentence.len() - sentence.trim_start().len();
    start..start + sentence.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_falls_into_sentences() {
        let text = "One v1.2 (é). *Two!* Three\nfour? ... ";
        let found: Vec<_> = split(text).into_iter().map(|sentence| &text[sentence]).collect();
        assert_eq!(found, ["One v1.2 (é).", "*Two!*", "Three\nfour?", "..."]);
        assert_eq!(split("Wait...what?! ..x").len(), 2);
    }
}
