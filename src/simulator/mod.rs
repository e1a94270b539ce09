//! A Messages API server on loopback: for `run --offline`, for tests and benches in process, and
//! for others to test against.
//!
//! It is an independent reading of the API and shares no code with the client, so that a mistake
//! in the one isn't mirrored by the other. Of this crate it must import nothing but `nearest`.
//!
//! ```text
//! server      accepts connections, runs them, breaks them when ordered (cut)
//!   routes    opens a log entry (exchange → log), checks the key, adds the request id
//!     messages
//!       intake, validate      reads the request; refuses what the API refuses (request, models)
//!       step, calls, refusal  which step, which call of it, which fault (fault, parameter, fault_rule)
//!       making                the reply, however it travels
//!         subject → compose     what it is about, what it says (phrases, instance, division, part)
//!         spoil → reply         faults in what is said; tokens (tokens, cache)
//!       script → playback     what goes onto the wire and when; faults of the transport (sse, head_faults)
//!     batches                 takes in many requests, makes them in a task of its own, hands out results
//! ```
//!
//! The same requests in the same order get the same bytes. All delays are tokio's, so that tests
//! with paused time don't wait. An `Exchange` that is dropped before its end has lost its
//! client: that is how the leaving of a client is noticed, in every phase.

mod api_error;
mod batch_endpoint;
mod batches;
mod blocks;
mod cache;
mod call_range;
mod calls;
mod compose;
mod config;
mod cut;
mod division;
mod exchange;
mod fault;
mod fault_reach;
mod fault_rule;
mod fault_rule_error;
mod head_faults;
mod injected;
mod instance;
mod intake;
mod language;
mod log;
mod log_json;
mod making;
mod messages;
mod models;
mod parameter;
mod part;
mod phrases;
mod playback;
mod refusal;
mod reply;
mod request;
mod routes;
mod script;
mod sentences;
mod server;
mod spoil;
mod sse;
mod step;
mod subject;
#[cfg(test)]
mod tests;
mod tokens;
mod validate;

pub use batch_endpoint::BatchEndpoint;
pub use call_range::CallRange;
pub use config::{DEFAULT_BATCH_TIME, Pacing, SimulatorConfig};
pub use fault::Fault;
pub use fault_rule::FaultRule;
pub use fault_rule_error::FaultRuleError;
pub use log::{BATCHED, BatchedCall, Credential, End, Ledger, LogEntry, Phase, SimulatorLog};
pub use parameter::Parameter;
pub use server::Simulator;
pub use step::Step;
