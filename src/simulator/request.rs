//! A Messages API request as JSON, and the questions that the simulator asks it.
//!
//! The answers are lenient: what is wrong with a request, [`validate`](super::validate) says.

use serde_json::Value;

use super::part::Part;
use super::{Step, blocks};

/// A request's body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) body: &'a Value,
}

/// A piece of the prompt that can end a cached prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) text: String,
    pub(super) cache: Option<CacheTime>,
}

/// How long a prefix stays in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CacheTime {
    FiveMinutes,
    OneHour,
}

impl<'a> Request<'a> {
    /// The model's name, as the client wrote it.
    pub(super) fn model(self) -> &'a str {
        self.text("model").unwrap_or_default()
    }

    /// Whether the answer is to be a stream of events.
    pub(super) fn stream(self) -> bool {
        self.body.get("stream").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The most tokens that the reply may have.
    pub(super) fn max_tokens(self) -> u64 {
        self.body.get("max_tokens").and_then(Value::as_u64).unwrap_or(u64::MAX)
    }

    /// Whether the model is to think, by its own default unless the request says something.
    pub(super) fn thinks(self, by_default: bool) -> bool {
        match self.body.pointer("/thinking/type").and_then(Value::as_str) {
            Some("enabled" | "adaptive") => true,
            Some(_) => false,
            None => by_default,
        }
    }

    /// The schema of `output_config.format`.
    pub(super) fn output_schema(self) -> Option<&'a Value> {
        self.body.pointer("/output_config/format/schema")
    }

    /// The tool that the reply must call, by its name.
    pub(super) fn forced_tool(self) -> Option<&'a str> {
        let choice = self.body.get("tool_choice")?;
        match choice.get("type")?.as_str()? {
            "tool" => choice.get("name")?.as_str(),
            "any" => self.tools().next()?.get("name")?.as_str(),
            _ => None,
        }
    }

    fn tools(self) -> impl Iterator<Item = &'a Value> {
        self.body.get("tools").and_then(Value::as_array).into_iter().flatten()
    }

    /// The schema that the reply's JSON must have: the output format's, else the forced tool's,
    /// else the one that stands in the system prompt.
    pub(super) fn reply_schema(self) -> Option<Value> {
        let of_tool = || {
            let name = self.forced_tool()?;
            let tool = self.tools().find(|tool| tool.get("name").and_then(Value::as_str) == Some(name))?;
            tool.get("input_schema")
        };
        self.output_schema().or_else(of_tool).cloned().or_else(|| schema_within(&self.system()))
    }

    /// The step that this request belongs to.
    pub(super) fn step(self) -> Option<Step> {
        self.reply_schema()
            .and_then(|schema| Step::of_schema(&schema))
            .or_else(|| Step::of_prompt(&self.system()))
    }

    /// The part that it is for, where that step is process and is divided.
    pub(super) fn part(self) -> Option<Part> {
        if self.step() != Some(Step::Process) {
            return None;
        }
        let prompt = self.user_texts().join("\n");
        Part::of_blocks(&blocks::find(&prompt))
    }

    /// The whole system prompt.
    pub(super) fn system(self) -> String {
        self.body.get("system").map(text_of).unwrap_or_default()
    }

    /// The texts of all user turns, in order.
    pub(super) fn user_texts(self) -> Vec<String> {
        let messages = self.body.get("messages").and_then(Value::as_array).into_iter().flatten();
        messages
            .filter(|message| message.get("role").and_then(Value::as_str) == Some("user"))
            .filter_map(|message| message.get("content").map(text_of))
            .collect()
    }

    /// The prompt, in the order in which it is cached: tools, system, messages.
    pub(super) fn segments(self) -> Vec<Segment> {
        let mut segments: Vec<Segment> = self.tools().map(segment).collect();
        segments.extend(self.body.get("system").into_iter().flat_map(segments_of));
        let messages = self.body.get("messages").and_then(Value::as_array).into_iter().flatten();
        segments.extend(messages.filter_map(|message| message.get("content")).flat_map(segments_of));
        // One mark for the whole request stands for a mark on its last block.
        if let (Some(cache), Some(last)) = (cache_time(self.body), segments.last_mut()) {
            last.cache = Some(cache);
        }
        segments
    }

    /// Characters of the prompt that aren't in `segments`: the output format's schema.
    pub(super) fn output_schema_text(self) -> String {
        self.output_schema().map(Value::to_string).unwrap_or_default()
    }

    fn text(self, name: &str) -> Option<&'a str> {
        self.body.get(name)?.as_str()
    }
}

/// The text of a turn's or the system prompt's content, in either of its two forms.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn segments_of(content: &Value) -> Vec<Segment> {
    match content {
        Value::Array(blocks) => blocks.iter().map(segment).collect(),
        other => vec![Segment { text: text_of(other), cache: None }],
    }
}

fn segment(block: &Value) -> Segment {
    let text = match block.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => block.to_string(),
    };
    Segment { text, cache: cache_time(block) }
}

fn cache_time(block: &Value) -> Option<CacheTime> {
    let control = block.get("cache_control").filter(|control| !control.is_null())?;
    let hour = control.get("ttl").and_then(Value::as_str) == Some("1h");
    Some(if hour { CacheTime::OneHour } else { CacheTime::FiveMinutes })
}

/// The first JSON object in `prompt` that looks like a schema with properties.
fn schema_within(prompt: &str) -> Option<Value> {
    prompt.match_indices('{').find_map(|(at, _)| {
        let rest = prompt.get(at..)?;
        let value: Value = serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()?;
        value.get("properties")?.is_object().then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reply_schema_is_looked_for_in_format_tool_and_prompt() {
        let schema = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
        let mut body =
            json!({"system": [{"type": "text", "text": format!("Say {{\"x\"}}: {}", schema("intent"))}]});
        assert_eq!(Request { body: &body }.reply_schema(), Some(schema("intent")));
        assert_eq!(Request { body: &body }.step(), Some(Step::Analyze));

        body["tools"] = json!([{"name": "emit", "input_schema": schema("final_text")}]);
        body["tool_choice"] = json!({"type": "tool", "name": "emit"});
        assert_eq!(Request { body: &body }.reply_schema(), Some(schema("final_text")));

        body["output_config"] = json!({"format": {"type": "json_schema", "schema": schema("other")}});
        assert_eq!(Request { body: &body }.reply_schema(), Some(schema("other")));
    }

    #[test]
    fn a_system_prompt_without_a_schema_tells_the_step_by_its_words() {
        let body = json!({"system": "Answer with \"content\" and \"confidence\"."});
        assert_eq!(Request { body: &body }.reply_schema(), None);
        assert_eq!(Request { body: &body }.step(), Some(Step::Process));
    }

    #[test]
    fn texts_come_out_of_strings_and_blocks_alike() {
        let body = json!({"messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": [{"type": "text", "text": "three"}, {"type": "text", "text": "four"}]},
        ]});
        assert_eq!(Request { body: &body }.user_texts(), ["one", "three\nfour"]);
    }

    #[test]
    fn a_request_wide_cache_mark_falls_on_the_last_block() {
        let body = json!({
            "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "messages": [{"role": "user", "content": "u"}],
            "cache_control": {"type": "ephemeral"},
        });
        let marks: Vec<_> =
            Request { body: &body }.segments().into_iter().map(|segment| segment.cache).collect();
        assert_eq!(marks, [Some(CacheTime::OneHour), Some(CacheTime::FiveMinutes)]);
    }
}
