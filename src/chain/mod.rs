//! The engine: analyze → gate → process → gate → synthesize → gate.
//!
//! Here is no HTTP, no terminal, no environment and no file: values come in, events go out. Start at
//! [`Engine`]; its body reads like the diagram. From the outside in: `engine` (a run), `step_run` (a step
//! with its gate and repairs), `call` (a call with its retries), `attempt` (one request). [`preview()`] tells what a run
//! would send, without sending it.

mod answer_gate;
mod answer_options;
mod answer_schema;
mod as_is;
mod attempt;
mod budget;
mod call;
mod candidate;
mod compose;
pub mod config;
mod conversation;
mod decide;
mod engine;
mod environment;
mod error;
mod event;
mod events;
mod gate;
mod gate_rules;
mod hold;
mod joined;
pub mod json_text;
mod judge;
pub mod lenient_json;
mod limits;
mod live_text;
mod open_attempt;
mod paid;
mod placeholder;
mod plan;
mod planned_call;
mod preview;
mod prompt_hash;
mod purse;
mod reply_check;
mod reply_size;
mod run_input;
mod run_link;
mod schema_refusals;
mod spend;
mod state;
mod step_run;
mod steps;
mod stop_texts;
mod summary;
mod tagged;
mod turn;
mod untold;
mod wish;
mod workers;

pub use crate::step::{PerStep, StepName};
pub use answer_options::{AnswerFormat, AnswerOptions};
pub use answer_schema::AnswerSchema;
pub use budget::Budget;
pub use config::ChainConfig;
pub use conversation::{Conversation, ConversationError, MAX_MESSAGES, Message, MessageRole};
pub use engine::{Engine, Run};
pub use error::{ChainError, whole_seconds};
pub use event::{
    AttemptFailure, AttemptRecord, Event, FinishReason, StepFinished, StepMetadata, WorkerMetadata,
};
pub use gate::{Decision, Finding, Refusal, Severity, Verdict};
pub use gate_rules::{GATE_RULES, GateRule};
pub use limits::{Limit, LimitReached, Phase};
pub use plan::Plan;
pub use planned_call::{Forecast, Measured, PlannedCall, Range};
pub use preview::preview;
pub use purse::{Purse, PurseRefusal, SetAside};
pub use reply_check::{check_reply, describe_field};
pub use run_input::{Delivery, RunInput};
pub use spend::Spend;
pub use state::ChainState;
pub use steps::{Analysis, Answer, Complexity, Draft, StepOutput, Subtask};
pub use summary::{Judgement, Summary};

/// The names of the fields that each step returns only where it is asked for them, which no prompt file may
/// declare again either.
#[must_use]
pub fn optional_fields() -> PerStep<Vec<String>> {
    PerStep { analyze: vec![steps::SUBTASKS.to_owned()], process: Vec::new(), synthesize: Vec::new() }
}

/// The names of each step's own fields, which no prompt file may declare again.
#[must_use]
pub fn own_fields() -> PerStep<Vec<String>> {
    PerStep {
        analyze: steps::own_fields::<steps::Analyze>(),
        process: steps::own_fields::<steps::Process>(),
        synthesize: steps::own_fields::<steps::Synthesize>(),
    }
}

#[cfg(test)]
mod tests;
