//! `--live`: what the upstream has to say.

use std::io::{Read, Write};
use std::net::TcpListener;

use promptchain::simulator::SimulatorConfig;

use super::{found, validate};
use crate::support::{Command, Upstream};

/// `validate --live` against that upstream.
fn live(base_url: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = validate(&["--live"]);
    command.env("ANTHROPIC_BASE_URL", base_url);
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

/// A server that answers every request with that status and body. It ends with the test.
fn answering(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = vec![0; 65536];
            let _ = stream.read(&mut buffer);
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn an_upstream_of_a_found_env_file_gets_no_text_from_outside_the_folder() {
    let upstream = Upstream::good();
    let mut command = validate(&["--live"]);
    let environment = format!("ANTHROPIC_BASE_URL={}\nCHAIN_PROMPTS_DIR=p\n", upstream.base_url());
    command.file(".env", environment).file("p/notes.txt", "x");
    std::os::unix::fs::symlink("/etc/hostname", command.folder().join("p/chain_process.md")).unwrap();
    command.run().exits(1);
    assert!(upstream.calls().is_empty());
}

#[test]
fn key_and_models_are_asked_for_once_each_and_no_reply_is() {
    let upstream = Upstream::good();
    let models = [("CHAIN_ANALYZE_MODEL", "claude-haiku-5-5"), ("CHAIN_PROCESS_MODEL", "claude-sonnet-5-5")];
    live(&upstream.base_url(), &models).run().exits(0).says_nothing();
    let calls: Vec<(String, String)> =
        upstream.calls().into_iter().map(|call| (call.method, call.path)).collect();
    let asked = |method: &str, path: &str| (method.to_owned(), path.to_owned());
    assert_eq!(
        calls,
        [
            asked("GET", "/v1/models"),
            asked("POST", "/v1/messages/count_tokens"),
            asked("POST", "/v1/messages/count_tokens"),
            asked("POST", "/v1/messages/count_tokens"),
        ]
    );
}

#[test]
fn a_key_that_is_refused_is_told() {
    let config =
        SimulatorConfig { require_key: Some("sk-right".to_owned().into()), ..SimulatorConfig::default() };
    let upstream = Upstream::start(config);
    let url = upstream.base_url();
    assert_eq!(found(live(&url, &[("ANTHROPIC_API_KEY", "sk-right")])), [""; 0]);
    let wrong = [("ANTHROPIC_API_KEY", "sk-wrong")];
    assert_eq!(found(live(&url, &wrong)), [format!("upstream-credentials {url}/")]);
    live(&url, &wrong).run().exits(1).complains("1 error in the upstream");
}

#[test]
fn a_model_that_the_upstream_does_not_know_is_told_with_the_nearest() {
    let upstream = Upstream::good();
    let url = upstream.base_url();
    let model = [("CHAIN_PROCESS_MODEL", "claude-haiku-5-6")];
    assert_eq!(found(live(&url, &model)), ["upstream-model environment"]);
    let ran = live(&url, &model).run().exits(1);
    let told = format!("environment: error: {url}/ doesn't know the model claude-haiku-5-6");
    assert!(ran.stdout.contains(&told), "{}", ran.stdout);
    assert!(ran.stdout.contains("did you mean `claude-haiku-5-5`?"), "{}", ran.stdout);
}

#[test]
fn without_a_key_where_one_is_needed_nobody_is_asked() {
    let told = found(validate(&["--live"]));
    assert_eq!(told, ["missing-variable missing"]);
    assert_eq!(found(validate(&[])), [""; 0]);
}

#[test]
fn an_upstream_that_is_not_there_or_unwell_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(found(live(&nobody, &[])), [format!("upstream-unreachable {nobody}")]);
    let unwell = answering(
        "529 Overloaded",
        r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#,
    );
    assert_eq!(found(live(&unwell, &[])), [format!("upstream-unreachable {unwell}/")]);
}

#[test]
fn an_upstream_that_can_neither_list_nor_count_is_only_a_warning() {
    let imitator = answering("404 Not Found", r#"{"error":"not found"}"#);
    let ran = live(&imitator, &[]).run().exits(0);
    assert!(ran.stdout.contains("can't say whether it knows the model"), "{}", ran.stdout);
}

#[test]
fn an_answer_that_makes_no_sense_is_told_and_the_key_is_not() {
    let strange = answering("200 OK", r#"{"input_tokens":"many","data":7}"#);
    let ran = live(&strange, &[("ANTHROPIC_API_KEY", "sk-canary")]).run().exits(1);
    assert!(ran.stdout.contains("[upstream-unreachable]"), "{}", ran.stdout);
    let echo =
        answering("400 Bad Request", r#"{"type":"error","error":{"type":"x","message":"bad sk-canary"}}"#);
    let ran = live(&echo, &[("ANTHROPIC_API_KEY", "sk-canary")]).run().exits(1);
    assert!(!ran.stdout.contains("sk-canary"), "{}", ran.stdout);
}
