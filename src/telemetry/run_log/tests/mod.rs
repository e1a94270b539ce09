//! The lines of a run, as an operator meets them.

mod lines;

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::super::logs::captured::keep_other_threads_out;
use super::super::logs::{LogConfig, LogSink, subscriber};
use super::*;
use crate::chain::{Conversation, FinishReason};
use crate::model::scripted::any_request;
use crate::model::{AttemptUsage, Usage};

/// The last line of a run whose one attempt used that.
fn end_line(usage: AttemptUsage) -> Value {
    let mut summary = Summary::new(&Conversation::from_prompt("Hello").unwrap());
    let attempt = AttemptRecord {
        worker: None,
        step: StepName::Synthesize,
        attempt: 1,
        model: "m".into(),
        failure: None,
        retry_in: None,
        elapsed: Duration::from_secs(1),
        first_content: None,
        usage,
        cost: None,
        output_cost: None,
        estimated_cost: None,
        request_id: None,
        response_id: None,
        response_model: None,
    };
    let outcome = Ok(FinishReason::Stop);
    summary.apply(&Event::AttemptStarted {
        step: StepName::Synthesize,
        worker: None,
        attempt: 1,
        repair: 0,
        request: any_request(),
        trace: None,
    });
    summary.apply(&Event::AttemptEnded(Box::new(attempt)));
    summary.apply(&Event::RunFinished { outcome, elapsed: Duration::from_secs(1) });
    keep_other_threads_out();
    let written = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&written);
    let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
    let config = LogConfig::default();
    tracing::subscriber::with_default(subscriber(config, sink), || {
        log_end(&summary, RunLine { subject: "Run", model: None, elapsed: None }, RunEnd::Completed);
    });
    serde_json::from_str(written.lock().unwrap().trim()).unwrap()
}

#[test]
fn the_end_says_whether_an_estimate_stands_beside_what_was_counted() {
    let usage = Usage { input: Some(10), output: Some(1), ..Usage::default() };
    let counted = end_line(AttemptUsage::Counted(usage));
    assert_eq!((&counted["usage_complete"], counted.get("usage_estimated")), (&Value::Bool(true), None));
    let estimated =
        end_line(AttemptUsage::Uncounted { counted: usage, estimated_input: 0, estimated_output: 7 });
    assert_eq!(estimated["usage_complete"], false);
    assert_eq!(estimated["usage_estimated"], true);
    let unknown =
        end_line(AttemptUsage::Uncounted { counted: usage, estimated_input: 0, estimated_output: 0 });
    assert_eq!((&unknown["usage_complete"], unknown.get("usage_estimated")), (&Value::Bool(false), None));
}
