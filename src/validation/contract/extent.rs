//! Finds where an object that may be broken ends, without reading it.

/// How many bytes of `text`, which begins with `{`, are the object's: up to the brace that closes it, or
/// to the end of its paragraph if none does.
pub(super) fn extent(text: &str) -> usize {
    let mut depth = 0_usize;
    let (mut in_string, mut after_backslash) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            // Strings don't go on in the next line; one that isn't closed mustn't hide all that follows.
            b'\n' => {
                in_string = false;
                let rest = text.get(at + 1..).unwrap_or_default();
                if ends_paragraph(rest) {
                    return at;
                }
            }
            b'"' if !after_backslash => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        after_backslash = in_string && !after_backslash && byte == b'\\';
    }
    text.trim_end().len()
}

/// Whether an empty line comes first in `rest`, and then something that doesn't look like JSON going on.
fn ends_paragraph(rest: &str) -> bool {
    let Some((first, rest)) = rest.split_once('\n') else { return rest.trim().is_empty() };
    first.trim().is_empty() && !rest.starts_with([' ', '\t', '"', '}', ']', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(&text[..extent(text)], expected, "{text}");
    }

    #[test]
    fn an_object_ends_with_its_brace() {
        check(r#"{"a": "}", "b": {"c": "\"}"}} and more"#, r#"{"a": "}", "b": {"c": "\"}"}}"#);
        check("{\"a\": 1,\n\n  \"b\": 2\n}\n", "{\"a\": 1,\n\n  \"b\": 2\n}");
        check("{}", "{}");
    }

    #[test]
    fn an_object_that_isnt_closed_ends_with_its_paragraph() {
        check("{\"a\": 1,\n\"b\": \"x\n\nIts last is `}`.", "{\"a\": 1,\n\"b\": \"x");
        check("{\"a\": {\"b\": 1}\n\n{\"c\": 1}", "{\"a\": {\"b\": 1}");
        check("{\"a\": 1 \n", "{\"a\": 1 ");
        check("{\"a\": é", "{\"a\": é");
    }
}
