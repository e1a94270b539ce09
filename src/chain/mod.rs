//! The engine: analyze → gate → process → gate → synthesize → gate.
//!
//! Here is no HTTP, no terminal, no environment and no file: values come in, events go out. Start at
//! [`Engine`]; its body reads like the diagram. From the outside in: `engine` (a run), `step_run` (a step
//! with its gate and repairs), `call` (a call with its retries), `attempt` (one request).

mod attempt;
mod budget;
mod call;
mod compose;
pub mod config;
mod conversation;
mod engine;
mod error;
mod event;
mod gate;
pub mod json_text;
mod judge;
pub mod lenient_json;
mod limits;
mod live_text;
mod pace;
mod schema_refusals;
mod state;
mod step_run;
mod steps;
mod summary;

pub use crate::step::{PerStep, StepName};
pub use config::ChainConfig;
pub use conversation::{Conversation, ConversationError, MAX_MESSAGES, Message, MessageRole};
pub use engine::{Delivery, Engine, Run, RunInput};
pub use error::{ChainError, whole_seconds};
pub use event::{AttemptFailure, AttemptRecord, Event, FinishReason, Spend, StepFinished, StepMetadata};
pub use gate::{Decision, Finding, Severity, Verdict};
pub use limits::{Limit, LimitReached, Phase};
pub use state::ChainState;
pub use steps::{Analysis, Answer, Complexity, Draft, StepOutput};
pub use summary::Summary;

#[cfg(test)]
mod tests;
