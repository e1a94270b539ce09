//! Texts that stand in many requests: what requests need beside them is made once, and shared by their clones.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::estimate_tokens;

/// A text that stands in many requests, such as a prompt. Its JSON is written and its tokens are estimated when they
/// are first asked for.
#[derive(Clone)]
pub struct SharedText(Arc<Inner>);

struct Inner {
    text: String,
    json: OnceLock<Option<Box<RawValue>>>,
    estimated_tokens: OnceLock<u64>,
}

impl SharedText {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// What [`estimate_tokens`] says of it.
    #[must_use]
    pub fn estimated_tokens(&self) -> u64 {
        *self.0.estimated_tokens.get_or_init(|| estimate_tokens(self))
    }

    /// How many bytes its JSON has.
    pub(in crate::model) fn json_len(&self) -> usize {
        self.json().map_or(0, |json| json.get().len())
    }

    fn json(&self) -> Option<&RawValue> {
        // A text can always be written.
        self.0.json.get_or_init(|| to_raw_value(self.as_str()).ok()).as_deref()
    }
}

impl From<String> for SharedText {
    fn from(text: String) -> Self {
        Self(Arc::new(Inner { text, json: OnceLock::new(), estimated_tokens: OnceLock::new() }))
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SharedText {}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// As JSON, by `serde_json` alone: it takes over what is written already.
impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_text_is_written_as_the_text_is_and_counts_as_many_tokens() {
        for text in ["", "plain", "a \"quote\",\n\ta tab and 語語\u{1}"] {
            let shared = SharedText::from(text);
            for _ in 0..2 {
                assert_eq!(serde_json::to_string(&shared).unwrap(), serde_json::to_string(text).unwrap());
                assert_eq!(shared.json_len(), serde_json::to_string(text).unwrap().len());
                assert_eq!(shared.clone().estimated_tokens(), estimate_tokens(text));
            }
            assert_eq!((&*shared, format!("{shared:?}")), (text, format!("{text:?}")));
        }
        assert_eq!(SharedText::from("a"), SharedText::from("a".to_owned()));
        assert_ne!(SharedText::from("a"), SharedText::from("b"));
    }
}
