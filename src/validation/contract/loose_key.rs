//! Finds the keys of an object that isn't JSON: in any quotes or in none, at any depth. What the object is
//! meant as isn't decided here.

/// Quotes that JSON doesn't have.
pub(super) const OTHER_QUOTES: [char; 6] = ['\'', '‘', '’', '“', '”', '„'];

/// A name with a colon after it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LooseKey<'t> {
    /// Without quotes.
    pub(super) name: &'t str,
    /// All that follows the colon.
    pub(super) rest: &'t str,
}

/// The keys in `text`, in order. What stands in double quotes is no key but as a whole.
pub(super) fn loose_keys(text: &str) -> Vec<LooseKey<'_>> {
    let mut keys = Vec::new();
    let (mut in_string, mut after_backslash) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            // Strings don't go on in the next line.
            b'\n' => in_string = false,
            b'"' if !after_backslash => in_string = !in_string,
            b':' if !in_string => {
                let (before, rest) = text.split_at_checked(at).unwrap_or_default();
                let name = name_at_end(before.trim_end());
                keys.extend(name.map(|name| LooseKey { name, rest: rest.get(1..).unwrap_or_default() }));
            }
            _ => {}
        }
        after_backslash = in_string && !after_backslash && byte == b'\\';
    }
    keys
}

/// Whether `text` begins with a key that has no quotes, or those of another language.
pub(super) fn begins_with_loose_key(text: &str) -> bool {
    let rest = text.get(key_len(text)..).unwrap_or_default();
    rest.len() < text.len() && rest.trim_start().starts_with(':')
}

/// The bytes of the name that `text` begins with, quotes other than JSON's included.
pub(super) fn key_len(text: &str) -> usize {
    let unquoted = text.strip_prefix(OTHER_QUOTES).unwrap_or(text);
    let after = unquoted.trim_start_matches(is_part_of_name);
    if after.len() == unquoted.len() {
        return 0;
    }
    let closed = after.strip_prefix(OTHER_QUOTES).filter(|_| unquoted.len() < text.len());
    text.len() - closed.unwrap_or(after).len()
}

/// The name that `text` ends with: in quotes, or at the beginning of a member.
fn name_at_end(text: &str) -> Option<&str> {
    let is_quote = |c: char| c == '"' || OTHER_QUOTES.contains(&c);
    if let Some(quoted) = text.strip_suffix(is_quote) {
        let (open, first) = quoted.char_indices().rfind(|(_, c)| is_quote(*c))?;
        return quoted.get(open + first.len_utf8()..).filter(|name| !name.is_empty());
    }
    let before = text.trim_end_matches(is_part_of_name);
    let name = text.get(before.len()..).filter(|name| !name.is_empty())?;
    let between = before.get(before.trim_end().len()..).unwrap_or_default();
    (between.contains('\n') || before.trim_end().ends_with(['{', ',', ';'])).then_some(name)
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let names: Vec<_> = loose_keys(text).iter().map(|key| key.name).collect();
        assert_eq!(names, expected, "{text}");
    }

    #[test]
    fn keys_are_seen_whatever_their_quotes() {
        check(r#"{"é" : 1, 'b': "c", “d”:1, e: [{f_1: 2}]"#, &["é", "b", "d", "e", "f_1"]);
        check("{\n  a: 1\n  b: 2\n}", &["a", "b"]);
    }

    #[test]
    fn a_colon_in_a_text_makes_no_key() {
        check(r#"{"a": "b, c: \"d\": e", 'f': 'Note: x at 12:30'}"#, &["a", "f"]);
        check("{\"a\": \"b\n, c: 1", &["a", "c"]);
        check("::\"\":'':", &[]);
    }

    #[test]
    fn an_object_may_begin_with_a_key_in_any_quotes() {
        for text in ["a: 1", "é_1 :", "'a': 1", "“a”: 1"] {
            assert!(begins_with_loose_key(text), "{text}");
        }
        for text in ["", ":", "a", "a b: 1", "\"a\": 1", "'': 1"] {
            assert!(!begins_with_loose_key(text), "{text}");
        }
    }
}
