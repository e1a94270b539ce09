//! Holds what is seen of a cell against what was promised, and against what the simulator saw.

use promptchain::simulator::{Fault, Step};
use serde_json::Value;

use super::books::{Books, Paid};
use super::cell::{Asked, Cell, Strikes};
use super::promise::Promise;
use super::seen::{Got, Seen};
use crate::support::{Metrics, Response};

/// What is wrong with a cell, in words. `usual` is the answer of a run in which nothing goes wrong.
pub(super) fn broken(cell: &Cell, seen: &Seen, usual: &str) -> Vec<String> {
    let promise = Promise::of(cell);
    let mut rules = Rules {
        about: format!("{} ({}, {})", cell.rule(), cell.strikes.as_str(), cell.asked.as_str()),
        broken: Vec::new(),
    };
    ending(&mut rules, cell, seen, promise);
    calls(&mut rules, cell, seen, promise);
    text(&mut rules, cell, seen, promise, usual);
    rules.same("tokens and cost", &seen.books, &Books::of_ledger(&seen.calls));
    if let (Some(metrics), Some(response)) = (&seen.metrics, seen.response()) {
        counted(&mut rules, cell, seen, metrics);
        to_clients(&mut rules, cell, seen, response);
    }
    rules.broken
}

/// Collects what isn't as it should be.
struct Rules {
    about: String,
    broken: Vec<String>,
}

impl Rules {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, is: &T, should_be: &T) {
        if is != should_be {
            self.broken.push(format!("{}: {what}: {is:?}, and not {should_be:?}", self.about));
        }
    }
}

/// Exit code or status, and the error's word, are those of the contract's tables.
fn ending(rules: &mut Rules, cell: &Cell, seen: &Seen, promise: Promise) {
    let failure = promise.failure;
    rules.same("error code", &seen.code.as_deref(), &failure.map(|failure| failure.code));
    match &seen.got {
        Got::Exit(code) => {
            rules.same("exit code", code, &failure.map_or(0, |failure| failure.exit));
            let errors = seen.told.iter().filter(|line| line.starts_with("error: ")).count();
            rules.same("errors on stderr", &errors, &usize::from(failure.is_some()));
            let panics = seen.told.iter().any(|line| line.contains("panicked"));
            rules.same("it panics", &panics, &false);
            // It helps only those whose gates are strict.
            let blames_strictness = seen.told.iter().any(|line| line.contains("without --strict"));
            let is_strict = cell.strikes == Strikes::Strictly;
            rules.same("the hint is to leave --strict out", &(blames_strictness && !is_strict), &false);
        }
        Got::Whole(response) => {
            rules.same("status", &response.status, &failure.map_or(200, |failure| failure.status));
            let may_be_whole = cell.asked == Asked::Whole || failure.is_some() && Promise::has_status(cell);
            rules.same("comes in one piece", &true, &may_be_whole);
        }
        Got::Stream { response, finish } => {
            rules.same("status", &response.status, &200);
            rules.same("comes as a stream", &true, &(failure.is_none() || !Promise::has_status(cell)));
            rules.same("finish_reason", &finish.as_deref(), &failure.is_none().then_some(promise.finish));
        }
    }
}

/// Calls are as many as the policy allows, and are those that the program counts.
fn calls(rules: &mut Rules, cell: &Cell, seen: &Seen, promise: Promise) {
    for step in Step::ALL {
        let calls = seen.calls_for(step).count();
        rules.same(&format!("calls for {step}"), &calls, &promise.calls_for(step, cell.step));
    }
    if let Some(metrics) = &seen.metrics {
        let attempts = metrics.count("promptchain_step_attempts_total", "");
        rules.same("attempts counted", &attempts, &(seen.calls.len() as u64));
    }
}

/// What came of a text that failed is its beginning, and only where it was streamed.
fn text(rules: &mut Rules, cell: &Cell, seen: &Seen, promise: Promise, usual: &str) {
    let is_streamed = cell.is_live() && cell.step == Step::Synthesize;
    if promise.failure.is_some() && !is_streamed {
        rules.same("text of a failure", &seen.text.as_str(), &"");
    } else if promise.failure.is_some() || promise.finish == "content_filter" {
        // A huge reply's is another answer's, and longer than this one.
        let is_huge = cell.fault == Fault::HugeReply && seen.text.len() > usual.len();
        let is_beginning = is_huge || usual.starts_with(&seen.text);
        rules.same("the text is the answer's beginning", &is_beginning, &true);
    } else if promise.is_usual {
        rules.same("text", &seen.text.as_str(), &usual);
    } else {
        rules.same("there is text", &seen.text.is_empty(), &false);
    }
}

