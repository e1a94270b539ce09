//! Replaces a template's tags by text of the same length, so that what is round them can be read and
//! every place stays what it is.

use crate::prompts::{TagKind, TemplateTag};

/// The longest row of digits that stands for a value: a longer one would be no number.
const MOST_DIGITS: usize = 200;

/// `template`, with digits for what becomes a value, which fit into a string and stand for themselves
/// outside of one, and blanks for all other tags.
pub(super) fn mask(template: &str, tags: &[TemplateTag]) -> String {
    let mut masked = String::with_capacity(template.len());
    let mut end = 0;
    for tag in tags {
        masked.push_str(template.get(end..tag.range.start).unwrap_or_default());
        end = tag.range.end;
        let len = tag.range.len();
        match tag.kind {
            TagKind::Value => {
                let digits = if len > MOST_DIGITS { 1 } else { len };
                masked.extend(std::iter::repeat_n('1', digits));
                masked.extend(std::iter::repeat_n(' ', len - digits));
            }
            TagKind::Comment | TagKind::Statement | TagKind::Raw => {
                masked.extend(std::iter::repeat_n(' ', len));
            }
        }
    }
    masked.push_str(template.get(end..).unwrap_or_default());
    masked
}

/// `text` with blanks in place of `ranges`, which are in order.
pub(super) fn blank<'r>(text: &str, ranges: impl IntoIterator<Item = &'r std::ops::Range<usize>>) -> String {
    let mut blanked = String::with_capacity(text.len());
    for range in ranges {
        blanked.push_str(text.get(blanked.len()..range.start).unwrap_or_default());
        let len = range.end.saturating_sub(blanked.len());
        blanked.extend(std::iter::repeat_n(' ', len));
    }
    blanked.push_str(text.get(blanked.len()..).unwrap_or_default());
    blanked
}
