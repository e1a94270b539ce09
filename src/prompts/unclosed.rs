//! Finds the tag of a template that isn't closed: the template engine reports where it gave up, which may
//! be much further on. Only for templates that the engine has refused.

use std::ops::Range;

use super::mention::{from_endraw, next_tag, tags};

/// What isn't closed, and what would close it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The bytes of the template that open it.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) hint: String,
}

/// The statements that need an end of their own.
const BLOCKS: [&str; 6] = ["if", "for", "set", "with", "filter", "autoescape"];

/// What the engine was in the middle of, at the byte `at`, when it gave up.
pub(super) fn unclosed(template: &str, at: usize) -> Option<Unclosed> {
    let mut rest = template;
    while let Some((opening, after)) = next_tag(rest) {
        let start = template.len() - after.len() - opening.len();
        if start > at {
            break;
        }
        match end_of_tag(opening, after) {
            Ok(end) => rest = after.get(end..).unwrap_or_default(),
            Err(unclosed) => {
                let line = template.get(start..).and_then(|tag| tag.lines().next()).unwrap_or_default();
                let end = start + opening.len() + unclosed.len;
                return Some(Unclosed {
                    range: start..end.min(start + line.trim_end().len()),
                    message: unclosed.message.to_owned(),
                    hint: unclosed.hint,
                });
            }
        }
        if is_raw(opening, after) {
            let end = from_endraw(rest);
            if end.is_empty() {
                return Some(block("raw", start..template.len() - rest.len()));
            }
            rest = end;
        }
    }
    // Only at the end does the engine miss the end of a block.
    (at == template.len()).then(|| open_block(template)).flatten()
}

/// A tag that has no end, up to where that shows.
struct WithoutEnd {
    len: usize,
    message: &'static str,
    hint: String,
}

/// Where in `after`, which follows `opening`, the tag ends.
fn end_of_tag(opening: &str, after: &str) -> Result<usize, WithoutEnd> {
    let closing = match opening {
        "{#" => "#}",
        "{%" => "%}",
        _ => "}}",
    };
    let hint =
        format!("close it with {closing}, or put it between {{% raw %}} and {{% endraw %}} if it is text");
    let not_closed = |len| WithoutEnd { len, message: "the tag isn't closed", hint: hint.clone() };
    if opening == "{#" {
        return after.find(closing).map(|end| end + 2).ok_or_else(|| not_closed(after.len()));
    }
    let mut depth = 0_usize;
    let mut chars = after.char_indices();
    while let Some((at, char)) = chars.next() {
        let here = after.get(at..).unwrap_or_default();
        match char {
            _ if depth == 0 && here.starts_with(closing) => return Ok(at + 2),
            '{' if here.starts_with("{%")
                || here.starts_with("{#")
                || (depth == 0 && here.starts_with("{{")) =>
            {
                return Err(not_closed(at));
            }
            '{' => depth += 1,
            '}' if depth == 0 => return Err(not_closed(at + 1)),
            '}' => depth -= 1,
            '%' if here.starts_with("%}") => return Err(not_closed(at + 2)),
            '"' | '\'' if !skip_string(&mut chars, char) => {
                let has_end = here.find(closing).is_some_and(|end| !here.get(..end).is_some_and(has_tag));
                return Err(if has_end {
                    let message = "a string in the tag isn't closed";
                    WithoutEnd { len: after.len(), message, hint: format!("close it with {char}") }
                } else {
                    not_closed(after.len())
                });
            }
            _ => {}
        }
    }
    Err(not_closed(after.len()))
}

/// Whether there is an end to the string that `quote` has begun; goes behind it.
fn skip_string(chars: &mut std::str::CharIndices<'_>, quote: char) -> bool {
    while let Some((_, char)) = chars.next() {
        if char == quote {
            return true;
        }
        if char == '\\' {
            chars.next();
        }
    }
    false
}

fn has_tag(text: &str) -> bool {
    next_tag(text).is_some()
}

fn is_raw(opening: &str, after: &str) -> bool {
    let inside = after.trim_start_matches(['-', '+']).trim_start();
    let keyword = inside.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').next();
    opening == "{%" && keyword == Some("raw")
}

/// The innermost block that is open at the end of `template`, whose tags but for the last are all closed.
pub(super) fn open_block(template: &str) -> Option<Unclosed> {
    let mut open = Vec::new();
    for tag in tags(template) {
        let start = tag.range.start.checked_sub(2)?;
        let text = template.get(start..tag.range.end)?;
        let Some(keyword) = tag.keyword().filter(|_| text.starts_with("{%")) else { continue };
        if keyword.starts_with("end") {
            open.pop();
        } else if BLOCKS.contains(&keyword) && !(keyword == "set" && text.contains('=')) {
            open.push((keyword, start..tag.range.end));
        }
    }
    let (keyword, range) = open.pop()?;
    Some(block(keyword, range))
}

fn block(keyword: &str, range: Range<usize>) -> Unclosed {
    let message = format!("`{{% {keyword} %}}` isn't closed");
    Unclosed { range, message, hint: format!("add {{% end{keyword} %}}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What opens it, what is said, and what would close it, where the engine gives up at the end.
    fn check(template: &str, expected: (&str, &str, &str)) {
        let found = unclosed(template, template.len()).unwrap_or_else(|| panic!("{template}"));
        let opening = &template[found.range];
        let hint = found.hint.trim_start_matches("close it with ");
        let hint = hint.trim_end_matches(", or put it between {% raw %} and {% endraw %} if it is text");
        assert_eq!((opening, found.message.as_str(), hint), expected, "{template}");
    }

    #[test]
    fn a_tag_without_an_end_is_found_where_it_opens() {
        let open = "the tag isn't closed";
        check("é {# a {{ tone\nb", ("{# a {{ tone", open, "#}"));
        check("{{ tone } and\n{{ more }}", ("{{ tone }", open, "}}"));
        check("{{ tone and {{ more }}", ("{{ tone and ", open, "}}"));
        check("{{ a }} {% raw and\nDon't {{ x }}", ("{% raw and", open, "%}"));
        check("{{ tone %} and", ("{{ tone %}", open, "}}"));
        check("{{ {'a': {'b': 1}} }}{{ c", ("{{ c", open, "}}"));
        check("{{ 'a }}\nb", ("{{ 'a }}", "a string in the tag isn't closed", "'"));
        check("{{ '}}' ~ \"\\\"}}\" }} {{ \"a }}", ("{{ \"a }}", "a string in the tag isn't closed", "\""));
    }

    #[test]
    fn a_block_without_an_end_is_found_where_it_opens() {
        check(
            "{% if a %}{% for b in c %}{% endfor %}{% set d = 1 %}\n",
            ("{% if a %}", "`{% if %}` isn't closed", "add {% endif %}"),
        );
        check(
            "{% if a %}\n{%- for b in c %}",
            ("{%- for b in c %}", "`{% for %}` isn't closed", "add {% endfor %}"),
        );
        check("{% set a %}b", ("{% set a %}", "`{% set %}` isn't closed", "add {% endset %}"));
        check("a {% raw %} {{ b", ("{% raw %}", "`{% raw %}` isn't closed", "add {% endraw %}"));
    }

    #[test]
    fn what_comes_after_the_place_and_what_is_closed_is_not_found() {
        assert_eq!(unclosed("{{ a b }} {{ c", 5), None);
        assert_eq!(unclosed("{% raw %}{{ a {% endraw %}{{ b b }}{# c #}{% if d %}{% endif %}", 64), None);
    }
}
