//! What one line of the input asks for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lines::{Line, MAX_LINE_BYTES};
use crate::chain::{Conversation, Message, MessageRole, Plan, Spend, Summary};
use crate::commands::tell::{code_of, error_report};
use crate::error::{Error, ErrorCode};
use crate::report::Replies;
use crate::report::wire::BatchLine;
use crate::server::openai::parse_messages;

/// What one line asks for, and how far it has come.
#[derive(Debug)]
pub(super) struct Item {
    /// The line's number, from 1.
    pub(super) line: u64,
    /// The line's hash.
    pub(super) hash: String,
    /// The caller's word or number for it; `null` if there is none.
    pub(super) id: Value,
    pub(super) conversation: Conversation,
    /// Variables of the prompt files.
    pub(super) vars: BTreeMap<String, String>,
    /// The steps that are finished.
    pub(super) plan: Plan,
    /// What was spent on it before.
    pub(super) carried: Spend,
    /// How often it was put off because the upstream asked for it.
    pub(super) put_off: u32,
}

/// A line that can't be run.
#[derive(Debug)]
pub(super) struct Unfit {
    /// The caller's word or number for it, as far as it could be read.
    pub(super) id: Value,
    /// Why.
    pub(super) reason: String,
}

impl Unfit {
    /// The result of that line, as it is printed.
    pub(super) fn result(&self, line: u64, replies: Replies) -> serde_json::Result<String> {
        let error = error_report(&Error::new(ErrorCode::Usage, self.reason.clone()));
        serde_json::to_string(&BatchLine::unfit(
            line,
            &self.id,
            &Summary::of_nothing(),
            replies,
            error,
            code_of,
        ))
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a string, or an object with `prompt` or `messages`")]
struct Asked<'a> {
    #[serde(default)]
    id: Value,
    prompt: Option<String>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(default)]
    vars: BTreeMap<String, Value>,
}

impl Item {
    /// Reads a line: a string, or an object with `prompt` or `messages` or both.
    pub(super) fn parse(line: &Line) -> Result<Self, Unfit> {
        let unfit = |reason: String| Unfit { id: Value::Null, reason };
        let bytes = line
            .bytes
            .as_ref()
            .ok_or_else(|| unfit(format!("the line is longer than {MAX_LINE_BYTES} bytes")))?;
        let text = std::str::from_utf8(bytes)
            .map_err(|error| unfit(format!("byte {} isn't UTF-8", error.valid_up_to() + 1)))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Ok(prompt) = serde_json::from_str::<String>(text) {
            return Self::new(line, Value::Null, prompt, Vec::new(), BTreeMap::new());
        }
        if text.trim_start().starts_with('[') {
            return Err(unfit("it isn't a string, or an object with `prompt` or `messages`".to_owned()));
        }
        let asked: Asked<'_> = serde_json::from_str(text).map_err(|error| unfit(unreadable(&error)))?;
        let id = match asked.id {
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(unfit("`id` must be a string or a number".to_owned()));
            }
            id => id,
        };
        let unfit = |reason: String| Unfit { id: id.clone(), reason };
        if asked.prompt.is_none() && asked.messages.is_none() {
            return Err(unfit("there is neither `prompt` nor `messages`".to_owned()));
        }
        let messages = asked.messages.map(|messages| parse_messages(messages.get()));
        let messages = messages.transpose().map_err(unfit)?.unwrap_or_default();
        let vars = asked.vars.into_iter().map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
            _ => Err(unfit(format!("the variable `{name}` must be a string, a number or a boolean"))),
        });
        let vars = vars.collect::<Result<_, _>>()?;
        Self::new(line, id.clone(), asked.prompt.unwrap_or_default(), messages, vars)
    }

    fn new(
        line: &Line,
        id: Value,
        prompt: String,
        mut messages: Vec<Message>,
        vars: BTreeMap<String, String>,
    ) -> Result<Self, Unfit> {
        if !prompt.trim().is_empty() || messages.is_empty() {
            messages.push(Message { role: MessageRole::User, content: prompt });
        }
        let conversation = match Conversation::new(messages) {
            Ok(conversation) => conversation,
            Err(error) => return Err(Unfit { id, reason: error.to_string() }),
        };
        Ok(Self {
            line: line.number,
            hash: line.hash.clone(),
            id,
            conversation,
            vars,
            plan: Plan::default(),
            carried: Spend::default(),
            put_off: 0,
        })
    }
}

fn unreadable(error: &serde_json::Error) -> String {
    if error.is_data() {
        // Its own words tell which member is of the wrong type, but with a place that isn't the line's.
        let words = error.to_string();
        let what = words.split(" at line ").next().unwrap_or_default().to_owned();
        return format!("it isn't a string, or an object with `prompt` or `messages`: {what}");
    }
    format!("it isn't JSON (column {})", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Item, Unfit> {
        Item::parse(&Line { number: 7, hash: "h".into(), bytes: Some(text.as_bytes().to_vec()) })
    }

    fn contents(item: &Item) -> Vec<&str> {
        item.conversation.messages().iter().map(|message| message.content.as_str()).collect()
    }

    #[test]
    fn a_line_is_a_prompt_or_an_object_with_one_or_with_messages() {
        assert_eq!(contents(&parse("\"hello\"").unwrap()), ["hello"]);
        let item =
            parse(r#"{"id": 12, "prompt": "hello", "vars": {"tone": "dry", "n": 3, "b": true}}"#).unwrap();
        assert_eq!((item.line, &item.id, contents(&item)), (7, &Value::from(12), vec!["hello"]));
        let vars: Vec<(&str, &str)> =
            item.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(vars, [("b", "true"), ("n", "3"), ("tone", "dry")]);
        let item =
            parse(r#"{"id":"a","messages":[{"role":"user","content":"one"}],"prompt":"two"}"#).unwrap();
        assert_eq!(contents(&item), ["one", "two"]);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_with_its_id() {
        let cases = [
            ("{", None, "it isn't JSON (column 1)"),
            (
                "3",
                None,
                "it isn't a string, or an object with `prompt` or `messages`: invalid type: integer `3`, expected a string, or an object with `prompt` or `messages`",
            ),
            ("\"  \"", None, "the prompt is empty"),
            (r#"{"id":"a"}"#, Some("a"), "there is neither `prompt` nor `messages`"),
            (r#"{"id":["a"],"prompt":"x"}"#, None, "`id` must be a string or a number"),
            (
                r#"{"id":"a","prompt":3}"#,
                None,
                "it isn't a string, or an object with `prompt` or `messages`: invalid type: integer `3`, expected a string",
            ),
            (
                r#"{"id":"a","messages":[{"role":"tool"}]}"#,
                Some("a"),
                "`messages[0].role` can't be a tool's: tools aren't called here",
            ),
            (
                r#"{"id":"a","messages":[{"role":"assistant","content":"x"}]}"#,
                Some("a"),
                "the conversation must end in a user message",
            ),
            (
                r#"{"id":"a","prompt":"x","vars":{"v":[]}}"#,
                Some("a"),
                "the variable `v` must be a string, a number or a boolean",
            ),
        ];
        for (text, id, reason) in cases {
            let unfit = parse(text).unwrap_err();
            assert_eq!((unfit.id.as_str(), unfit.reason.as_str()), (id, reason), "{text}");
        }
        let too_long = Item::parse(&Line { number: 1, hash: String::new(), bytes: None }).unwrap_err();
        assert_eq!(too_long.reason, "the line is longer than 8388608 bytes");
    }
}
