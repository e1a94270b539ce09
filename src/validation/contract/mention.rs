//! Finds where a template speaks of the fields of the blocks that a step gets to read. Only forms that
//! can hardly mean anything else: `analysis.intent` as code, and the list of fields in a line that
//! introduces a block.

use std::ops::Range;

use super::code_span::code_spans;
use super::layout::{Layout, LineKind};
use crate::step::StepName;

/// The blocks, each with the step whose output it holds.
const BLOCKS: [(&str, StepName); 2] = [("analysis", StepName::Analyze), ("draft", StepName::Process)];

/// What `analysis.…` may be as the name of a file or a host.
const ENDINGS: [&str; 30] = [
    "md", "txt", "json", "jsonl", "toml", "yaml", "yml", "html", "htm", "pdf", "csv", "doc", "docx", "xml",
    "py", "rs", "js", "ts", "jsx", "tsx", "css", "sh", "sql", "tex", "odt", "com", "org", "net", "io", "dev",
];

/// The most bytes of a block's tag.
const LONGEST_TAG: usize = 64;

/// A mention of a block, or of a field of it.
#[derive(Debug)]
pub(super) struct Mention<'t> {
    /// The block's name.
    pub(super) block: &'static str,
    /// The step that writes it.
    pub(super) step: StepName,
    /// The field; `None` if it is about the block itself.
    pub(super) field: Option<&'t str>,
    /// Its bytes within the template: the field's, or the block's.
    pub(super) range: Range<usize>,
}

/// All mentions.
pub(super) fn mentions(layout: &Layout) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    for line in layout.lines.iter().filter(|line| line.kind == LineKind::Text) {
        dotted(layout, &line.range, &mut found);
        introduced(layout, line.start..line.range.end, &mut found);
    }
    found.sort_by_key(|mention| mention.range.start);
    found
}

/// Mentions such as `analysis.intent`. Without the backticks they may be anything: a host, a product, or
/// the end of a sentence.
fn dotted<'t>(layout: &'t Layout, line: &Range<usize>, found: &mut Vec<Mention<'t>>) {
    let text = layout.get(line);
    if !BLOCKS.iter().any(|(block, _)| text.contains(block)) {
        return;
    }
    for span in code_spans(text) {
        let code = text.get(span.clone()).unwrap_or_default();
        let start = line.start + span.start;
        found.extend(BLOCKS.into_iter().flat_map(|(block, step)| in_code(code, start, block, step)));
    }
}

/// The mentions in the code that begins at the byte `start`.
fn in_code<'t>(
    code: &'t str,
    start: usize,
    block: &'static str,
    step: StepName,
) -> impl Iterator<Item = Mention<'t>> {
    code.match_indices(block).filter_map(move |(at, _)| {
        let name = code.get(at + block.len()..)?.strip_prefix('.')?;
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        let belongs = |c: char| c.is_alphanumeric() || "_./-@#\\<".contains(c);
        let field = name.get(..identifier_len(name)).filter(|field| !field.is_empty())?;
        let after = name.get(field.len()..)?.chars().next();
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '(' | '-' | '/');
        if before.is_some_and(belongs) || after.is_some_and(goes_on) || ENDINGS.contains(&field) {
            return None;
        }
        let start = start + at + block.len() + 1;
        Some(Mention { block, step, field: Some(field), range: start..start + field.len() })
    })
}

/// The block that a line begins with, and the fields that its first list names.
fn introduced<'t>(layout: &'t Layout, line: Range<usize>, found: &mut Vec<Mention<'t>>) {
    let text = layout.get(&line);
    let content = text.trim_start_matches("The ").trim_start_matches("the ").trim_start_matches(['*', '_']);
    let tag = content.trim_start_matches('`');
    let Some((block, step, tag_len)) = block_tag(tag) else { return };
    let start = line.end - tag.len();
    found.push(Mention { block, step, field: None, range: start..start + tag_len });
    let rest = tag.get(tag_len..).unwrap_or_default();
    // Without the backtick that closes the tag's own code span.
    let rest = if tag.len() < content.len() { rest.trim_start_matches('`') } else { rest };
    let from = line.end - rest.len();
    let mut end = None;
    let mut fields = Vec::new();
    for span in code_spans(rest) {
        let between = rest.get(end.unwrap_or(0)..span.start).unwrap_or_default();
        let follows = if end.is_none() { !ends_sentence(between) } else { is_list_separator(between) };
        if !follows {
            break;
        }
        end = Some(span.end);
        fields.push(span);
    }
    let names = fields.into_iter().map(|span| (rest.get(span.clone()).unwrap_or_default(), span));
    let names: Vec<_> = names.collect();
    // A list of something else.
    if names.iter().any(|(name, _)| name.is_empty() || identifier_len(name) < name.len() || *name == "null") {
        return;
    }
    found.extend(names.into_iter().map(|(name, span)| {
        let range = from + span.start..from + span.end;
        Mention { block, step, field: Some(name), range }
    }));
}

/// The block whose opening tag `text` begins with, as `<analysis-…>`, and how long the tag is.
fn block_tag(text: &str) -> Option<(&'static str, StepName, usize)> {
    BLOCKS.into_iter().find_map(|(block, step)| {
        let rest = text.strip_prefix('<')?.strip_prefix(block)?;
        let end = rest.find('>').filter(|end| *end <= LONGEST_TAG)?;
        let is_tag = rest.starts_with(['>', '-', ' ', '_']);
        is_tag.then_some((block, step, 1 + block.len() + end + 1))
    })
}

fn ends_sentence(text: &str) -> bool {
    text.contains([';', '!', '?']) || text.contains(". ")
}

/// Whether the text between two code spans, backticks included, makes a list of them.
fn is_list_separator(text: &str) -> bool {
    let words = text.split([' ', '\t', ',', '`']).filter(|word| !word.is_empty());
    words.into_iter().all(|word| matches!(word, "and" | "or" | "&"))
}

/// The bytes of the identifier in lower case that `text` begins with.
fn identifier_len(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let len = text.find(|c| !is_part(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { len }
}
