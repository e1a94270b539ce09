//! A piece of a streamed answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::{StepProgress, Usage};

/// A piece of a streamed answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatChunk<'a> {
    /// The same in all chunks of a response.
    pub(super) id: &'a str,
    #[schema(example = "chat.completion.chunk")]
    pub(super) object: &'static str,
    /// Seconds of unix time, the same in all chunks.
    pub(super) created: u64,
    pub(super) model: &'a str,
    pub(super) service_tier: &'static str,
    #[schema(value_type = Option<String>)]
    pub(super) system_fingerprint: (),
    /// One; none in the chunk with the usage.
    pub(super) choices: &'a [ChunkChoice<'a>],
    /// Only if it was asked for: `null` in all chunks but the last.
    #[serde(skip_serializing_if = "ChunkUsage::is_unasked")]
    #[schema(value_type = Option<Usage>)]
    pub(super) usage: ChunkUsage<'a>,
    /// How a step is getting on, only if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) promptchain: Option<&'a StepProgress>,
}

/// The usage in a chunk.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum ChunkUsage<'a> {
    /// Nobody asked for it: there is no such member.
    Unasked,
    /// It comes later: the member is `null`.
    Pending(()),
    /// Here it is.
    Known(&'a Usage),
}

impl ChunkUsage<'_> {
    fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked)
    }
}

/// What a chunk adds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChunkChoice<'a> {
    pub(super) index: u32,
    pub(super) delta: Delta<'a>,
    #[schema(value_type = Option<Object>)]
    pub(super) logprobs: (),
    /// In the last choice: `stop`, `length` or `content_filter`.
    pub(super) finish_reason: Option<&'static str>,
}

/// What a chunk adds to the message.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<&'a str>,
    /// What a step before the last returned, if the server shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_content: Option<&'a str>,
}