/// One run, one end, each under its word.
fn counted(rules: &mut Rules, cell: &Cell, seen: &Seen, metrics: &Metrics) {
    const RUNS: &str = "promptchain_request_duration_seconds_count";
    rules.same("runs counted", &metrics.count(RUNS, ""), &1);
    let is_stream = format!("stream=\"{}\"", cell.asked == Asked::Stream);
    rules.same("runs counted as streamed or not", &metrics.count(RUNS, &is_stream), &1);
    let outcomes: &[&str] = match seen.code.as_deref() {
        None => &["ok"],
        Some("gate_rejected" | "refusal") => &["rejected"],
        Some("context_length_exceeded") => &["over_limit"],
        // Silence that is tried again is the upstream's failure, and a limit on the step a time-out.
        Some("timeout") => &["timeout", "upstream"],
        Some(_) => &["upstream"],
    };
    let outcome = metrics.only(RUNS, "outcome").unwrap_or_default();
    rules.same(&format!("outcome {outcome} for {:?}", seen.code), &outcomes.contains(&outcome), &true);
    rules.same("error counted", &metrics.only("promptchain_run_errors_total", "code"), &seen.code.as_deref());
    rules.same(
        "errors counted",
        &metrics.count("promptchain_run_errors_total", ""),
        &u64::from(seen.code.is_some()),
    );
    let is_streamed = matches!(seen.got, Got::Stream { .. });
    rules.same(
        "streams counted",
        &metrics.count("promptchain_stream_end_total", ""),
        &u64::from(is_streamed),
    );
    let is_complete = metrics.only("promptchain_stream_end_total", "reason") == Some("complete");
    rules.same("counted as complete", &is_complete, &(is_streamed && seen.is_answered()));
    rules.same("runs under way", &metrics.count("promptchain_runs_active", ""), &0);
}

/// What every response has, and what none may have.
fn to_clients(rules: &mut Rules, cell: &Cell, seen: &Seen, response: &Response) {
    response.has_common_headers();
    let everything = format!("{:?}\n{}", response.headers, response.text()).to_ascii_lowercase();
    for of_upstream in ["(simulated)", "simulator was told", "req_sim_", "msg_sim_", "<!doctype", "127.0.0.1"]
    {
        rules.same(&format!("{of_upstream} reaches the client"), &everything.contains(of_upstream), &false);
    }
    if let Got::Stream { .. } = seen.got {
        return;
    }
    if response.status == 200 {
        usage(rules, seen, &response.json()["usage"]);
        return;
    }
    response.is_error(response.status, seen.code.as_deref().unwrap_or_default());
    let retry_after = response.header("retry-after");
    let asked_for = cell.parameter.map(|seconds| seconds.to_string());
    match response.status {
        429 => rules.same("retry-after", &retry_after, &asked_for.as_deref()),
        503 => rules.same("retry-after", &retry_after, &Some(asked_for.as_deref().unwrap_or("5"))),
        _ => rules.same("retry-after", &retry_after, &None),
    }
    let should_retry = response.header("x-should-retry");
    let is_paid_for = seen.calls.iter().map(Paid::of).any(|paid| matches!(paid, Paid::Begun | Paid::Counted));
    let would_fail_again = matches!(response.status, 502) && Promise::of(cell).calls == 1;
    let expected = (is_paid_for || would_fail_again).then_some("false");
    rules.same("x-should-retry", &should_retry, &expected);
}

/// The usage of an answer in one piece is the sum over all calls.
fn usage(rules: &mut Rules, seen: &Seen, usage: &Value) {
    if !seen.books.has_unknown {
        rules.same("prompt_tokens", &usage["prompt_tokens"].as_u64(), &Some(seen.books.input));
        rules.same("completion_tokens", &usage["completion_tokens"].as_u64(), &Some(seen.books.output));
    }
}
