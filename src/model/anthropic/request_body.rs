//! The body of a Messages request. It says what the [`ModelRequest`] says and decides nothing.

use serde_json::{Map, Value, json};

use crate::model::{ModelRequest, Role, SystemBlock, Thinking, Turn};

/// The JSON that is sent for `request`. Equal requests give equal bytes, which is what lets the
/// upstream find its cached prompts and compiled schemas again.
#[must_use]
pub fn request_body(request: &ModelRequest) -> Value {
    let mut body = Map::new();
    let mut say = |key: &str, value: Value| body.insert(key.to_owned(), value);
    say("model", json!(request.model));
    say("max_tokens", json!(request.max_tokens));
    if let Some(temperature) = request.temperature {
        say("temperature", json!(temperature));
    }
    match request.thinking {
        Thinking::Unspecified => None,
        Thinking::Disabled => say("thinking", json!({ "type": "disabled" })),
        Thinking::BetweenTools => say("thinking", json!({ "type": "between_tools" })),
    };
    if let Some(schema) = &request.schema {
        say("output_config", json!({ "format": { "type": "json_schema", "schema": **schema } }));
    }
    if !request.system.is_empty() {
        say("system", request.system.iter().map(system_block).collect());
    }
    say("messages", request.turns.iter().map(message).collect());
    say("stream", json!(true));
    Value::Object(body)
}

fn system_block(block: &SystemBlock) -> Value {
    let mut json = json!({ "type": "text", "text": block.text });
    if let (true, Some(fields)) = (block.cache, json.as_object_mut()) {
        fields.insert("cache_control".to_owned(), json!({ "type": "ephemeral" }));
    }
    json
}

fn message(turn: &Turn) -> Value {
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    json!({ "role": role, "content": turn.text })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
            request_body(&smallest()),
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
            schema: Some(Arc::new(json!({
                "type": "object",
                "properties": { "zeta": { "type": "string" }, "alpha": { "type": "string" } },
                "required": ["zeta", "alpha"],
                "additionalProperties": false
            }))),
            thinking: Thinking::Disabled,
            ..smallest()
        };
        insta::assert_snapshot!(format!("{:#}", request_body(&request)), @r#"
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
        let body = request_body(&ModelRequest { thinking: Thinking::BetweenTools, ..smallest() });
        assert_eq!(body["thinking"], json!({ "type": "between_tools" }));
    }
}
