//! Settings have an effect, from wherever they come.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Upstream, promptchain};

/// Runs in a folder with that `.env`, and returns what the first call asked for.
fn first_call(env_file: &str, environment: &[(&str, &str)], args: &[&str]) -> Value {
    let upstream = Upstream::good();
    let mut command = upstream.command(args, environment);
    command.file(".env", env_file).args(&["hello"]);
    command.run().exits(0);
    (*upstream.calls()[0].body).clone()
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_env_file_which_beats_the_default() {
    let variable = "CHAIN_ANALYZE_MAX_TOKENS";
    assert_eq!(first_call("", &[], &[])["max_tokens"], 2048);
    assert_eq!(first_call("CHAIN_ANALYZE_MAX_TOKENS=100", &[], &[])["max_tokens"], 100);
    assert_eq!(first_call("CHAIN_ANALYZE_MAX_TOKENS=100", &[(variable, "200")], &[])["max_tokens"], 200);
    let flag = ["--set", "analyze.max_tokens=300"];
    assert_eq!(first_call("CHAIN_ANALYZE_MAX_TOKENS=100", &[(variable, "200")], &flag)["max_tokens"], 300);
}

#[test]
fn an_env_file_of_a_parent_folder_is_not_read() {
    let upstream = Upstream::good();
    let mut command = upstream.command(&["hello"], &[]);
    command.file("sub/x", "").file(".env", "CHAIN_ANALYZE_MAX_TOKENS=0");
    command.in_folder("sub").run().exits(0);
}

#[test]
fn an_unknown_variable_is_a_warning_with_a_suggestion() {
    let upstream = Upstream::good();
    let ran = upstream.run_with(&["hello"], &[("CHAIN_ANALYSE_MODEL", "x")]).exits(0);
    ran.complains("CHAIN_ANALYSE_MODEL").complains("CHAIN_ANALYZE_MODEL");
}

#[test]
fn variables_of_the_policy_have_an_effect() {
    let calls = |fault: &str, environment: &[(&str, &str)]| {
        let upstream = Upstream::with_faults(&[fault]);
        let ran = upstream.run_with(&["hello"], environment);
        (ran.code.unwrap(), upstream.calls().len())
    };
    assert_eq!(calls("analyze:server-error", &[("RETRY_MAX_ATTEMPTS", "1")]), (4, 1));
    assert_eq!(calls("analyze:server-error", &[("RETRY_MAX_ATTEMPTS", "2")]), (4, 2));
    assert_eq!(calls("process:low-confidence", &[("CHAIN_REPAIR_ATTEMPTS", "0")]), (0, 3));
    assert_eq!(calls("process:low-confidence", &[("CHAIN_REPAIR_ATTEMPTS", "2")]), (0, 5));
    assert_eq!(calls("process:low-confidence", &[("CHAIN_ENABLE_VALIDATION", "false")]), (0, 3));
    assert_eq!(calls("process:low-confidence", &[("CHAIN_MIN_CONFIDENCE_THRESHOLD", "0.1")]), (0, 3));
    assert_eq!(calls("process:low-confidence", &[("CHAIN_STRICT_VALIDATION", "true")]), (5, 3));
    let silence = [("STREAMING_TIMEOUT", "1"), ("RETRY_MAX_ATTEMPTS", "1")];
    assert_eq!(calls("analyze:hang-mid-reply", &silence), (6, 1));
    let phase = [("WORKER_COORDINATION_TIMEOUT", "1"), ("RETRY_MAX_ATTEMPTS", "1")];
    assert_eq!(calls("process:hang-before-head", &phase), (6, 2));
    let phase = [("SYNTHESIS_TIMEOUT", "1"), ("RETRY_MAX_ATTEMPTS", "1")];
    assert_eq!(calls("synthesize:hang-before-head", &phase), (6, 3));
    let breaker = [("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1"), ("RETRY_MAX_ATTEMPTS", "1")];
    // A repair that fails opens the circuit; the next step isn't sent.
    let faults = ["process:low-confidence@1", "process:server-error@2"];
    let upstream = Upstream::with_faults(&faults);
    upstream.run_with(&["hello"], &breaker).exits(8).complains("circuit");
    assert_eq!(upstream.calls().len(), 3);
    let disabled = [breaker[0], breaker[1], ("CIRCUIT_BREAKER_ENABLED", "false")];
    let upstream = Upstream::with_faults(&faults);
    upstream.run_with(&["hello"], &disabled).exits(0);
    assert_eq!(upstream.calls().len(), 4);
}

#[test]
fn a_steps_time_limit_ends_it_and_half_of_it_is_the_longest_silence() {
    let environment = [("CHAIN_ANALYZE_TIMEOUT", "2"), ("RETRY_MAX_ATTEMPTS", "1")];
    let silent = Upstream::with_faults(&["analyze:hang-before-head"]);
    silent.run_with(&["hello"], &environment).exits(6).complains("no content for 1s");
    let slow = Upstream::with_faults(&["analyze:slow-drip=1"]);
    slow.run_with(&["hello"], &environment).exits(6).complains("the analyze step's limit of 2s was reached");
}

#[test]
fn a_runs_own_time_limit_ends_it() {
    let upstream = Upstream::with_faults(&["process:slow-drip=50"]);
    let ran = upstream.run(&["--timeout", "1s", "hello"]).exits(6).says_nothing();
    ran.complains("the run's limit of 1s was reached");
}

#[test]
fn variables_of_the_request_have_an_effect() {
    let body = |variable, value| first_call("", &[(variable, value)], &[]);
    assert_eq!(body("CHAIN_ANALYZE_TEMPERATURE", "0.25")["temperature"], 0.25);
    assert_eq!(body("CHAIN_ANALYZE_TEMPERATURE", "1.5")["temperature"], 1.0);
    assert_eq!(body("CHAIN_STRUCTURED_OUTPUT", "prompt")["output_config"], Value::Null);
    let haiku = [("CHAIN_ANALYZE_MODEL", "claude-haiku-5-5")];
    assert_eq!(first_call("", &haiku, &[])["thinking"]["type"], "disabled");
    let auto = [haiku[0], ("CHAIN_THINKING", "auto")];
    assert_eq!(first_call("", &auto, &[])["thinking"], Value::Null);
    let version = [("ANTHROPIC_VERSION", "2026-10-21")];
    assert_eq!(first_call("", &version, &[])["temperature"], Value::Null);
}

#[test]
fn a_models_file_gives_prices() {
    let upstream = Upstream::good();
    let mut command =
        upstream.command(&["--json", "--model", "llama3.2", "hello"], &[("CHAIN_MODELS_FILE", "m.toml")]);
    let models = "[[model]]\nid = 'llama3.2'\ncontext = 128000\nmax_output = 4096\nprice = { input = 0, output = 0 }\n";
    command.file("m.toml", models);
    assert_eq!(command.run().exits(0).json()["cost_usd"], 0.0);
}

#[test]
fn logs_come_as_json_lines_on_stderr_when_a_level_is_set() {
    let upstream = Upstream::with_faults(&["analyze:server-error@1"]);
    let ran = upstream.run_with(&["-q", "hello"], &[("LOG_LEVEL", "INFO")]).exits(0);
    let lines: Vec<Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let with = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    assert_eq!(with("Attempt failed").len(), 1);
    assert_eq!(with("Step finished").len(), 3);
    let [completed] = with("Run completed")[..] else { panic!("{}", ran.stderr) };
    assert!(completed["total_tokens"].as_u64().unwrap() > 0);
    assert!(completed["elapsed_seconds"].as_f64().unwrap() > 0.0);
    for line in &lines {
        assert_eq!(line["request_id"], completed["request_id"], "{line}");
        assert!(!line.to_string().contains("hello"), "no content: {line}");
    }
    let content = [("LOG_LEVEL", "DEBUG"), ("LOG_CONTENT", "true")];
    let ran = upstream.run_with(&["-q", "hello"], &content).exits(0);
    assert!(ran.stderr.contains("hello"), "content was asked for: {}", ran.stderr);
}

#[test]
fn without_a_level_a_run_logs_nothing() {
    let ran = Upstream::good().run(&["-q", "hello"]).exits(0);
    assert_eq!(ran.stderr, "");
    let _ = promptchain(&["--version"]).run().exits(0);
}

#[test]
fn characters_are_gathered_before_a_chunk_leaves() {
    let deltas = |buffer: &str| {
        // At a pace of its own: what comes together leaves together.
        let upstream = Upstream::paced(Duration::from_millis(5));
        let ran = upstream.run_with(&["--jsonl", "hello"], &[("STREAMING_CHUNK_BUFFER", buffer)]).exits(0);
        ran.stdout.lines().filter(|line| line.contains(r#""event":"output_delta""#)).count()
    };
    assert!(deltas("0") > 1);
    assert_eq!(deltas("1000"), 1);
}

#[test]
fn log_lines_can_be_plain_text() {
    let plain = [("LOG_LEVEL", "INFO"), ("LOG_FORMAT", "standard")];
    let ran = Upstream::good().run_with(&["-q", "hello"], &plain).exits(0).complains("Run completed");
    assert!(!ran.stderr.contains('{'), "{}", ran.stderr);
}
