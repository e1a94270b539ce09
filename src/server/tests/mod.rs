//! The server as its clients see it: everything between a request and the last byte of its response, in
//! process, with a model behind it that follows a script.

mod answer;
mod api;
mod ask;
mod background_tasks;
mod budgets;
mod cancellation;
mod concurrency;
mod divided;
mod frames;
mod logs;
mod metrics;
mod onion;
mod rate_limits;
mod readiness;
mod refusals;
mod repeats;
mod stream_errors;
mod stream_extras;
mod stream_timing;
mod streams;
mod traces;
mod upstream_faults;
mod upstream_words;

use std::time::Duration;

use answer::Answer;
use api::Api;
use ask::Ask;
use frames::Frames;

use crate::model::scripted::{Act, Reply};
use crate::model::{CallError, CallErrorKind, ReplyEvent, StopReason};

const SECOND: Duration = Duration::from_secs(1);

const ANALYSIS: &str = r#"{"intent":"greet","key_entities":["world"],"complexity":"simple","context":[]}"#;
const DRAFT: &str = r#"{"content":"Hello.","confidence":0.9,"metadata":[]}"#;
const ANSWER: &str = r#"{"final_text":"Hello, world!","formatting":"plain"}"#;

/// What is set in the environment, and to what.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// So that a failure is what it is, and isn't tried again.
const ONE_ATTEMPT: Variables<'_> = &[("RETRY_MAX_ATTEMPTS", "1")];

/// The replies of a run in which all goes well: 30 input and 15 output tokens.
fn good_replies() -> [Reply; 3] {
    [Reply::text(ANALYSIS), Reply::text(DRAFT), Reply::text(ANSWER)]
}

/// The replies of a run that goes well for that many steps, and what comes then.
fn good_until(steps: usize, then: impl IntoIterator<Item = Reply>) -> Vec<Reply> {
    good_replies().into_iter().take(steps).chain(then).collect()
}

/// A reply in which the model declines to answer.
fn refusal() -> Reply {
    Reply::stopped("", StopReason::Refusal { category: None, explanation: None })
}

/// So many pieces of text, each after a wait.
fn trickle(pieces: usize, every: Duration) -> impl Iterator<Item = Act> {
    std::iter::repeat_n([Act::Wait(every), Act::Event(ReplyEvent::Text("x".into()))], pieces).flatten()
}
