//! Where the tags of a template stand, for those who look at a template as it is written. What a tag
//! does is for the template engine to say.

use std::ops::Range;

use super::mention::{Token, from_endraw, next_tag, tokens};

/// A tag of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateTag {
    /// Its bytes within the template, with the braces.
    pub range: Range<usize>,
    /// What it leaves in the rendered text.
    pub kind: TagKind,
}

/// What a tag leaves in the rendered text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// `{# … #}`: nothing.
    Comment,
    /// `{{ … }}`: a value.
    Value,
    /// `{% … %}`: nothing by itself, but it may repeat, drop or set what is round it.
    Statement,
    /// `{% raw %}` or `{% endraw %}`: nothing, and what is between the two stays as it is.
    Raw,
}

/// The tags of `template`, in order. One that isn't closed goes on to the end.
pub(super) fn template_tags(template: &str) -> Vec<TemplateTag> {
    let mut found = Vec::new();
    let mut rest = template;
    let at = |tail: &str| template.len() - tail.len();
    while let Some((opening, after)) = next_tag(rest) {
        let start = at(after) - opening.len();
        rest = after;
        let kind = match opening {
            "{#" => {
                rest = rest.split_once("#}").map_or("", |(_, after)| after);
                TagKind::Comment
            }
            _ if first_name(template, &mut rest) == Some("raw") && opening == "{%" => TagKind::Raw,
            "{%" => TagKind::Statement,
            _ => TagKind::Value,
        };
        found.push(TemplateTag { range: start..at(rest), kind });
        if kind == TagKind::Raw {
            let start = at(from_endraw(rest));
            rest = rest.get(start - at(rest)..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            rest = rest.get(2..).unwrap_or_default();
            tokens(template, &mut rest);
            found.push(TemplateTag { range: start..at(rest), kind });
        }
    }
    found
}

/// Takes a tag off the front of `rest`, a tail of `template`; its first name.
fn first_name<'t>(template: &'t str, rest: &mut &'t str) -> Option<&'t str> {
    tokens(template, rest).iter().find_map(Token::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: &[(&str, TagKind)]) {
        let found = template_tags(template);
        let found: Vec<_> = found.iter().map(|tag| (&template[tag.range.clone()], tag.kind)).collect();
        assert_eq!(found, expected, "{template}");
    }

    #[test]
    fn tags_are_found_with_their_braces() {
        check("a {{ b }}{c}", &[("{{ b }}", TagKind::Value)]);
        check(
            "é{#\n{{ no }} #}{{- '}}' -}}",
            &[("{#\n{{ no }} #}", TagKind::Comment), ("{{- '}}' -}}", TagKind::Value)],
        );
        check(
            "{% if a %}b{% endif %}",
            &[("{% if a %}", TagKind::Statement), ("{% endif %}", TagKind::Statement)],
        );
    }

    #[test]
    fn raw_text_has_none() {
        check(
            "{%- raw %}{{ no }}{% no %}{%- endraw -%}{{ yes }}",
            &[("{%- raw %}", TagKind::Raw), ("{%- endraw -%}", TagKind::Raw), ("{{ yes }}", TagKind::Value)],
        );
        check("{% raw %}{{ no }}", &[("{% raw %}", TagKind::Raw)]);
    }

    #[test]
    fn a_tag_that_isnt_closed_goes_on_to_the_end() {
        check("a {{ b", &[("{{ b", TagKind::Value)]);
        check("a {# b", &[("{# b", TagKind::Comment)]);
        check("a {", &[]);
    }
}
