//! Lists in a `.env` file that aren't quoted: to its parser a blank would end their value, and quotes
//! within it would be taken away.

use std::borrow::Cow;

use super::table;

/// `line`, the first of an entry, with quotes round its value if that is a list without any. Nothing
/// else of it changes, but that a comment after such a value is dropped.
pub(super) fn with_quoted_list(line: &str) -> Cow<'_, str> {
    quoted(line).map_or(Cow::Borrowed(line), Cow::Owned)
}

fn quoted(line: &str) -> Option<String> {
    let (head, rest) = line.split_once('=')?;
    let is_list = table::find(name(head)).is_some_and(|variable| variable.kind.is_list());
    let value = without_comment(rest).trim();
    // Of a list in brackets the quotes belong to the items. A backslash would escape the closing quote.
    let is_bare = if value.starts_with('[') {
        !value.ends_with('\\')
    } else {
        !value.is_empty() && !value.contains(['\'', '"', '\\'])
    };
    // Every quote inside is put in by itself, as in a shell.
    (is_list && is_bare).then(|| format!("{head}='{}'\n", value.replace('\'', r"'\''")))
}

/// The name in `NAME` or `export NAME`.
fn name(head: &str) -> &str {
    let head = head.trim();
    match head.strip_prefix("export") {
        Some(name) if name.starts_with(char::is_whitespace) => name.trim_start(),
        _ => head,
    }
}

/// What stands before the first `#` that follows a blank.
fn without_comment(text: &str) -> &str {
    let mut signs = text.match_indices('#').map(|(at, _)| text.split_at(at).0);
    signs.find(|before| before.ends_with(char::is_whitespace)).unwrap_or(text)
}
