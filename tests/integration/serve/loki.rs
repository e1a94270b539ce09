//! The log in Loki, and a Loki that is unwell: whatever it does, requests go as they go without it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::support::{
    FakeLoki, Ran, Request, Response, SECRET, Served, Takes, Upstream, chat, models, promptchain,
};

/// `serve` in an empty environment against that upstream, its log pushed to that URL.
fn serve(upstream: &Upstream, url: &str) -> Served {
    upstream.serve(&[("LOKI_URL", url)])
}

/// Status and body of some requests, without what is another each time.
fn answers(served: &Served) -> Vec<(u16, String)> {
    let said = |response: Response| {
        let text = match response.status {
            200 if response.text().contains("chat.completion") => response.answer(),
            _ => response.text().to_owned(),
        };
        (response.status, text)
    };
    let asked = [chat(false), chat(true), Request::get("/v1/models"), Request::get("/health"), chat(false)];
    asked.iter().map(|request| said(served.ask(request))).collect()
}

fn lines_of(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[test]
fn every_line_of_a_server_is_pushed_once_under_closed_labels() {
    let (upstream, loki) = (Upstream::good(), FakeLoki::that(Takes::All));
    let served = upstream.serve(&[
        ("LOKI_URL", &loki.url()),
        ("LOKI_USERNAME", "ada"),
        ("LOKI_PASSWORD", "s3cret-pass"),
        ("LOKI_TENANT", "team-a"),
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "DEBUG"),
    ]);
    answers(&served);
    served.signal("TERM");
    let stderr = served.finish().exits(0).log.whole_text();
    let pushed = loki.pushed();
    let arrived: BTreeSet<&str> = pushed.iter().map(|pushed| pushed.line.as_str()).collect();
    // Nothing is there to be pushed before the settings are known.
    let expected: BTreeSet<&str> = stderr.lines().collect();
    assert_eq!(arrived, expected);
    assert_eq!(pushed.len(), expected.len(), "none is doubled");
    assert!(stderr.contains("\"Stopped\""), "the last line too: {stderr}");
    for pushed in &pushed {
        let line: Value = serde_json::from_str(&pushed.line).unwrap();
        let names: Vec<&str> = pushed.labels.keys().map(String::as_str).collect();
        assert_eq!(names, ["environment", "level", "service"]);
        assert_eq!(pushed.labels["environment"], "staging");
        assert_eq!(pushed.labels["service"], "promptchain");
        assert_eq!(line["level"], pushed.labels["level"].as_str());
        let time: jiff::Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
        assert_eq!(pushed.nanoseconds / 1_000_000, i128::from(time.as_millisecond()));
    }
    for head in loki.heads() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("post /loki/api/v1/push http/1.1"), "{head}");
        assert!(head.contains("authorization: basic ywrhonmzy3jldc1wyxnz"), "{head}");
        assert!(head.contains("x-scope-orgid: team-a"), "{head}");
    }
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

#[test]
fn requests_go_as_they_go_without_loki_whatever_it_does() {
    let upstream = Upstream::good();
    let expected = answers(&upstream.serve(&[]));
    let vacant = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let unwell = [Takes::Hangs, Takes::Refuses(500), Takes::Refuses(401)].map(FakeLoki::that);
    let urls = unwell.iter().map(FakeLoki::url).chain([format!("http://{vacant}")]);
    for url in urls {
        let served = serve(&upstream, &url);
        assert_eq!(answers(&served), expected, "{url}");
        served.signal("TERM");
        let asked_to_end = Instant::now();
        let stderr = served.finish().exits(0).log.whole_text();
        assert!(asked_to_end.elapsed() < Duration::from_secs(15), "{:?}", asked_to_end.elapsed());
        let lines = lines_of(&stderr);
        let told: Vec<&Value> =
            lines.iter().filter(|line| line["logger"] == "promptchain::telemetry::loki").collect();
        let last = told.last().unwrap_or_else(|| panic!("nothing is said: {stderr}"));
        assert_eq!((&last["level"], &last["error_type"]), (&"WARNING".into(), &"loki".into()), "{last}");
        let others = lines.len() - told.len();
        assert_eq!(last["dropped_total"], others, "all are counted: {stderr}");
        assert!(told.len() <= 3, "{told:?}");
    }
}

