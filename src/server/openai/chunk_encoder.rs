//! Writes chunks as server-sent events, each a whole one.
//!
//! There are `data:` lines and nothing else: clients break on ids, names and retry times.

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use super::chunk::{ChatChunk, ChunkChoice, ChunkUsage, Delta};
use super::completion::SERVICE_TIER;
use super::{CompletionId, StepProgress, StreamError, Usage};
use crate::chain::FinishReason;

/// Writes the chunks of one response.
pub struct ChunkEncoder {
    id: String,
    created: u64,
    model: String,
    include_usage: bool,
    /// A content chunk up to its content, and from there on.
    around_content: (Box<[u8]>, Box<[u8]>),
}

impl ChunkEncoder {
    /// For a response of that id, made then (in seconds of unix time) by that model. With `include_usage`
    /// every chunk has a member for it.
    #[must_use]
    pub fn new(id: &CompletionId, created: u64, model: &str, include_usage: bool) -> Self {
        let mut encoder = Self {
            id: id.as_str().to_owned(),
            created,
            model: model.to_owned(),
            include_usage,
            around_content: Default::default(),
        };
        encoder.around_content = encoder.around_content();
        encoder
    }

    /// The first chunk.
    pub fn role(&self, out: &mut BytesMut) {
        let delta = Delta { role: Some("assistant"), content: Some(""), ..Delta::default() };
        self.choice(delta, None, None, out);
    }

    /// Characters of the final text.
    pub fn content(&self, text: &str, out: &mut BytesMut) {
        let (before, after) = &self.around_content;
        out.reserve(before.len() + text.len() + after.len() + 2);
        out.put_slice(before);
        write_json(&text, out);
        out.put_slice(after);
    }

    /// What a step before the last returned.
    pub fn reasoning(&self, text: &str, out: &mut BytesMut) {
        self.choice(Delta { reasoning_content: Some(text), ..Delta::default() }, None, None, out);
    }

    /// A sign of life.
    pub fn heartbeat(&self, out: &mut BytesMut) {
        self.content("", out);
    }

    /// How a step is getting on.
    pub fn step(&self, progress: &StepProgress, out: &mut BytesMut) {
        self.choice(Delta::default(), None, Some(progress), out);
    }

    /// The last choice.
    pub fn finish(&self, reason: FinishReason, out: &mut BytesMut) {
        self.choice(Delta::default(), Some(reason.as_str()), None, out);
    }

    /// The usage, without a choice.
    pub fn usage(&self, usage: &Usage, out: &mut BytesMut) {
        event(&ChatChunk { usage: ChunkUsage::Known(usage), ..self.chunk(&[]) }, out);
    }

    /// The error that ends the stream.
    pub fn error(&self, error: &StreamError, out: &mut BytesMut) {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a StreamError,
        }
        event(&Body { error }, out);
    }

    /// The end of the stream, after whatever else.
    pub fn done(&self, out: &mut BytesMut) {
        out.put_slice(b"data: [DONE]\n\n");
    }

    fn choice(
        &self,
        delta: Delta<'_>,
        finish_reason: Option<&'static str>,
        promptchain: Option<&StepProgress>,
        out: &mut BytesMut,
    ) {
        let choice = ChunkChoice { index: 0, delta, logprobs: (), finish_reason };
        event(&ChatChunk { promptchain, ..self.chunk(&[choice]) }, out);
    }

    fn chunk<'a>(&'a self, choices: &'a [ChunkChoice<'a>]) -> ChatChunk<'a> {
        ChatChunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            service_tier: SERVICE_TIER,
            system_fingerprint: (),
            choices,
            usage: if self.include_usage { ChunkUsage::Pending(()) } else { ChunkUsage::Unasked },
            promptchain: None,
        }
    }

    /// Takes a chunk of empty content apart where the content stands. Whatever the model's name is, what
    /// comes last is fixed.
    fn around_content(&self) -> (Box<[u8]>, Box<[u8]>) {
        let mut chunk = BytesMut::new();
        self.choice(Delta { content: Some(""), ..Delta::default() }, None, None, &mut chunk);
        let key = b"\"content\":";
        let at = chunk.windows(key.len()).rposition(|window| window == key);
        let before = at.map_or(chunk.len(), |at| at + key.len());
        let after = chunk.get(before + 2..).unwrap_or_default();
        (chunk.get(..before).unwrap_or_default().into(), after.into())
    }
}

