//! A conversation in a file: a JSON array of messages as OpenAI's clients write them, or the request that
//! holds it. What the messages lead to is for the conversation to say.

use std::path::Path;

use crate::chain::Message;
use crate::error::{Error, ErrorCode};
use crate::server::openai::parse_messages;

/// Reads the messages in `text`, the contents of `path`.
pub(super) fn parse(text: &str, path: &Path) -> Result<Vec<Message>, Error> {
    parse_messages(text).map_err(|message| {
        Error::new(ErrorCode::Usage, format!("{}: {message}", path.display())).hint(
            "expected a JSON array such as [{\"role\": \"user\", \"content\": \"Hello\"}], with the roles system, \
             developer, user and assistant",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::MessageRole;

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
        let cases = [
            (
                r#"[{"role":"tool","content":"x"}]"#,
                "`messages[0].role` can't be a tool's: tools aren't called here",
            ),
            (
                r#"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
                "`messages[0].content[0]` is a part of type \"image_url\"; only text is supported",
            ),
            (r#"[{"role":"user","content":"x"},{"role":"user"}]"#, "`messages[1].content` is missing"),
            (r#"{"role":"user"}"#, "`messages` is missing"),
            (r#"{"messages":"x"}"#, "`messages` has an invalid type: string, expected an array of messages"),
            (
                "\"hello\"",
                "isn't an array of messages, or a request: invalid type: string, expected an object",
            ),
            ("[", "isn't an array of messages, or a request: EOF while parsing a list at line 1, column 1"),
            ("role: user\n", "isn't an array of messages, or a request: expected value at line 1, column 1"),
        ];
        for (text, what) in cases {
            assert_eq!(read(text).unwrap_err().message, format!("chat.json: {what}"));
        }
    }

    #[test]
    fn the_messages_may_stand_in_a_request() {
        let request = r#"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#;
        assert_eq!(read(request).unwrap(), read(r#"[{"role":"user","content":"x"}]"#).unwrap());
    }
}
