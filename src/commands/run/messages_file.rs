//! A conversation in a file: a JSON array of messages as OpenAI's clients write them, or the request that
//! holds it. What the messages lead to is for the conversation to say.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::chain::{Message, MessageRole};
use crate::error::{Error, ErrorCode};

#[derive(Deserialize)]
struct FileMessage {
    role: String,
    content: Content,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

/// Reads the messages in `text`, the contents of `path`.
pub(super) fn parse(text: &str, path: &Path) -> Result<Vec<Message>, Error> {
    let wrong = |message: String| {
        Error::new(ErrorCode::Usage, format!("{}: {message}", path.display())).hint(
            "expected a JSON array such as [{\"role\": \"user\", \"content\": \"Hello\"}], with the roles system, \
             developer, user and assistant",
        )
    };
    let messages = array(text).map_err(wrong)?;
    messages
        .into_iter()
        .enumerate()
        .map(|(index, message)| {
            let message: FileMessage = serde_json::from_value(message).map_err(|_| {
                wrong(format!("message {index} isn't an object with role and content, a string or parts"))
            })?;
            let role = MessageRole::parse(&message.role)
                .ok_or_else(|| wrong(format!("message {index} has the unknown role {:?}", message.role)))?;
            let content = message.content.into_text().map_err(|kind| {
                wrong(format!("message {index} has a part of type {kind:?}; only text is supported"))
            })?;
            Ok(Message { role, content })
        })
        .collect()
}

/// The messages in `text`, or what is wrong with it as a whole.
fn array(text: &str) -> Result<Vec<Value>, String> {
    let value = serde_json::from_str(text)
        .map_err(|error| format!("isn't JSON from line {}, column {} on", error.line(), error.column()))?;
    let is_wrong = |what| format!("is {what}; give the array, or an object with `messages`");
    match value {
        Value::Array(messages) => Ok(messages),
        Value::Object(mut request) => match request.swap_remove("messages") {
            Some(Value::Array(messages)) => Ok(messages),
            Some(_) => Err("has `messages` that aren't an array".to_owned()),
            None => Err(is_wrong("an object")),
        },
        Value::String(_) => Err(is_wrong("a string")),
        Value::Number(_) => Err(is_wrong("a number")),
        Value::Bool(_) | Value::Null => Err(is_wrong("a bare word")),
    }
}

impl Content {
    /// The text; a part of another type is returned as the error.
    fn into_text(self) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Parts(parts) => parts
                .into_iter()
                .map(|part| match (part.kind.as_str(), part.text) {
                    ("text", Some(text)) => Ok(text),
                    _ => Err(part.kind),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Message>, Error> {
        parse(text, Path::new("chat.json"))
    }

    #[test]
    fn content_may_be_a_string_or_text_parts() {
        let messages = read(
            r#"[{"role":"developer","content":"Be brief.","name":"x"},
                {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#,
        )
        .unwrap();
        assert_eq!(messages[0], Message { role: MessageRole::Developer, content: "Be brief.".into() });
        assert_eq!(messages[1], Message { role: MessageRole::User, content: "ab".into() });
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let message = |text| read(text).unwrap_err().message;
        assert_eq!(
            message(r#"[{"role":"tool","content":"x"}]"#),
            "chat.json: message 0 has the unknown role \"tool\""
        );
        assert_eq!(
            message(r#"[{"role":"user","content":[{"type":"image_url"}]}]"#),
            "chat.json: message 0 has a part of type \"image_url\"; only text is supported"
        );
        assert_eq!(
            message(r#"[{"role":"user","content":"x"},{"role":"user"}]"#),
            "chat.json: message 1 isn't an object with role and content, a string or parts"
        );
        assert_eq!(
            message(r#"{"role":"user"}"#),
            "chat.json: is an object; give the array, or an object with `messages`"
        );
        assert_eq!(
            message("\"hello\""),
            "chat.json: is a string; give the array, or an object with `messages`"
        );
        assert_eq!(message(r#"{"messages":"x"}"#), "chat.json: has `messages` that aren't an array");
        assert_eq!(message("["), "chat.json: isn't JSON from line 1, column 1 on");
        assert_eq!(message("role: user\n"), "chat.json: isn't JSON from line 1, column 1 on");
    }

    #[test]
    fn the_messages_may_stand_in_a_request() {
        let request = r#"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#;
        assert_eq!(read(request).unwrap(), read(r#"[{"role":"user","content":"x"}]"#).unwrap());
    }
}
