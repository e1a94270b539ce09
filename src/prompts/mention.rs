//! Finds the tags of a template, and where they mention names. Which of them are undefined variables is for the
//! template engine to say; it doesn't say where they stand.

use std::ops::Range;

/// A name in a tag of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mention<'t> {
    pub(super) name: &'t str,
    /// Its bytes within the template.
    pub(super) range: Range<usize>,
    /// Whether the template provides for the name being undefined here, or defines it: it is
    /// tested by `is defined`, has a `default`, or is the target of a `set`.
    pub(super) optional: bool,
}

/// A tag other than a comment.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    /// Its bytes within the template, without the opening.
    pub(super) range: Range<usize>,
    tokens: Vec<Token<'t>>,
}

/// The tags of `template`, in order; none within raw text.
pub(super) fn tags(template: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((opening, after)) = next_tag(rest) {
        rest = after;
        if opening == "{#" {
            rest = rest.split_once("#}").map_or("", |(_, after)| after);
            continue;
        }
        let start = template.len() - rest.len();
        let tokens = tokens(template, &mut rest);
        let tag = Tag { range: start..template.len() - rest.len(), tokens };
        if opening == "{%" && tag.keyword() == Some("raw") {
            rest = after_raw(rest);
        }
        found.push(tag);
    }
    found
}

impl<'t> Tag<'t> {
    /// The first name in it: what a `{% … %}` does.
    pub(super) fn keyword(&self) -> Option<&'t str> {
        self.tokens.iter().find_map(Token::name)
    }

    /// How many names, numbers, strings and marks it has.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Its mentions of what can be a variable, in order. Attributes, filters, names of arguments
    /// and the contents of strings aren't.
    pub(super) fn mentions(&self) -> impl Iterator<Item = Mention<'t>> {
        (0..self.tokens.len()).filter_map(|at| mention(&self.tokens, at))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'t> {
    /// A name, and where it starts.
    Name(&'t str, usize),
    /// Any other character, or the first of a number or string.
    Mark(char),
}

impl<'t> Token<'t> {
    pub(super) fn name(&self) -> Option<&'t str> {
        match self {
            Self::Name(name, _) => Some(name),
            Self::Mark(_) => None,
        }
    }

    fn is(token: Option<&Self>, mark: char) -> bool {
        matches!(token, Some(Self::Mark(found)) if *found == mark)
    }
}

/// The opening of the next tag in `rest`, and what follows it.
pub(super) fn next_tag(rest: &str) -> Option<(&str, &str)> {
    rest.match_indices('{').find_map(|(at, _)| {
        let (opening, after) = rest.get(at..)?.split_at_checked(2)?;
        matches!(opening, "{{" | "{%" | "{#").then_some((opening, after))
    })
}

/// What follows the next `{% endraw`.
fn after_raw(rest: &str) -> &str {
    from_endraw(rest).split_once("endraw").map_or("", |(_, after)| after)
}

/// The rest from the next `{% endraw` on; nothing if there is none.
pub(super) fn from_endraw(rest: &str) -> &str {
    rest.match_indices("{%")
        .filter_map(|(at, _)| rest.get(at..))
        .find(|tag| {
            // Not all that follow: of many openings in a row each would be looked at from each.
            let inside = tag.strip_prefix("{%").unwrap_or(tag).trim_start_matches(['-', '+']);
            inside.trim_start().starts_with("endraw")
        })
        .unwrap_or_default()
}

/// Takes the tokens of a tag, and its end, off the front of `rest`, a tail of `template`.
pub(super) fn tokens<'t>(template: &'t str, rest: &mut &'t str) -> Vec<Token<'t>> {
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        if depth == 0 && (rest.starts_with("}}") || rest.starts_with("%}")) {
            *rest = rest.get(2..).unwrap_or_default();
            break;
        }
        let len = match first {
            '"' | '\'' => string_len(rest),
            c if c.is_ascii_alphanumeric() || c == '_' => {
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
        match first {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if first.is_ascii_alphabetic() || first == '_' {
            tokens.push(Token::Name(token, template.len() - rest.len()));
        } else if !first.is_whitespace() {
            tokens.push(Token::Mark(first));
        }
        *rest = after;
    }
    tokens
}

/// The bytes of the string literal that `rest` begins with.
fn string_len(rest: &str) -> usize {
    let quote = rest.chars().next();
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !escaped && Some(c) == quote {
            return at + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

fn mention<'t>(tokens: &[Token<'t>], at: usize) -> Option<Mention<'t>> {
    let Token::Name(name, start) = *tokens.get(at)? else { return None };
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let after = |distance: usize| tokens.get(at + distance);
    let name_after = |distance| after(distance).and_then(Token::name);
    if Token::is(before, '.') || Token::is(before, '|') {
        return None;
    }
    let is_set = tokens.iter().find_map(Token::name) == Some("set");
    let is_named = Token::is(after(1), '=') && !Token::is(after(2), '=');
    if is_named && !is_set {
        return None;
    }
    let has_default = Token::is(after(1), '|') && matches!(name_after(2), Some("default" | "d"));
    let tested = if name_after(2) == Some("not") { name_after(3) } else { name_after(2) };
    let is_tested = name_after(1) == Some("is") && matches!(tested, Some("defined" | "undefined"));
    let is_target = is_set && before.and_then(Token::name) == Some("set");
    let optional = has_default || is_tested || is_target;
    Some(Mention { name, range: start..start + name.len(), optional })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names mentioned, each with `?` if it is optional.
    fn check(template: &str, expected: &[&str]) {
        let found: Vec<_> = tags(template).iter().flat_map(Tag::mentions).collect();
        for mention in &found {
            assert_eq!(&template[mention.range.clone()], mention.name, "{template}");
        }
        let shown: Vec<String> = found
            .iter()
            .filter(|mention| {
                !["if", "is", "not", "defined", "set", "raw", "for", "in"].contains(&mention.name)
            })
            .map(|mention| format!("{}{}", mention.name, if mention.optional { "?" } else { "" }))
            .collect();
        assert_eq!(shown, expected, "{template}");
    }

    #[test]
    fn names_are_found_in_tags_only() {
        check("tone {{ tone }} and {% if a == b %}{ c }", &["tone", "a", "b"]);
        check("{# {{ no }} #}{{- yes -}}", &["yes"]);
        check("{%- raw -%} {{ no }} {%- endraw -%}{{ yes }}", &["yes"]);
        check("{{ 'no' ~ \"n\\\"o\" ~ yes ~ 12e5 }}", &["yes"]);
        check("{{ {'k': {'l': x}} }}{{ y }}", &["x", "y"]);
        check("é {{ é ~ x }", &["x"]);
    }

    #[test]
    fn attributes_filters_and_names_of_arguments_are_no_variables() {
        check("{{ a.b | upper | replace(from=c, to='x') }}", &["a", "c"]);
    }

    #[test]
    fn a_name_that_may_be_undefined_is_optional() {
        check("{{ a | default('x') }}{{ b|d }}", &["a?", "b?"]);
        check(
            "{% if a is defined and b is not defined and c is odd %}",
            &["a?", "and", "b?", "and", "c", "odd"],
        );
        check("{% set a = b %}{% for c in d %}", &["a?", "b", "c", "d"]);
    }

    #[test]
    fn an_unfinished_tag_ends_with_the_template() {
        check("{{ a", &["a"]);
        check("{{ 'a", &[]);
        check("{% raw %}{{ a }}", &[]);
        check("{% raw %}{%{%{% endraw %}{{ a }}", &["a"]);
        check("{", &[]);
    }
}