/// One event, whose data is that value.
fn event(value: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(b"data: ");
    write_json(value, out);
    out.put_slice(b"\n\n");
}

/// On one line, as events want it.
fn write_json(value: &impl Serialize, out: &mut BytesMut) {
    // None of the types can fail to be written, and memory takes what it is given.
    let _ = serde_json::to_writer(out.writer(), value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::chain::Spend;
    use crate::server::api_error::ApiError;
    use crate::server::openai::{StepState, StepTokens};

    fn encoder(include_usage: bool) -> ChunkEncoder {
        ChunkEncoder {
            id: "chatcmpl-1".into(),
            ..ChunkEncoder::new(&CompletionId::new(), 7, "m", include_usage)
        }
        .again()
    }

    impl ChunkEncoder {
        /// With what is fixed of a content chunk made anew.
        fn again(mut self) -> Self {
            self.around_content = self.around_content();
            self
        }
    }

    fn written(write: impl FnOnce(&mut BytesMut)) -> String {
        let mut out = BytesMut::new();
        write(&mut out);
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_stream_consists_of_data_lines_alone() {
        let encoder = encoder(false);
        let progress = StepProgress {
            step: "analyze",
            worker: None,
            title: None,
            state: StepState::Finished,
            model: "claude".into(),
            attempt: 2,
            seconds: Some(0.8),
            tokens: StepTokens { input: Some(10), output: None },
            cost_usd: None,
            retry_in_seconds: None,
        };
        let stream = written(|out| {
            encoder.role(out);
            encoder.step(&progress, out);
            encoder.reasoning("Hm", out);
            encoder.content("a \"b\"\n", out);
            encoder.heartbeat(out);
            encoder.finish(FinishReason::Length, out);
            encoder.error(&StreamError::from(&ApiError::invalid_request("c", "m")), out);
            encoder.done(out);
        });
        insta::assert_snapshot!(stream, @r#"
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":null}],"promptchain":{"step":"analyze","worker":null,"title":null,"state":"finished","model":"claude","attempt":2,"seconds":0.8,"tokens":{"input":10,"output":null},"cost_usd":null,"retry_in_seconds":null}}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"reasoning_content":"Hm"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"a \"b\"\n"},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":null}]}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}]}

        data: {"error":{"message":"m","type":"invalid_request_error","param":null,"code":"c","step":null,"phase":null,"timeout_seconds":null}}

        data: [DONE]
        "#);
    }

    #[test]
    fn a_usage_that_is_asked_for_is_null_until_it_comes() {
        let encoder = encoder(true);
        let stream = written(|out| {
            encoder.content("a", out);
            encoder.usage(&Usage::from(&Spend::default()), out);
        });
        insta::assert_snapshot!(stream, @r##"
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"a"},"logprobs":null,"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","service_tier":"default","system_fingerprint":null,"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":null,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
        "##);
    }

    proptest! {
        #[test]
        fn a_content_chunk_is_what_its_type_says(text in any::<String>(), model in any::<String>(), usage: bool) {
            let encoder = ChunkEncoder::new(&CompletionId::new(), 7, &model, usage);
            let short = written(|out| encoder.content(&text, out));
            let delta = Delta { content: Some(&text), ..Delta::default() };
            let long = written(|out| encoder.choice(delta, None, None, out));
            prop_assert_eq!(&short, &long);
            let data = short.strip_prefix("data: ").and_then(|rest| rest.strip_suffix("\n\n")).unwrap();
            prop_assert!(!data.contains(['\n', '\r']));
            let json: Value = serde_json::from_str(data).unwrap();
            prop_assert_eq!(json["choices"][0]["delta"]["content"].as_str(), Some(text.as_str()));
            prop_assert_eq!(json["model"].as_str(), Some(model.as_str()));
        }
    }
}
