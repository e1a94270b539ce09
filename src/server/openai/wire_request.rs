//! A request as it is written: only what we look at, and only as far as its types are right. What it leads to
//! is for [`ChatRequest`](super::ChatRequest).

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::chain::MAX_MESSAGES;

/// What the error of a conversation that is too long begins with: reading stops there.
pub(super) const TOO_MANY_MESSAGES: &str = "more than";

/// A request. Whatever isn't here is passed over.
#[derive(Deserialize)]
pub(super) struct WireRequest {
    pub(super) model: Option<String>,
    pub(super) messages: Option<Messages>,
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<Object<StreamOptions>>,
    pub(super) max_tokens: Option<f64>,
    pub(super) max_completion_tokens: Option<f64>,
    pub(super) temperature: Option<f64>,
    pub(super) stop: Option<Stop>,
    pub(super) response_format: Option<Object<ResponseFormat>>,
    pub(super) n: Option<f64>,
    pub(super) tool_choice: Option<Choice>,
    pub(super) function_call: Option<Choice>,
    pub(super) modalities: Option<Vec<String>>,
    pub(super) audio: Option<IgnoredAny>,
    pub(super) logprobs: Option<bool>,
    pub(super) top_logprobs: Option<f64>,
    pub(super) web_search_options: Option<IgnoredAny>,
    #[serde(rename = "user")]
    _user: Option<String>,
    #[serde(rename = "metadata")]
    _metadata: Option<BTreeMap<String, String>>,
}

/// A request of which only the conversation counts.
#[derive(Deserialize)]
pub(super) struct MessagesOnly {
    pub(super) messages: Option<Messages>,
}

/// A turn.
#[derive(Deserialize)]
pub(super) struct WireMessage {
    pub(super) role: String,
    pub(super) content: Option<Content>,
}

/// What a turn says.
pub(super) enum Content {
    Text(String),
    Parts(Vec<Object<Part>>),
}

/// A part of what a turn says.
#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: Option<String>,
    pub(super) refusal: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: Option<bool>,
    pub(super) include_steps: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct ResponseFormat {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) json_schema: Option<Object<JsonSchema>>,
}

#[derive(Deserialize)]
pub(super) struct JsonSchema {
    #[serde(rename = "name")]
    _name: Option<String>,
    pub(super) schema: Option<Value>,
}

/// One text, or several.
pub(super) enum Stop {
    One(String),
    Several(Vec<String>),
}

/// Which tool is to be called: a word such as `auto`, or a certain one.
pub(super) enum Choice {
    Word(String),
    Named,
}

/// The turns of a conversation, at most [`MAX_MESSAGES`].
pub(super) struct Messages(pub(super) Vec<Object<WireMessage>>);

/// A `T` that is written as an object, not as an array of its fields.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MessagesVisitor;

        impl<'de> Visitor<'de> for MessagesVisitor {
            type Value = Messages;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of messages")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Messages, A::Error> {
                let mut messages = Vec::new();
                while let Some(message) = seq.next_element()? {
                    if messages.len() == MAX_MESSAGES {
                        return Err(A::Error::custom(format!("{TOO_MANY_MESSAGES} {MAX_MESSAGES} messages")));
                    }
                    messages.push(message);
                }
                Ok(Messages(messages))
            }
        }

        deserializer.deserialize_seq(MessagesVisitor)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;

        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of text parts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Content, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Content, E> {
                Ok(Content::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = seq.next_element()? {
                    parts.push(part);
                }
                Ok(Content::Parts(parts))
            }
        }

        deserializer.deserialize_any(ContentVisitor)
    }
}

impl<'de> Deserialize<'de> for Stop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StopVisitor;

        impl<'de> Visitor<'de> for StopVisitor {
            type Value = Stop;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Stop, E> {
                Ok(Stop::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Stop, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Stop::Several(texts))
            }
        }

        deserializer.deserialize_any(StopVisitor)
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ChoiceVisitor;

        impl<'de> Visitor<'de> for ChoiceVisitor {
            type Value = Choice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an object")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Choice, E> {
                Ok(Choice::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Choice, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Choice::Named)
            }
        }

        deserializer.deserialize_any(ChoiceVisitor)
    }
}
