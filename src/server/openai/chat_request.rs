//! A request that makes sense: what is asked of the chain.

use serde::de::DeserializeOwned;

use super::message_content::message;
use super::request_error::{NO_JSON, invalid_json, invalid_value, missing, unreadable, unsupported};
use super::response_format::answer_format;
use super::wire_request::{Choice, Messages, MessagesOnly, Object, Stop, StreamOptions, WireRequest};
use crate::chain::{AnswerOptions, Conversation, Message};
use crate::server::api_error::ApiError;

/// The most texts in `stop`.
const MAX_STOP: usize = 4;

/// The highest temperature that clients may ask for, and the highest that the upstream takes.
const MAX_TEMPERATURE: f64 = 2.0;
const MAX_UPSTREAM_TEMPERATURE: f64 = 1.0;

/// A request that makes sense.
#[derive(Debug)]
pub struct ChatRequest {
    /// The model that is asked for, whether there is one of that name or not.
    pub model: String,
    /// What has been said.
    pub conversation: Conversation,
    /// What is asked of the answer.
    pub answer: AnswerOptions,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether the stream is to tell the usage.
    pub include_usage: bool,
    /// Whether the stream is to tell how the steps get on.
    pub include_steps: bool,
}

impl ChatRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// A 400 that names the field and says what is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let wire = read_body(body)?;
        refuse_what_cannot_be_had(&wire)?;
        let answer = AnswerOptions {
            cap: cap(&wire)?,
            temperature: temperature(wire.temperature)?,
            stop: stop(wire.stop)?,
            format: answer_format(wire.response_format)?,
            refusal_ends_answer: true,
        };
        let stream = wire.stream.unwrap_or(false);
        let wants = |option: fn(&StreamOptions) -> Option<bool>| {
            stream
                && wire.stream_options.as_ref().and_then(|Object(options)| option(options)).unwrap_or(false)
        };
        Ok(Self {
            include_usage: wants(|options| options.include_usage),
            include_steps: wants(|options| options.include_steps),
            model: wire.model.ok_or_else(|| missing("model"))?,
            conversation: conversation(wire.messages)?,
            answer,
            stream,
        })
    }
}

/// Reads the messages in `json`: an array of them, or a request that holds it.
///
/// # Errors
/// A sentence that names the field and says what is wrong with it.
pub fn parse_messages(json: &str) -> Result<Vec<Message>, String> {
    let read = || {
        let messages = if json.trim_start().starts_with('[') {
            read(json)?
        } else {
            let Object(request) = read::<Object<MessagesOnly>>(json)?;
            request.messages.ok_or_else(|| missing("messages"))?
        };
        messages_of(messages)
    };
    read().map_err(|error| error.message.replace(NO_JSON, "isn't an array of messages, or a request"))
}

fn read_body(body: &[u8]) -> Result<WireRequest, ApiError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| invalid_json(format!("byte {} isn't UTF-8", error.valid_up_to() + 1)))?;
    let Object(request) = read(text)?;
    Ok(request)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let read = T::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .map_err(|error| unreadable(Some(&track.path()), &error))?;
    json.end().map_err(|error| unreadable(None, &error))?;
    Ok(read)
}

fn conversation(messages: Option<Messages>) -> Result<Conversation, ApiError> {
    let messages = messages_of(messages.ok_or_else(|| missing("messages"))?)?;
    Conversation::new(messages)
        .map_err(|error| invalid_value("messages", format!("can't be answered: {error}")))
}

fn messages_of(Messages(messages): Messages) -> Result<Vec<Message>, ApiError> {
    messages.into_iter().enumerate().map(|(at, Object(wire))| message(at, wire)).collect()
}

/// What would change the answer's meaning if it were passed over.
fn refuse_what_cannot_be_had(wire: &WireRequest) -> Result<(), ApiError> {
    if wire.n.is_some_and(|n| (n - 1.0).abs() > f64::EPSILON) {
        return Err(unsupported("n", "can only be 1: there is one answer to a request"));
    }
    for (param, choice) in [("tool_choice", &wire.tool_choice), ("function_call", &wire.function_call)] {
        let must_be_called = match choice {
            None => false,
            Some(Choice::Word(word)) => !matches!(word.as_str(), "auto" | "none"),
            Some(Choice::Named) => true,
        };
        if must_be_called {
            return Err(unsupported(param, "asks for a call, and tools aren't called here"));
        }
    }
    if wire.modalities.iter().flatten().any(|kind| kind != "text") {
        return Err(unsupported("modalities", "can only be text"));
    }
    if wire.audio.is_some() {
        return Err(unsupported("audio", "isn't supported: answers are text"));
    }
    if wire.logprobs == Some(true) {
        return Err(unsupported("logprobs", "can't be true: there are none"));
    }
    if wire.top_logprobs.is_some_and(|count| count > 0.0) {
        return Err(unsupported("top_logprobs", "can only be 0: there are none"));
    }
    if wire.web_search_options.is_some() {
        return Err(unsupported("web_search_options", "isn't supported: nothing is searched for"));
    }
    Ok(())
}

/// The smaller of the two caps.
fn cap(wire: &WireRequest) -> Result<Option<u32>, ApiError> {
    let caps = [("max_tokens", wire.max_tokens), ("max_completion_tokens", wire.max_completion_tokens)];
    let mut smallest = None;
    for (param, cap) in caps {
        let Some(cap) = cap else { continue };
        if cap < 1.0 || cap.fract() != 0.0 {
            return Err(invalid_value(param, "must be a whole number of at least 1"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and positive; what is larger than any cap is cut to the largest"
        )]
        let cap = cap.min(f64::from(u32::MAX)) as u32;
        smallest = Some(smallest.map_or(cap, |other: u32| other.min(cap)));
    }
    Ok(smallest)
}

fn temperature(temperature: Option<f64>) -> Result<Option<f64>, ApiError> {
    match temperature {
        Some(asked) if !(0.0..=MAX_TEMPERATURE).contains(&asked) => {
            Err(invalid_value("temperature", format!("must be within 0 and {MAX_TEMPERATURE}")))
        }
        asked => Ok(asked.map(|asked| asked.min(MAX_UPSTREAM_TEMPERATURE))),
    }
}

fn stop(stop: Option<Stop>) -> Result<Vec<String>, ApiError> {
    let (texts, is_array) = match stop {
        None => return Ok(Vec::new()),
        Some(Stop::One(text)) => (vec![text], false),
        Some(Stop::Several(texts)) => (texts, true),
    };
    if texts.len() > MAX_STOP {
        return Err(invalid_value("stop", format!("must have at most {MAX_STOP} texts")));
    }
    if let Some(at) = texts.iter().position(String::is_empty) {
        let param = if is_array { format!("stop[{at}]") } else { "stop".to_owned() };
        return Err(invalid_value(param, "must not be empty"));
    }
    Ok(texts)
}
