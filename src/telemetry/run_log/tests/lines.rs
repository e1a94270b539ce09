//! One line of each kind, of runs that go in every way there is.

use insta::assert_snapshot;

use super::super::super::logs::LogLevel;
use super::super::super::logs::captured::Captured;
use super::*;
use crate::report::transcripts::{self, Transcript};

/// What is logged of that run.
fn logged(transcript: &Transcript) -> Vec<Value> {
    let captured = Captured::from_level(LogLevel::Debug);
    transcript.events.iter().for_each(|(_, event)| log_event(event));
    let end = match &transcript.summary.outcome {
        Some(Ok(_)) => RunEnd::Completed,
        Some(Err(_)) => RunEnd::Failed { error_code: "a_code" },
        None => RunEnd::Cancelled,
    };
    let line = RunLine { subject: "Run", model: None, elapsed: Some(Duration::from_secs(9)) };
    log_end(&transcript.summary, line, end);
    captured.lines()
}

fn message(line: &Value) -> &str {
    line["message"].as_str().unwrap()
}

/// The first line of each kind, without what all have.
fn one_of_each(transcripts: &[Transcript]) -> String {
    let mut kinds: Vec<Value> = Vec::new();
    for mut line in transcripts.iter().flat_map(logged) {
        if kinds.iter().all(|known| message(known) != message(&line)) {
            assert_eq!(
                line.as_object_mut().unwrap().shift_remove("logger").unwrap(),
                "promptchain::telemetry::run_log"
            );
            kinds.push(line);
        }
    }
    kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_kind_of_line_has_its_fields() {
    assert_snapshot!(one_of_each(&transcripts::all()), @r#"
    {"level":"DEBUG","message":"Step started","step":"analyze","model":"claude-haiku-4-5-20251001"}
    {"level":"INFO","message":"Step finished","step":"analyze","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":800.0,"input_tokens":412,"output_tokens":96,"total_tokens":508,"input_cost_usd":0.000412,"output_cost_usd":0.00048,"total_cost_usd":0.000892,"usage_complete":true}
    {"level":"INFO","message":"Run completed","elapsed_seconds":4.1,"steps":"analyze 800ms, process 1900ms, synthesize 1400ms","finish_reason":"stop","input_tokens":2147,"output_tokens":664,"total_tokens":2811,"input_cost_usd":0.002147,"output_cost_usd":0.00332,"total_cost_usd":0.005467,"usage_complete":true}
    {"level":"WARNING","message":"Attempt failed","step":"process","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":300.0,"status_code":529,"error":"upstream answered 529 overloaded_error: Over\u001b[2Jloaded,\nplease wait","error_type":"upstream","retry_in_seconds":2.0,"input_tokens":0,"output_tokens":0,"total_cost_usd":0.0}
    {"level":"WARNING","message":"Gate asks for a repair","step":"process","findings":"low-confidence"}
    {"level":"WARNING","message":"Gate passed with a warning","step":"analyze","findings":"no-key-entities"}
    {"level":"WARNING","message":"Gate let a faulty reply pass","step":"process","findings":"low-confidence"}
    {"level":"WARNING","message":"Gate rejected the reply","step":"process","findings":"low-confidence"}
    {"level":"ERROR","message":"Run failed","elapsed_seconds":2.7,"steps":"analyze 800ms","step":"process","model":"claude-haiku-4-5-20251001","error":"process was rejected by its gate: low-confidence","error_type":"gate","error_code":"a_code","input_tokens":1143,"output_tokens":452,"total_tokens":1595,"input_cost_usd":0.001143,"output_cost_usd":0.00226,"total_cost_usd":0.003403,"usage_complete":true}
    {"level":"INFO","message":"Run cancelled","elapsed_seconds":9.0,"steps":"analyze 800ms","input_tokens":412,"output_tokens":96,"total_tokens":508,"input_cost_usd":0.000412,"output_cost_usd":0.00048,"total_cost_usd":0.000892,"usage_complete":false}
    {"level":"WARNING","message":"The model's price isn't known","step":"analyze","model":"claude-haiku-4-5-20251001"}
    {"level":"DEBUG","message":"Worker started","step":"process","worker":1}
    {"level":"INFO","message":"Worker finished","step":"process","worker":1,"attempt":1,"duration_ms":1200.0,"confidence":0.9,"input_tokens":500,"output_tokens":200,"total_tokens":700,"input_cost_usd":0.0005,"output_cost_usd":0.001,"total_cost_usd":0.0015,"usage_complete":true}
    {"level":"WARNING","message":"Worker left out","step":"process","worker":4,"attempt":1,"duration_ms":400.0,"error":"process failed: upstream answered 400 invalid_request_error: Not so","error_type":"upstream","input_tokens":0,"output_tokens":0,"total_tokens":0,"input_cost_usd":0.0,"output_cost_usd":0.0,"total_cost_usd":0.0,"usage_complete":true}
    "#);
}

#[test]
fn a_step_that_is_taken_over_from_before_costs_nothing_more() {
    let captured = Captured::from_level(LogLevel::Debug);
    let ok = transcripts::ok();
    let finished = ok.events.iter().find_map(|(_, event)| match event {
        Event::StepFinished(finished) => Some(finished.clone()),
        _ => None,
    });
    log_event(&Event::StepReused(finished.unwrap()));
    assert_snapshot!(captured.text(), @r#"{"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step reused","step":"analyze","model":"claude-haiku-4-5-20251001"}"#);
}

#[test]
fn each_way_to_fail_has_its_type() {
    let failed = transcripts::all();
    let ends = failed.iter().map(|transcript| (transcript.name, logged(transcript).pop().unwrap()));
    let ends = ends.filter(|(_, end)| end["level"] == "ERROR");
    let ends = ends.map(|(name, end)| format!("{name}: {} | {}", end["error_type"], end["error"]));
    assert_snapshot!(ends.collect::<Vec<_>>().join("\n"), @r#"
    rejected: "gate" | "process was rejected by its gate: low-confidence"
    circuit_open: "circuit_open" | "analyze was not sent: the circuit for claude-haiku-4-5-20251001 is open after repeated failures"
    cut_by_timeout: "timeout" | "timed out in synthesize: the synthesize step's limit of 20s was reached"
    divided_in_vain: "upstream" | "process failed: upstream answered 400 invalid_request_error: Not so"
    "#);
}

#[test]
fn only_the_last_line_says_how_long_a_run_took_and_only_steps_and_attempts_how_many_milliseconds() {
    for transcript in transcripts::all() {
        let lines = logged(&transcript);
        for (at, line) in lines.iter().enumerate() {
            let is_last = at + 1 == lines.len();
            assert_eq!(line.get("elapsed_seconds").is_some(), is_last, "{}: {line}", transcript.name);
            assert!(is_last || !message(line).contains("completed"), "{line}");
            assert!(line.get("response_time").is_none(), "{line}");
            let takes_time = ["Step finished", "Attempt failed", "Worker finished", "Worker left out"];
            assert_eq!(line.get("duration_ms").is_some(), takes_time.contains(&message(line)), "{line}");
            assert!(line["level"] != "ERROR" || line["error_type"].is_string(), "{line}");
        }
        let steps = lines.iter().filter(|line| message(line) == "Step finished").count();
        let finished = transcript.summary.state.step_metadata.iter().filter(|(_, step)| step.is_some());
        assert_eq!(steps, finished.count(), "one line a step: {}", transcript.name);
    }
}

#[test]
fn no_line_has_the_words_of_a_model() {
    for transcript in transcripts::all() {
        let text: String = logged(&transcript).iter().map(ToString::to_string).collect();
        for words in ["Rust compiles", "native code"] {
            assert!(!text.contains(words), "{words} is in {text}");
        }
    }
}
