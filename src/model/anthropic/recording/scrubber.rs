//! Takes credentials out of whatever is written down: the client's own, and whatever has the form of a key.

use std::ops::Range;

use memchr::memmem;
use secrecy::SecretString;
use serde_json::Value;

use crate::own_secret::{SECRET_PLACEHOLDER, find_secret};

/// How the upstream's keys begin.
const KEY_PREFIX: &[u8] = b"sk-ant-";
/// The fewest bytes of something that begins so and is a key, not a word about keys.
const MIN_KEY_BYTES: usize = 20;

/// Takes credentials out of texts.
#[derive(Debug, Clone, Default)]
pub(in crate::model::anthropic) struct Scrubber {
    secret: Option<SecretString>,
}

impl Scrubber {
    /// For a client with that secret; `None` if it has none, or one that is no secret.
    pub(in crate::model::anthropic) fn new(secret: Option<SecretString>) -> Self {
        Self { secret }
    }

    /// `text` without credentials.
    pub(super) fn text(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.bytes(&mut bytes, &mut []);
        // What is cut out begins and ends with whole characters.
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `value` without credentials in any of its texts.
    pub(super) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(key, value)| (self.text(&key), self.value(value))).collect()
            }
            other => other,
        }
    }

    /// Takes credentials out of `bytes`. `ends` are places in it, which are moved along: one within a
    /// secret, to behind what stands for it.
    pub(super) fn bytes(&self, bytes: &mut Vec<u8>, ends: &mut [usize]) {
        // From the last to the first, so that the earlier places stay where they are.
        for found in self.find(bytes).into_iter().rev() {
            for end in ends.iter_mut().filter(|end| **end > found.start) {
                *end = end.saturating_sub(found.len()).max(found.start) + SECRET_PLACEHOLDER.len();
            }
            drop(bytes.splice(found, SECRET_PLACEHOLDER.bytes()));
        }
    }

    /// Where there are credentials: in order, none over another.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = keys(bytes);
        if let Some(secret) = &self.secret {
            found.extend(find_secret(secret, bytes));
        }
        found.sort_by_key(|range| range.start);
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }
}

fn keys(bytes: &[u8]) -> Vec<Range<usize>> {
    let starts = memmem::find_iter(bytes, KEY_PREFIX);
    let ranges = starts.map(|start| {
        let rest = bytes.iter().skip(start);
        let length =
            rest.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
        start..start + length
    });
    ranges.filter(|range| range.len() >= MIN_KEY_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scrubber() -> Scrubber {
        Scrubber::new(Some("töken/0123456789".into()))
    }

    #[test]
    fn the_clients_own_secret_and_whatever_looks_like_a_key_are_taken_out() {
        let scrubber = scrubber();
        assert_eq!(scrubber.text("ätöken/0123456789, töken/0123456789é"), "ä[secret], [secret]é");
        assert_eq!(scrubber.text("a sk-ant-api03-0123456789_-Ab."), "a [secret].");
        assert_eq!(scrubber.text("keys begin with sk-ant-"), "keys begin with sk-ant-");
        let body = json!({"töken/0123456789": [{"text": "my töken/0123456789"}], "n": 1});
        assert_eq!(scrubber.value(body), json!({"[secret]": [{"text": "my [secret]"}], "n": 1}));
    }

    #[test]
    fn a_secret_that_is_cut_by_the_end_of_a_piece_is_taken_out_whole() {
        let text = "ab töken/0123456789 cd";
        for cut in 0..=text.len() {
            let mut bytes = text.as_bytes().to_vec();
            let mut ends = [cut, text.len()];
            scrubber().bytes(&mut bytes, &mut ends);
            assert_eq!(bytes, b"ab [secret] cd");
            let expected = match cut {
                0..=3 => cut,
                4..=20 => 11,
                _ => cut - 9,
            };
            assert_eq!(ends, [expected, 14], "cut at {cut}");
        }
    }

    #[test]
    fn an_escaped_secret_is_taken_out_with_its_escapes() {
        let scrubber = Scrubber::new(Some("key-0123456789/abc+def".into()));
        let event = r#"data: {"text":"{\"key\":\"key-0123456789\\/abc\u002bdef\"}"}"#;
        assert_eq!(scrubber.text(event), r#"data: {"text":"{\"key\":\"[secret]\"}"}"#);
        let body = json!({"text": r#"{"key":"key-0123456789\/abc+def"}"#});
        assert_eq!(scrubber.value(body), json!({"text": r#"{"key":"[secret]"}"#}));
    }

    #[test]
    fn a_key_within_the_own_secret_leaves_nothing_of_either() {
        let scrubber = Scrubber::new(Some("prefix sk-ant-0123456789abcdef+/=".into()));
        assert_eq!(scrubber.text("<prefix sk-ant-0123456789abcdef+/=>"), "<[secret]>");
    }
}
