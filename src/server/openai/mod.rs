//! The only code that knows the dialect of `OpenAI`'s Chat Completions: requests in, completions and chunks
//! out. What the members are called, and that each of them is there, is what its clients rely on.

mod chat_request;
mod chunk;
mod chunk_encoder;
mod completion;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod message_content;
mod model_list;
mod request_error;
mod request_schema;
#[cfg(test)]
mod request_tests;
mod response_format;
mod step_progress;
mod stream_error;
mod usage;
mod wire_request;

pub use chat_request::{ChatRequest, parse_messages};
pub use chunk::{ChatChunk, ChunkChoice, Delta};
pub use chunk_encoder::ChunkEncoder;
pub use completion::{AnswerMessage, ChatCompletion, Choice, CompletionId, CompletionParts};
pub use model_list::{ModelList, ModelObject};
pub use request_schema::{
    ChatCompletionRequest, RequestContent, RequestFormat, RequestJsonSchema, RequestMessage, RequestPart,
    RequestStop, RequestStreamOptions,
};
pub use step_progress::{StepProgress, StepState, StepTokens};
pub use stream_error::StreamError;
pub use usage::{CompletionTokens, PromptTokens, Usage};
