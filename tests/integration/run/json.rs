//! What programs read: `--json`, `--jsonl` and errors, each as its published schema says.

use serde_json::Value;

use crate::support::{Upstream, promptchain};

fn assert_matches(kind: &str, value: &Value) {
    let schema = promptchain(&["schema", kind]).run().exits(0).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {value:#}");
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))
}

#[test]
fn json_is_one_object_that_matches_its_schema() {
    let ran = Upstream::good().run(&["--json", "Say hello to the world"]).exits(0);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    let result = ran.json();
    assert_matches("run", &result);
    assert_eq!(result["version"], 1);
    assert_eq!(result["status"], "ok");
    assert_eq!(result["finish_reason"], "stop");
    assert_eq!(result["simulated"], false);
    assert!(result["text"].as_str().unwrap().contains("hello"), "{}", result["text"]);
}

#[test]
fn totals_are_what_the_simulator_counted() {
    let upstream = Upstream::with_faults(&["process:low-confidence@1", "analyze:server-error@1"]);
    let result = upstream.run(&["--json", "Say hello to the world"]).exits(0).json();
    let calls = upstream.calls();
    assert_eq!(calls.len(), 5, "a retry and a repair");
    let input: u64 = calls.iter().map(|call| call.ledger.input_tokens).sum();
    let output: u64 = calls.iter().map(|call| call.ledger.output_tokens).sum();
    assert_eq!(result["usage"]["input_tokens"], input);
    assert_eq!(result["usage"]["output_tokens"], output);
    // Haiku 4.5: $1 and $5 per million tokens.
    #[expect(clippy::cast_precision_loss, reason = "small figures")]
    let usd = (input as f64 + 5.0 * output as f64) / 1e6;
    assert!((number(&result["cost_usd"]) - usd).abs() < 1e-9, "{} {usd}", result["cost_usd"]);
    let steps: f64 = result["steps"].as_array().unwrap().iter().map(|step| number(&step["cost_usd"])).sum();
    assert!((steps - usd).abs() < 1e-9);
    assert_eq!(result["steps"][0]["attempts"], 2);
    assert_eq!(result["steps"][1]["repairs"], 1);
}

#[test]
fn unknown_figures_are_null_and_never_zero() {
    let unpriced = Upstream::good().run(&["--json", "--model", "llama3.2", "x"]).exits(0).json();
    assert_eq!(unpriced["cost_usd"], Value::Null);
    assert!(unpriced["usage"]["output_tokens"].as_u64().unwrap() > 0);
    assert_matches("run", &unpriced);
    let uncounted = Upstream::with_faults(&["missing-usage"]).run(&["--json", "x"]).exits(0).json();
    assert_eq!(uncounted["usage"]["input_tokens"], Value::Null);
    assert_eq!(uncounted["usage"]["complete"], false);
    assert_eq!(uncounted["usage"]["uncounted_attempts"], 3);
    assert!(uncounted["usage"]["estimated_output_tokens"].as_u64().unwrap() > 0);
    assert_matches("run", &uncounted);
}

#[test]
fn a_failure_is_one_json_object_on_stderr_and_nothing_on_stdout() {
    let upstream = Upstream::with_faults(&["process:overloaded"]);
    let ran = upstream.run(&["--json", "x"]).exits(8).says_nothing();
    let error = ran.error_json();
    assert_matches("error", &error);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let detail = &error;
    assert_eq!(detail["code"], "overloaded");
    assert_eq!(detail["step"], "process");
    assert_eq!(detail["retryable"], true);
    assert!(detail["upstream_request_id"].as_str().unwrap().starts_with("req_sim"), "{error}");
    assert!(!detail["hint"].as_str().unwrap().is_empty());
}

#[test]
fn bad_input_is_a_json_error_too() {
    for args in [
        &["--json", ""][..],
        &["--json", "--set", "process.timeout=0", "x"],
        &["--jsonl", "-f", "missing", "x"],
    ] {
        let error = Upstream::good().run(args).says_nothing().error_json();
        assert_matches("error", &error);
    }
}

#[test]
fn events_come_one_a_line_and_match_their_schema() {
    let upstream = Upstream::with_faults(&["analyze:server-error@1", "process:low-confidence@1"]);
    let ran = upstream.run(&["--jsonl", "Say hello to the world"]).exits(0);
    let events: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        assert_matches("events", event);
    }
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((names[0], *names.last().unwrap()), ("run_started", "run_finished"));
    assert_eq!(names.iter().filter(|name| **name == "run_finished").count(), 1);
    assert_eq!(names.iter().filter(|name| **name == "attempt_started").count(), 5);
    let text: String = events
        .iter()
        .filter(|event| event["event"] == "output_delta")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    let last = events.iter().rfind(|event| event["event"] == "step_finished").unwrap();
    assert_eq!(last["output"]["final_text"], text);
}

#[test]
fn events_of_a_failed_run_end_with_its_error() {
    let ran = Upstream::with_faults(&["synthesize:reset-mid-reply"]).run(&["--jsonl", "x"]).exits(4);
    let last: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_matches("events", &last);
    assert_eq!(last["event"], "run_finished");
    assert_eq!(last["status"], "failed");
    assert_eq!(last["error"]["step"], "synthesize");
}

#[test]
fn offline_results_say_that_they_are_simulated() {
    let result = promptchain(&["run", "--offline", "--json", "x"]).run().exits(0).json();
    assert_eq!(result["simulated"], true);
    assert_matches("run", &result);
}
