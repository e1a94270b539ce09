//! The upstream is asked how many tokens the requests have, and says so or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use promptchain::simulator::{LogEntry, SimulatorConfig};

use super::dry_run::{COUNTS, QUESTION, dry_run, each, replies, requests};
use crate::support::{Command, Upstream, promptchain};

const COUNT: [&str; 5] = ["run", "--dry-run", "--count", "--json", QUESTION];

/// The calls for a count.
fn counts(upstream: &Upstream) -> Vec<LogEntry> {
    upstream.calls().into_iter().filter(|call| call.path == COUNTS).collect()
}

/// The command against a server that listens there.
fn against(listener: &TcpListener) -> Command {
    let mut command = promptchain(&COUNT);
    command.env("ANTHROPIC_BASE_URL", &format!("http://{}", listener.local_addr().unwrap()));
    command
}

fn read_request(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
}

/// What becomes of a count that is answered with that status line, further header and body.
fn answered(head: &str, body: &str) -> (Option<i32>, serde_json::Value) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let command = against(&listener);
    let answer =
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&stream);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let ran = command.run().says_nothing();
    server.join().unwrap();
    (ran.code, ran.error_json())
}

#[test]
fn counts_are_the_simulators_own_and_those_of_the_real_run() {
    let upstream = Upstream::good();
    let report = dry_run(&upstream, &["--count", QUESTION]);
    assert_eq!(report["input_tokens_by"], "count_tokens");
    assert!(replies(&upstream).is_empty());
    assert_eq!(counts(&upstream).len(), 3);
    assert!(counts(&upstream).iter().all(|call| call.status == Some(200)));
    let result = upstream.run(&["--json", QUESTION]).exits(0).json();
    let first = &requests(&report)[0]["input_tokens"];
    let real = replies(&upstream);
    assert_eq!(first["low"], first["high"]);
    assert_eq!(first["low"], real[0].ledger.input_tokens);
    assert_eq!(first["low"], result["steps"][0]["usage"]["input_tokens"]);
    for (request, call) in requests(&report).iter().zip(&real) {
        let (range, tokens) = (&request["input_tokens"], call.ledger.input_tokens);
        assert!((range["low"].as_u64()..=range["high"].as_u64()).contains(&Some(tokens)), "{range} {tokens}");
    }
    let offline = promptchain(&["run", "--offline", "--dry-run", "--count", "--json", QUESTION]).run();
    let offline = offline.exits(0).json();
    assert_eq!(each(&offline, "input_tokens"), each(&report, "input_tokens"));
    assert_eq!((&offline["simulated"], &report["simulated"]), (&true.into(), &false.into()));
}

#[test]
fn counting_needs_what_any_call_needs_and_fails_as_any_call_does() {
    let count = ["run", "--dry-run", "--count", "--json", QUESTION];
    let missing = promptchain(&count).run().exits(3).says_nothing();
    assert_eq!(missing.error_json()["code"], "configuration");
    let require_key = Some("sk-ant-right".to_owned().into());
    let upstream = Upstream::start(SimulatorConfig { require_key, ..SimulatorConfig::default() });
    let with_key = |key| upstream.run_with(&count[1..], &[("ANTHROPIC_API_KEY", key)]);
    with_key("sk-ant-right").exits(0);
    let refused = with_key("sk-ant-wrong").exits(7).says_nothing();
    let error = refused.error_json();
    assert_eq!(
        (error["code"].as_str(), error["step"].as_str()),
        (Some("upstream_credentials"), Some("analyze"))
    );
    assert!(!refused.stderr.contains("sk-ant-wrong"));
    let mut unreachable = promptchain(&count);
    unreachable.env("ANTHROPIC_BASE_URL", "http://127.0.0.1:1").env("ANTHROPIC_API_KEY", "k");
    let unreachable = unreachable.run().exits(4).says_nothing();
    assert_eq!(unreachable.error_json()["message"], "the tokens of analyze can't be counted");
    assert!(replies(&upstream).is_empty());
}

#[test]
fn an_upstream_that_does_not_count_fails_with_a_word_of_what_to_do() {
    let (code, error) = answered("404 Not Found", "404 page not found");
    assert_eq!((code, error["code"].as_str()), (Some(4), Some("upstream_error")));
    assert!(error["hint"].as_str().unwrap().contains("without --count they are estimated"), "{error}");
    let missing =
        r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-haiku-4-5-20251001"}}"#;
    let (code, error) = answered("404 Not Found", missing);
    assert_eq!((code, error["code"].as_str()), (Some(3), Some("model_not_found")));
    let (code, error) = answered("429 Too Many Requests\r\nRetry-After: 7", "{}");
    assert_eq!((code, error["code"].as_str()), (Some(8), Some("rate_limited")));
    assert_eq!((error["hint"].as_str(), error["retryable"].as_bool()), (Some("try again in 7s"), Some(true)));
    for body in ["{}", "[]", r#"{"input_tokens":-1}"#, r#"{"input_tokens":"#, ""] {
        let (code, error) = answered("200 OK", body);
        assert_eq!((code, error["code"].as_str()), (Some(4), Some("upstream_error")), "{body}");
    }
}

#[cfg(unix)]
#[test]
fn a_count_that_does_not_come_can_be_interrupted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let started = against(&listener).start();
    let (stream, _) = listener.accept().unwrap();
    read_request(&stream);
    started.signal("INT");
    let ran = started.finish().exits(130).says_nothing();
    assert_eq!(ran.error_json()["code"], "interrupted");
}
