//! Process divided among workers: a call for each part, and what becomes of the run when some fail.

use std::time::Duration;

use promptchain::simulator::{End, LogEntry, SimulatorConfig, Step};
use serde_json::Value;

use crate::support::{Upstream, promptchain};

/// Four parts, by their titles.
const QUESTIONS: &str = "What is ownership? What is borrowing? What are lifetimes? What are traits?";
const TITLES: [&str; 4] = ["Ownership", "Borrowing", "Lifetimes", "Traits"];

const WORKERS: (&str, &str) = ("CHAIN_PROCESS_WORKERS", "4");
const ONE_ATTEMPT: (&str, &str) = ("RETRY_MAX_ATTEMPTS", "1");

/// The titles in the draft, in its order.
fn titles(result: &Value) -> Vec<&str> {
    let content = result["draft"]["content"].as_str().unwrap();
    content.lines().filter_map(|line| line.strip_prefix("## ")).collect()
}

fn parts(calls: &[LogEntry]) -> Vec<&LogEntry> {
    calls.iter().filter(|call| call.step == Some(Step::Process)).collect()
}

fn numbers(calls: &[LogEntry]) -> Vec<u32> {
    let mut numbers: Vec<u32> = parts(calls).iter().filter_map(|call| call.part).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn each_part_is_a_call_of_its_own_and_they_are_made_at_the_same_time() {
    let upstream = Upstream::paced(Duration::from_millis(5));
    let result = upstream.run_with(&["--json", QUESTIONS], &[WORKERS]).exits(0).json();
    let calls = upstream.calls();
    let steps: Vec<_> = calls.iter().filter_map(|call| call.step).collect();
    let process = Step::Process;
    assert_eq!(steps, [Step::Analyze, process, process, process, process, Step::Synthesize]);
    assert_eq!(numbers(&calls), [1, 2, 3, 4]);

    let last_begun = parts(&calls).iter().map(|call| call.started_at).max();
    let first_ended = parts(&calls).iter().filter_map(|call| call.ended_at).min();
    assert!(last_begun < first_ended, "{calls:?}");
    assert_eq!(titles(&result), TITLES);
    let text = result["text"].as_str().unwrap();
    assert!(TITLES.iter().all(|title| text.contains(&format!("## {title}"))), "{text}");
    assert_eq!(result["steps"][1]["attempts"], 4);
}

#[test]
fn what_parts_cost_is_what_the_simulator_counted() {
    let upstream = Upstream::with_faults(&["process/2:server-error@1", "process/3:low-confidence@1"]);
    let result = upstream.run_with(&["--json", QUESTIONS], &[WORKERS]).exits(0).json();
    let calls = upstream.calls();
    assert_eq!(calls.len(), 8, "a retry and a repair");
    assert_eq!(numbers(&calls), [1, 2, 2, 3, 3, 4]);
    let input: u64 = calls.iter().map(|call| call.ledger.input_tokens).sum();
    let output: u64 = calls.iter().map(|call| call.ledger.output_tokens).sum();
    assert!(calls.iter().all(|call| call.ledger.cache_read_tokens + call.ledger.cache_write_tokens == 0));
    assert_eq!(result["usage"]["input_tokens"], input);
    assert_eq!(result["usage"]["output_tokens"], output);
    // Haiku 4.5: $1 and $5 per million tokens.
    #[expect(clippy::cast_precision_loss, reason = "small figures")]
    let usd = (input as f64 + 5.0 * output as f64) / 1e6;
    assert!((result["cost_usd"].as_f64().unwrap() - usd).abs() < 1e-9, "{} {usd}", result["cost_usd"]);
    assert_eq!(titles(&result), TITLES);
}

#[test]
fn a_simple_request_is_not_divided() {
    let upstream = Upstream::good();
    upstream.run_with(&["Say hello to the world"], &[WORKERS]).exits(0);
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn a_part_that_fails_is_left_out_with_a_warning() {
    let upstream = Upstream::with_faults(&["process/2:server-error"]);
    let ran = upstream.run_with(&[QUESTIONS], &[WORKERS, ONE_ATTEMPT]).exits(0);
    let ran = ran.complains("part 2, \"Borrowing\", was left out");
    assert!(ran.stdout.contains("## Traits") && !ran.stdout.contains("## Borrowing"), "{}", ran.stdout);
    assert_eq!(upstream.calls().len(), 6);

    let result = upstream.run_with(&["--json", QUESTIONS], &[WORKERS, ONE_ATTEMPT]).exits(0).json();
    assert_eq!(titles(&result), ["Ownership", "Lifetimes", "Traits"]);
    assert_eq!(result["warnings"][0]["rule"], "part-left-out", "{}", result["warnings"]);
}

/// A simulator whose answers come late enough for all parts' calls to be under way by then.
fn late(faults: &[&str]) -> Upstream {
    let faults = faults.iter().map(|rule| rule.parse().unwrap()).collect();
    let latency = Duration::from_millis(500);
    Upstream::start(SimulatorConfig { faults, latency, ..SimulatorConfig::default() })
}

/// How long the simulator didn't know of each hanging part's end, which the client had left at that time.
fn unaware(calls: &[LogEntry], left_at: tokio::time::Instant) -> Vec<Duration> {
    let left = parts(calls).into_iter().filter_map(|call| match call.end {
        Some(End::ClientLeft { at, .. }) => Some(at.saturating_duration_since(left_at)),
        _ => None,
    });
    left.collect()
}

/// How long the upstream may be left in the dark.
const LIMIT: Duration = Duration::from_millis(250);

#[test]
fn in_a_strict_run_the_first_failure_ends_all_parts_at_once() {
    let hangs = ["process/1:hang-mid-reply", "process/3:hang-before-head", "process/4:hang-mid-reply"];
    let upstream = late(&[&["process/2:server-error"][..], &hangs].concat());
    let ran = upstream.run_with(&["--strict", QUESTIONS], &[WORKERS, ONE_ATTEMPT]).exits(4).says_nothing();
    ran.complains("error: part 2, \"Borrowing\": process failed");
    let calls = upstream.wait_for(|calls| parts(calls).iter().all(|call| call.end.is_some()));
    assert_eq!(calls.len(), 5, "nothing further is started");
    let failed = calls.iter().find(|call| call.part == Some(2)).and_then(|call| call.ended_at).unwrap();
    let unaware = unaware(&calls, failed);
    assert_eq!(unaware.len(), 3, "{calls:?}");
    assert!(unaware.iter().all(|unaware| *unaware <= LIMIT), "{unaware:?}");
}

#[test]
fn where_more_than_half_of_the_parts_fail_the_run_does() {
    for faults in [&["process:server-error"][..], &["process:server-error@1-3"]] {
        let upstream = late(faults);
        let ran = upstream.run_with(&[QUESTIONS], &[WORKERS, ONE_ATTEMPT]).exits(4).says_nothing();
        ran.complains("error: part ").complains(": process failed").complains("500");
        assert_eq!(upstream.calls().len(), 5, "nothing further is started");
    }
}

#[test]
fn a_part_that_hangs_is_left_out_when_the_steps_time_is_over() {
    for fault in ["process/3:hang-mid-reply", "process/3:hang-before-head"] {
        let upstream = Upstream::with_faults(&[fault]);
        let args = ["--json", "--set", "process.timeout=3", QUESTIONS];
        let result = upstream.run_with(&args, &[WORKERS]).exits(0).json();
        assert_eq!(titles(&result), ["Ownership", "Borrowing", "Traits"], "{fault}");
        let warning = result["warnings"][0]["message"].as_str().unwrap();
        assert!(warning.starts_with("part 3, \"Lifetimes\", was left out"), "{warning}");
        let calls = upstream.calls();
        let attempts: Vec<_> = calls.iter().filter(|call| call.part == Some(3)).collect();
        assert!(attempts.iter().all(|call| matches!(call.end, Some(End::ClientLeft { .. }))), "{attempts:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_closes_the_connections_of_all_parts() {
    for (fault, has_head) in [("process:hang-mid-reply", true), ("process:hang-before-head", false)] {
        let upstream = Upstream::with_faults(&[fault]);
        let started = upstream.start_run(&["--json", QUESTIONS], &[WORKERS]);
        upstream.wait_for(|calls| {
            let hang = |call: &&LogEntry| call.fault.is_some() && call.status.is_some() == has_head;
            parts(calls).into_iter().filter(hang).count() == 4
        });
        started.signal("INT");
        let left_at = tokio::time::Instant::now();
        let ran = started.finish().exits(130).says_nothing();
        assert_eq!(ran.error_json()["code"], "interrupted");
        let calls = upstream.wait_for(|calls| parts(calls).iter().all(|call| call.end.is_some()));
        assert_eq!(calls.len(), 5, "nothing further is started");
        let unaware = unaware(&calls, left_at);
        assert_eq!(unaware.len(), 4, "{calls:?}");
        assert!(unaware.iter().all(|unaware| *unaware <= LIMIT), "{unaware:?}");
    }
}

#[test]
fn offline_the_answer_is_divided_too() {
    let mut command = promptchain(&["run", "--offline", "--json", QUESTIONS]);
    command.env(WORKERS.0, WORKERS.1);
    let result = command.run().exits(0).json();
    assert_eq!(titles(&result), TITLES);
    assert_eq!(result["simulated"], true);
}

#[test]
fn parts_are_asked_for_in_the_prompt_where_there_is_no_schema() {
    let upstream = Upstream::good();
    let environment = [WORKERS, ("CHAIN_STRUCTURED_OUTPUT", "prompt")];
    let result = upstream.run_with(&["--json", QUESTIONS], &environment).exits(0).json();
    assert_eq!(titles(&result), TITLES);
    assert!(upstream.calls().iter().all(|call| call.body["output_config"].is_null()));
}

#[test]
fn how_many_workers_there_are_can_be_said_in_the_prompt_and_by_a_flag() {
    let prompt = include_str!("../../../prompts/chain_process.md").replacen("+++\n", "+++\nworkers = 3\n", 1);
    let by_prompt = Upstream::good();
    let mut command = by_prompt.command(&["--json", "--prompts", "mine", QUESTIONS], &[]);
    command.file("mine/chain_process.md", prompt);
    let of_prompt = command.run().exits(0).json();

    let by_flag = Upstream::good();
    let of_flag = by_flag.run(&["--json", "--set", "process.workers=3", QUESTIONS]).exits(0).json();
    for (upstream, result) in [(by_prompt, of_prompt), (by_flag, of_flag)] {
        // The third part is about what the fourth question asks too.
        assert_eq!(titles(&result), ["Ownership", "Borrowing", "Lifetimes"]);
        assert_eq!(numbers(&upstream.calls()), [1, 2, 3]);
    }
}

#[test]
fn no_more_parts_are_written_at_a_time_than_there_are_workers() {
    let upstream = Upstream::paced(Duration::from_millis(5));
    // A prompt that asks for more parts than there are workers.
    let prompt = include_str!("../../../prompts/chain_analyze.md").replace("{{ workers }} parts", "4 parts");
    let mut command = upstream.command(&["--prompts", "mine", "--set", "process.workers=2", QUESTIONS], &[]);
    command.file("mine/chain_analyze.md", prompt);
    command.run().exits(0);
    let calls = upstream.calls();
    assert_eq!(numbers(&calls), [1, 2, 3, 4]);
    for call in parts(&calls) {
        // In the middle of each, because the simulator hears of an end a moment after it.
        let middle = call.started_at + call.ended_at.unwrap().duration_since(call.started_at) / 2;
        let is_under_way =
            |other: &&LogEntry| other.started_at < middle && other.ended_at.is_some_and(|end| end > middle);
        assert_eq!(parts(&calls).into_iter().filter(is_under_way).count(), 2, "{calls:?}");
    }
}
