//! What the last gate asks of the final text for the caller's sake. No setting switches it off, and a
//! text that fails it is none to go on with.

use serde_json::Value;

use super::lenient_json::{MAX_VALUES, is_too_large, without_fence};
use super::live_text::LiveText;
use super::{AnswerFormat, Finding};

/// What the final text is checked by.
pub(super) struct AnswerGate<'a> {
    pub(super) format: &'a AnswerFormat,
    /// The whole reply, which may have been taken for the text; `None` if it is the text by right, and the model
    /// knows of no field that holds it.
    pub(super) reply: Option<&'a str>,
    /// What of it has left.
    pub(super) live: Option<&'a LiveText>,
}

impl AnswerGate<'_> {
    /// What is wrong with `text`, of which only the JSON is left where it is to be JSON.
    pub(super) fn faults(&self, text: &mut String) -> Vec<Finding> {
        if self.live.is_some_and(|live| live.rest_of(text).is_none()) {
            let message = "the reply as a whole isn't what its beginning, already delivered, promised";
            return vec![Finding::error("inconsistent-reply", message)];
        }
        if self.format.is_text() {
            return Vec::new();
        }
        if self.reply == Some(text.as_str()) {
            // It may be JSON of ours instead of the caller's.
            return vec![Finding::error(
                "not-json-text",
                "there is no `final_text` to hold the JSON document",
            )];
        }
        let bare = without_fence(text);
        let faults = if is_too_large(bare) {
            vec![self.too_many_values()]
        } else {
            match serde_json::from_str(bare) {
                Ok(value) => self.mismatches(&value),
                Err(error) => vec![self.not_json(&error)],
            }
        };
        *text = bare.to_owned();
        faults
    }

    fn mismatches(&self, value: &Value) -> Vec<Finding> {
        match self.format {
            AnswerFormat::JsonObject if !value.is_object() => {
                let message = format!("the JSON document in {} must be an object", self.place());
                vec![Finding::error("not-json-object", message)]
            }
            AnswerFormat::Text | AnswerFormat::JsonObject => Vec::new(),
            AnswerFormat::JsonSchema(schema) => schema
                .faults(value)
                .into_iter()
                .map(|fault| {
                    format!("the JSON document in {} doesn't match its schema: {fault}", self.place())
                })
                .map(|message| Finding::error("schema-mismatch", message))
                .collect(),
        }
    }

    fn not_json(&self, error: &serde_json::Error) -> Finding {
        let why = if error.is_eof() { "it ends in the middle".to_owned() } else { error.to_string() };
        let message = format!("{} must hold one JSON document and nothing else: {why}", self.place());
        Finding::error("not-json-text", message)
    }

    fn too_many_values(&self) -> Finding {
        let message = format!("the JSON document in {} has more than {MAX_VALUES} values", self.place());
        Finding::error("too-many-values", message)
    }

    /// Where the text stands, in words that the model knows.
    fn place(&self) -> &'static str {
        if self.reply.is_some() { "`final_text`" } else { "the reply" }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::AnswerSchema;
    use super::*;

    fn check(format: &AnswerFormat, text: &str) -> (Vec<&'static str>, String) {
        let mut text = text.to_owned();
        let faults = AnswerGate { format, reply: Some(""), live: None }.faults(&mut text);
        (faults.iter().map(|fault| fault.rule).collect(), text)
    }

    /// (text, rules broken as an object, as an array of integers)
    #[test]
    fn the_text_is_checked_as_the_caller_asked_for() {
        let schema = json!({"type": "array", "items": {"type": "integer"}});
        let schema = AnswerFormat::JsonSchema(Arc::new(AnswerSchema::new(schema).unwrap()));
        let cases: [(&str, &[&str], &[&str]); 9] = [
            (r#"{"a":1}"#, &[], &["schema-mismatch"]),
            ("[1,2]", &["not-json-object"], &[]),
            ("[1,\"2\",true]", &["not-json-object"], &["schema-mismatch", "schema-mismatch"]),
            ("null", &["not-json-object"], &["schema-mismatch"]),
            ("Here: {}", &["not-json-text"], &["not-json-text"]),
            ("{} {}", &["not-json-text"], &["not-json-text"]),
            ("{\"a\":\"\n\"}", &["not-json-text"], &["not-json-text"]),
            (r#"{"a":"#, &["not-json-text"], &["not-json-text"]),
            (" ", &["not-json-text"], &["not-json-text"]),
        ];
        for (text, as_object, as_integers) in cases {
            assert_eq!(check(&AnswerFormat::JsonObject, text).0, as_object, "{text}");
            assert_eq!(check(&schema, text).0, as_integers, "{text}");
            assert_eq!(check(&AnswerFormat::Text, text), (Vec::new(), text.to_owned()));
        }
    }

    #[test]
    fn a_fence_and_white_space_are_taken_off() {
        for text in ["\n {} ", "```json\n{}\n```\n", "```\n\n{}```", "````JSON\n{}\n````"] {
            assert_eq!(check(&AnswerFormat::JsonObject, text), (Vec::new(), "{}".to_owned()), "{text}");
        }
    }
}
