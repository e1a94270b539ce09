//! Finds what may be an example of a reply: objects at the beginning of a line, in a code fence, or alone
//! between backticks. Whether one is meant as a reply isn't decided here.

use std::ops::Range;

use super::code_span::code_spans;
use super::extent::extent;
use super::layout::{Language, Layout, Line, LineKind};
use super::loose_key::begins_with_loose_key;
use super::words::{has_any, words};

/// The longest label before an object on its line, in bytes: `Output: {…}`.
const LONGEST_LABEL: usize = 40;

/// How much of what leads up to an example is looked at, in bytes.
const LONGEST_LEAD: usize = 200;

/// What an example is called that shows how not to do it.
const WRONG: [&str; 12] = [
    "wrong",
    "bad",
    "incorrect",
    "invalid",
    "broken",
    "malformed",
    "avoid",
    "never",
    "don't",
    "not",
    "mistake",
    "mistakes",
];

/// An object, be it whole or broken.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its bytes within the template.
    pub(super) range: Range<usize>,
    /// Whether nothing else stands on its lines.
    pub(super) is_by_itself: bool,
    /// Whether it stands where nothing but JSON does.
    pub(super) is_in_json_fence: bool,
    /// Whether it shows how not to do it.
    pub(super) is_wrong_on_purpose: bool,
}

/// The candidates, in order.
pub(super) fn candidates(layout: &Layout) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut block_end = 0;
    let mut introduction = "";
    for (index, line) in layout.lines.iter().enumerate() {
        if found.last().is_some_and(|last| line.range.start < last.range.end) {
            continue;
        }
        if line.range.start >= block_end {
            block_end = end_of_block(layout, index);
        }
        let of_line = match line.kind {
            LineKind::Fence | LineKind::Fenced(Language::Other) => Vec::new(),
            LineKind::Fenced(_) | LineKind::Text => match at_start(layout, line, block_end) {
                Some(candidate) => vec![candidate.introduced_by(introduction)],
                None if line.kind == LineKind::Text => in_code_spans(layout, line),
                None => Vec::new(),
            },
        };
        if of_line.is_empty() && line.kind == LineKind::Text && line.start < line.range.end {
            introduction = layout.get(&line.range);
        }
        found.extend(of_line);
    }
    found
}

/// Where the lines end that are text as this one is, or within the same fence.
fn end_of_block(layout: &Layout, index: usize) -> usize {
    let lines = layout.lines.get(index..).unwrap_or_default();
    let kind = lines.first().map(|line| line.kind);
    let block = lines.iter().take_while(|line| Some(line.kind) == kind);
    block.last().map_or(0, |line| line.range.end)
}

/// The object that a line begins with, or that follows a label there.
fn at_start(layout: &Layout, line: &Line, block_end: usize) -> Option<Candidate> {
    let content = layout.get(&(line.start..line.range.end));
    let brace = content.find('{')?;
    let label = content.get(..brace)?.trim_end_matches([' ', '\t', '*', '_']);
    let is_label = label.ends_with(':') && label.len() <= LONGEST_LABEL && !label.contains(['`', '"']);
    let is_in_json_fence = line.kind == LineKind::Fenced(Language::Json);
    let text = layout.get(&(line.start + brace..block_end));
    if !(brace == 0 || is_label) || !begins_object(text, is_in_json_fence) {
        return None;
    }
    let range = line.start + brace..line.start + brace + extent(text);
    let after = layout.get(&(range.end..block_end)).lines().next().unwrap_or_default();
    let is_by_itself = brace == 0 && after.trim().is_empty();
    let is_wrong_on_purpose = is_label && shows_mistake(label);
    Some(Candidate { range, is_by_itself, is_in_json_fence, is_wrong_on_purpose })
}

/// The objects that are the whole of a code span.
fn in_code_spans(layout: &Layout, line: &Line) -> Vec<Candidate> {
    let text = layout.get(&line.range);
    if !text.contains('{') {
        return Vec::new();
    }
    let spans = code_spans(text).into_iter();
    spans
        .filter_map(|span| {
            let content = text.get(span.clone())?;
            let content = content.strip_prefix("json").unwrap_or(content);
            let start = span.end - content.trim_start().len();
            let content = content.trim();
            let is_whole = begins_object(content, false) && extent(content) == content.len();
            (is_whole && content.ends_with('}')).then(|| Candidate {
                range: line.range.start + start..line.range.start + start + content.len(),
                is_by_itself: false,
                is_in_json_fence: false,
                is_wrong_on_purpose: text.get(..start).is_some_and(shows_mistake),
            })
        })
        .collect()
}

impl Candidate {
    /// As the line before it has it, if that is a heading or leads up to it.
    fn introduced_by(self, line: &str) -> Self {
        let line = line.trim_end_matches([' ', '\t', '*', '_']);
        let leads_up = line.ends_with(':') || line.trim_start().starts_with('#');
        let is_wrong_on_purpose = self.is_wrong_on_purpose || leads_up && shows_mistake(line);
        Self { is_wrong_on_purpose, ..self }
    }
}

/// Whether the last sentence of `lead` speaks of something that isn't to be done.
fn shows_mistake(lead: &str) -> bool {
    let lead =
        lead.get(lead.floor_char_boundary(lead.len().saturating_sub(LONGEST_LEAD))..).unwrap_or_default();
    let sentence = lead.rsplit(". ").next().unwrap_or(lead);
    has_any(&words(sentence), &WRONG)
}

fn begins_object(text: &str, with_any_key: bool) -> bool {
    let inside = text.strip_prefix('{').map(str::trim_start);
    inside
        .is_some_and(|inside| with_any_key || inside.starts_with(['"', '}']) || begins_with_loose_key(inside))
}