#[test]
fn a_slow_loki_slows_nobody_and_gets_every_line() {
    let (upstream, loki) = (Upstream::good(), FakeLoki::that(Takes::Slowly));
    let expected = answers(&upstream.serve(&[]));
    let served = serve(&upstream, &loki.url());
    (0..3).for_each(|_| assert_eq!(answers(&served), expected));
    served.signal("TERM");
    let stderr = served.finish().exits(0).log.whole_text();
    let pushed = loki.pushed();
    let arrived: BTreeSet<&str> = pushed.iter().map(|pushed| pushed.line.as_str()).collect();
    assert_eq!(arrived, stderr.lines().collect());
    assert_eq!(pushed.len(), arrived.len());
}

#[test]
fn a_second_signal_does_not_wait_for_loki() {
    let (upstream, loki) = (Upstream::good(), FakeLoki::that(Takes::Hangs));
    let served = serve(&upstream, &loki.url());
    served.ask(&models());
    served.signal("TERM");
    served.log().wait_for("Stopped");
    // Repeated, because the first may come while the server is still ending by itself.
    let asked_to_end = Instant::now();
    served.signal("TERM");
    served.finish().exits(0);
    assert!(asked_to_end.elapsed() < Duration::from_secs(6), "{:?}", asked_to_end.elapsed());
}

/// `run` or `batch` offline, with those variables.
fn offline(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = promptchain(args);
    command.args(&["--offline"]).file("in.jsonl", "\"one\"\n\"two\"\n");
    for (name, value) in environment {
        command.env(name, value);
    }
    command.run().exits(0)
}

#[test]
fn run_and_batch_push_their_log_where_they_have_one() {
    for (args, ends) in [(&["run", "Hello"][..], 1), (&["batch", "in.jsonl"], 2)] {
        let loki = FakeLoki::that(Takes::All);
        offline(args, &[("LOKI_URL", &loki.url())]);
        assert_eq!(loki.pushed().len(), 0, "nobody asked for a log");
        offline(args, &[("LOKI_URL", &format!("{}/loki/api/v1/push", loki.url())), ("LOG_LEVEL", "INFO")]);
        let pushed = loki.pushed();
        let lines: Vec<Value> =
            pushed.iter().map(|pushed| serde_json::from_str(&pushed.line).unwrap()).collect();
        let completed = lines.iter().filter(|line| line["message"] == "Run completed");
        assert_eq!(completed.count(), ends);
        assert!(lines.iter().all(|line| line["request_id"].is_string()), "{lines:?}");
        assert!(pushed.iter().all(|pushed| pushed.labels.keys().eq(["level", "service"])), "{pushed:?}");
    }
}

#[test]
fn what_keeps_a_server_from_starting_is_pushed_too() {
    let loki = FakeLoki::that(Takes::All);
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let mut command = promptchain(&["serve", "--offline", "--port", &port]);
    command.env("JWT_SECRET_KEY", SECRET).env("LOKI_URL", &loki.url());
    let ran = command.run().exits(3).says_nothing();
    let pushed = loki.pushed();
    assert_eq!(pushed.iter().map(|pushed| pushed.line.as_str()).collect::<Vec<_>>(), [ran.stderr.trim_end()]);
    assert_eq!(pushed[0].labels["level"], "CRITICAL");
}

#[test]
fn half_a_credential_is_said_before_anything_starts() {
    for (given, missing) in [("LOKI_USERNAME", "LOKI_PASSWORD"), ("LOKI_PASSWORD", "LOKI_USERNAME")] {
        let mut command = promptchain(&["serve", "--offline", "--check"]);
        command.env("JWT_SECRET_KEY", SECRET).env("LOKI_URL", "http://loki:3100").env(given, "s3cret-pass");
        let ran = command.run().exits(3).says_nothing();
        ran.complains(&format!("{missing}: is not set, and {given} is of no use without it"));
    }
}
