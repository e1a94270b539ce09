//! A conversation in a file: a JSON array of messages as OpenAI's clients write them.

use std::path::Path;

use serde::Deserialize;

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
    let messages: Vec<FileMessage> = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    messages
        .into_iter()
        .enumerate()
        .map(|(index, message)| {
            let role = MessageRole::parse(&message.role)
                .ok_or_else(|| wrong(format!("message {index} has the unknown role {:?}", message.role)))?;
            let content = message.content.into_text().map_err(|kind| {
                wrong(format!("message {index} has a part of type {kind:?}; only text is supported"))
            })?;
            Ok(Message { role, content })
        })
        .collect()
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
        assert!(
            message(r#"{"role":"user"}"#).starts_with("chat.json: invalid type: map, expected a sequence")
        );
        assert!(message("[").contains("line 1 column 1"));
    }
}
