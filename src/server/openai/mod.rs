//! The only code that knows the dialect of `OpenAI`'s Chat Completions: requests in, completions and chunks
//! out. What the members are called, and that each of them is there, is what its clients rely on.

mod chunk;
mod chunk_encoder;
mod completion;
mod model_list;
mod step_progress;
mod stream_error;
mod usage;

pub use chunk::{ChatChunk, ChunkChoice, Delta};
pub use chunk_encoder::ChunkEncoder;
pub use completion::{AnswerMessage, ChatCompletion, Choice, CompletionId, CompletionParts};
pub use model_list::{ModelList, ModelObject};
pub use step_progress::{StepProgress, StepState, StepTokens};
pub use stream_error::StreamError;
pub use usage::{CompletionTokens, PromptTokens, Usage};
mod chat_request;
pub use chat_request::{ChatCompletionRequest, ChatRequest};
