//! Tells an object that says of which type each field is from one that shows a reply.

use super::loose_key::LooseKey;

/// Types, as people write them in place of a value.
const TYPE_WORDS: [&str; 8] = ["string", "number", "boolean", "array", "object", "integer", "float", "list"];

/// Whether the value of one of `keys` is a type: `string`, `number[]`, `[object]` or `"x" | string`.
pub(super) fn holds_types(keys: &[LooseKey<'_>]) -> bool {
    keys.iter().any(|key| {
        let end = key.rest.find([',', ';', ':', '{', '}', '\n']).unwrap_or(key.rest.len());
        key.rest.get(..end).unwrap_or_default().split('|').any(begins_with_type)
    })
}

fn begins_with_type(value: &str) -> bool {
    let value = value.trim_start_matches([' ', '\t', '[', '(', '<']);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let word = value.get(..value.find(|c| !is_part(c)).unwrap_or(value.len())).unwrap_or_default();
    TYPE_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::super::loose_key::loose_keys;
    use super::*;

    #[test]
    fn a_type_is_a_word_in_place_of_a_value() {
        for value in ["string", "number[]", "[ object ]", "null | String", "array<x>", "float, // 0 to 1"] {
            assert!(holds_types(&loose_keys(&format!("{{\"a\": 1, b: {value}}}"))), "{value}");
        }
        for value in ["\"string\"", "strings", "1", "high", "a string", "'number'", ""] {
            assert!(!holds_types(&loose_keys(&format!("{{\"a\": 1, b: {value}}}"))), "{value}");
        }
    }
}
