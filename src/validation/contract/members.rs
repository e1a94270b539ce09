//! Where the members of an object stand. The object has been parsed already: nothing is checked here.

use std::ops::Range;

/// A member's bytes within the object's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// With the quotes.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The members of the object that `json` is.
pub(super) fn members(json: &str) -> Vec<Member> {
    let mut members = Vec::new();
    let mut start = None;
    let mut key = None;
    for token in tokens(json) {
        match token {
            Token::Opening(at) => start = Some(at),
            Token::Colon(at) => {
                key = start.take().map(|from| trimmed(json, from..at));
                start = Some(at + 1);
            }
            Token::End(at) => {
                if let (Some(key), Some(from)) = (key.take(), start) {
                    members.push(Member { key, value: trimmed(json, from..at) });
                }
                start = Some(at + 1);
            }
        }
    }
    members
}

/// The marks of the outermost object, each with its byte; of the opening the one after it.
enum Token {
    Opening(usize),
    Colon(usize),
    /// A comma, or the closing brace.
    End(usize),
}

fn tokens(json: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    let (mut in_string, mut after_backslash) = (false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            b'"' if !after_backslash => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth == 1 {
                    tokens.push(Token::Opening(at + 1));
                }
            }
            b'}' | b']' => {
                if depth == 1 {
                    tokens.push(Token::End(at));
                }
                depth = depth.saturating_sub(1);
            }
            b':' if depth == 1 => tokens.push(Token::Colon(at)),
            b',' if depth == 1 => tokens.push(Token::End(at)),
            _ => {}
        }
        after_backslash = in_string && !after_backslash && byte == b'\\';
    }
    tokens
}

fn trimmed(json: &str, range: Range<usize>) -> Range<usize> {
    let text = json.get(range.clone()).unwrap_or_default();
    let start = range.start + text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_stand_where_they_stand() {
        let json = r#"{ "a\":": [1, {"x": 2}] , "é":"," }"#;
        let found: Vec<_> =
            members(json).iter().map(|m| (&json[m.key.clone()], &json[m.value.clone()])).collect();
        assert_eq!(found, [(r#""a\":""#, r#"[1, {"x": 2}]"#), (r#""é""#, r#"",""#)]);
        assert_eq!(members("{}"), []);
    }
}
