//! The body of a Messages request. It says what the [`ModelRequest`] says and decides nothing.

use crate::model::{ModelRequest, ReplySchema, Role, SharedText, SystemBlock, Thinking, Turn};
use serde::Serialize;

/// About how many bytes stand around a text.
const AROUND_TEXT: usize = 80;

/// About how many bytes a request has beside its texts and its schema.
const BESIDE_TEXTS: usize = 256;

/// The JSON that is sent for a request. Equal requests give equal bytes, which is what lets the
/// upstream find its cached prompts and compiled schemas again.
#[derive(Debug, Serialize)]
pub struct RequestBody<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Typed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

/// Something of which only the type is said.
#[derive(Debug, Serialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct OutputConfig<'a> {
    format: OutputFormat<'a>,
}

#[derive(Debug, Serialize)]
struct OutputFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: &'a ReplySchema,
}

#[derive(Debug, Serialize)]
struct Block<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a SharedText,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Typed>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> RequestBody<'a> {
    /// For a reply that is streamed.
    #[must_use]
    pub fn of(request: &'a ModelRequest) -> Self {
        let thinking = match request.thinking {
            Thinking::Unspecified => None,
            Thinking::Disabled => Some("disabled"),
            Thinking::BetweenTools => Some("between_tools"),
        };
        let format = |schema| OutputFormat { kind: "json_schema", schema };
        Self {
            model: &request.model,
            max_tokens: Some(request.max_tokens),
            temperature: request.temperature,
            thinking: thinking.map(|kind| Typed { kind }),
            output_config: request.schema.as_deref().map(|schema| OutputConfig { format: format(schema) }),
            system: request.system.iter().map(Block::of).collect(),
            messages: request.turns.iter().map(Message::of).collect(),
            stream: Some(true),
        }
    }

    /// For a batch, in which nothing is streamed.
    #[must_use]
    pub fn in_batch(request: &'a ModelRequest) -> Self {
        Self { stream: None, ..Self::of(request) }
    }

    /// To have its tokens counted: where nothing is written, nothing is said about writing.
    #[must_use]
    pub fn to_be_counted(request: &'a ModelRequest) -> Self {
        Self { max_tokens: None, temperature: None, stream: None, ..Self::of(request) }
    }

    /// The JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(self.about_len());
        // It fails only for maps with keys that aren't strings, and memory takes what it is given.
        let _ = serde_json::to_writer(&mut json, self);
        json
    }

    /// About how many bytes the JSON has, so that room for it is made once.
    fn about_len(&self) -> usize {
        let system: usize = self.system.iter().map(|block| block.text.json_len() + AROUND_TEXT).sum();
        let messages: usize =
            self.messages.iter().map(|message| json_len(message.content) + AROUND_TEXT).sum();
        let schema = self.output_config.as_ref().map_or(0, |config| config.format.schema.json().len());
        system + messages + schema + BESIDE_TEXTS
    }
}

/// About how many bytes the JSON of `text` has.
fn json_len(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n')).count()
}

impl<'a> Block<'a> {
    fn of(block: &'a SystemBlock) -> Self {
        let cache_control = block.cache.then_some(Typed { kind: "ephemeral" });
        Self { kind: "text", text: &block.text, cache_control }
    }
}

impl<'a> Message<'a> {
    fn of(turn: &'a Turn) -> Self {
        let role = match turn.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        Self { role, content: &turn.text }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;

    fn smallest() -> ModelRequest {
        ModelRequest {
            model: "claude-haiku-4-5".into(),
            max_tokens: 100,
            temperature: None,
            system: Vec::new(),
            turns: vec![Turn { role: Role::User, text: "Hi".into() }],
            schema: None,
            thinking: Thinking::Unspecified,
            request_id: "run-1".into(),
        }
    }

    #[test]
    fn what_is_not_specified_is_not_sent() {
        insta::assert_snapshot!(
            String::from_utf8(RequestBody::of(&smallest()).to_json()).unwrap(),
            @r#"{"model":"claude-haiku-4-5","max_tokens":100,"messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        );
    }

    #[test]
    fn everything_has_its_place() {
        let request = ModelRequest {
            temperature: Some(0.7),
            system: vec![
                SystemBlock { text: "You analyze.".into(), cache: true },
                SystemBlock { text: "Be brief.".into(), cache: false },
            ],
            turns: vec![
                Turn { role: Role::User, text: "One".into() },
                Turn { role: Role::Assistant, text: "Two".into() },
                Turn { role: Role::User, text: "Three".into() },
            ],
            schema: Some(Arc::new(ReplySchema::from(json!({
                "type": "object",
                "properties": { "zeta": { "type": "string" }, "alpha": { "type": "string" } },
                "required": ["zeta", "alpha"],
                "additionalProperties": false
            })))),
            thinking: Thinking::Disabled,
            ..smallest()
        };
        let body: Value = serde_json::from_slice(&RequestBody::of(&request).to_json()).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
        {
          "model": "claude-haiku-4-5",
          "max_tokens": 100,
          "temperature": 0.7,
          "thinking": {
            "type": "disabled"
          },
          "output_config": {
            "format": {
              "type": "json_schema",
              "schema": {
                "type": "object",
                "properties": {
                  "zeta": {
                    "type": "string"
                  },
                  "alpha": {
                    "type": "string"
                  }
                },
                "required": [
                  "zeta",
                  "alpha"
                ],
                "additionalProperties": false
              }
            }
          },
          "system": [
            {
              "type": "text",
              "text": "You analyze.",
              "cache_control": {
                "type": "ephemeral"
              }
            },
            {
              "type": "text",
              "text": "Be brief."
            }
          ],
          "messages": [
            {
              "role": "user",
              "content": "One"
            },
            {
              "role": "assistant",
              "content": "Two"
            },
            {
              "role": "user",
              "content": "Three"
            }
          ],
          "stream": true
        }
        "#);
    }

    #[test]
    fn thinking_between_tools_is_asked_for_by_that_name() {
        let request = ModelRequest { thinking: Thinking::BetweenTools, ..smallest() };
        let body = String::from_utf8(RequestBody::of(&request).to_json()).unwrap();
        assert!(body.contains(r#""thinking":{"type":"between_tools"}"#), "{body}");
    }
}
