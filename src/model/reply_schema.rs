//! A JSON Schema that replies are to match, together with its JSON.

use std::ops::Deref;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::estimate_tokens;

/// A JSON Schema that a reply's text must match. Its JSON is written once, for all the requests that it stands in.
#[derive(Debug)]
pub struct ReplySchema {
    value: Value,
    json: Option<Box<RawValue>>,
    estimated_tokens: u64,
}

impl ReplySchema {
    /// The schema's JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        self.json.as_deref().map_or("null", RawValue::get)
    }

    /// What [`estimate_tokens`] says of that.
    #[must_use]
    pub fn estimated_tokens(&self) -> u64 {
        self.estimated_tokens
    }
}

impl From<Value> for ReplySchema {
    fn from(value: Value) -> Self {
        // A value's names are texts: it can always be written.
        let json = to_raw_value(&value).ok();
        let estimated_tokens = json.as_deref().map_or(0, |json| estimate_tokens(json.get()));
        Self { value, json, estimated_tokens }
    }
}

impl Deref for ReplySchema {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl PartialEq for ReplySchema {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// As JSON, by `serde_json` alone: it takes over what is written already.
impl Serialize for ReplySchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_written_as_its_value_is_and_counts_as_many_tokens() {
        let value = json!({"type": "object", "properties": {"b": {}, "a": {"description": "\"語\""}}});
        let schema = ReplySchema::from(value.clone());
        assert_eq!(serde_json::to_string(&schema).unwrap(), value.to_string());
        assert_eq!((schema.json(), &*schema), (value.to_string().as_str(), &value));
        assert_eq!(schema.estimated_tokens(), estimate_tokens(schema.json()));
    }
}
