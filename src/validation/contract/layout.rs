//! A template as people read it: its lines, which of them stand in a code fence, and where each begins
//! after its list or quote marks. A small part of Markdown, no more than the rules need.

use std::ops::Range;

use super::mask::mask;
use crate::prompts::{Prompt, TagKind, TemplateTag};

/// A template in lines.
#[derive(Debug)]
pub(super) struct Layout {
    /// The template, byte for byte, with its tags masked.
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
    tags: Vec<TemplateTag>,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    /// Its bytes, without the line break.
    pub(super) range: Range<usize>,
    /// The first byte after indentation, list marks and quote marks.
    pub(super) start: usize,
    pub(super) kind: LineKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Text,
    /// The beginning or end of a code fence.
    Fence,
    /// Within a fence.
    Fenced(Language),
}

/// The language of a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Json,
    /// Not said, or plain text.
    Plain,
    Other,
}

impl Layout {
    pub(super) fn of(prompt: &Prompt) -> Self {
        let tags = prompt.tags();
        let text = mask(prompt.template(), &tags);
        let lines = lines(&text);
        Self { text, lines, tags }
    }

    /// The bytes of `range`.
    pub(super) fn get(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The tags that have a part in `range`.
    pub(super) fn tags_in(&self, range: &Range<usize>) -> &[TemplateTag] {
        let first = self.tags.partition_point(|tag| tag.range.end <= range.start);
        let after = self.tags.partition_point(|tag| tag.range.start < range.end);
        self.tags.get(first..after).unwrap_or_default()
    }

    /// Whether the text in `range` isn't as it will be: a tag stands for a part of it.
    pub(super) fn has_values_in(&self, range: &Range<usize>) -> bool {
        self.tags_in(range).iter().any(|tag| matches!(tag.kind, TagKind::Value | TagKind::Statement))
    }

    pub(super) fn comments(&self) -> impl Iterator<Item = &Range<usize>> {
        self.tags.iter().filter(|tag| tag.kind == TagKind::Comment).map(|tag| &tag.range)
    }
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut fence: Option<(&str, Language)> = None;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let range = at..at + line.len();
        at += whole.len();
        let content = after_marks(line);
        let start = range.end - content.len();
        let kind = match fence {
            None => match fence_mark(content) {
                // A mark within the rest makes it code in a line of text.
                Some((mark, rest)) if !rest.contains('`') => {
                    fence = Some((mark, language(rest)));
                    LineKind::Fence
                }
                _ => LineKind::Text,
            },
            Some((open, language)) => match fence_mark(content) {
                Some((mark, rest)) if mark.starts_with(open) && rest.trim().is_empty() => {
                    fence = None;
                    LineKind::Fence
                }
                _ => LineKind::Fenced(language),
            },
        };
        lines.push(Line { range, start, kind });
    }
    lines
}

/// The fence mark that `content` begins with, and what follows it.
fn fence_mark(content: &str) -> Option<(&str, &str)> {
    let first = content.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = content.trim_start_matches(first);
    let mark = content.get(..content.len() - rest.len())?;
    (mark.len() >= 3).then_some((mark, rest))
}

fn language(info: &str) -> Language {
    let word = info.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "json" | "jsonc" | "json5" => Language::Json,
        "" | "text" | "txt" | "plain" | "plaintext" => Language::Plain,
        _ => Language::Other,
    }
}

/// `line` without indentation, list marks and quote marks.
fn after_marks(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after_number = digits.strip_prefix(['.', ')']).filter(|_| digits.len() < rest.len());
        let after_bullet = rest.strip_prefix(['-', '*', '+']).or(after_number);
        let after_bullet = after_bullet.filter(|after| after.starts_with([' ', '\t']));
        match after_bullet.or_else(|| rest.strip_prefix('>')) {
            Some(after) => rest = after.trim_start(),
            None => return rest,
        }
    }
}
