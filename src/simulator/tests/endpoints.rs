//! Every endpoint, what is refused, and what the log keeps of it.

use super::client::{ask, ask_message, ask_message_with, send};
use super::*;
use secrecy::SecretString;

const VERSION: &str = "anthropic-version: 2023-06-01";

#[tokio::test]
async fn models_are_listed_and_shown() {
    let simulator = simulator("").await;
    let list = ask(&simulator, "GET /v1/models", "").await;
    assert_eq!((list.status, list.header("request-id")), (200, Some("req_sim_000001")));
    let ids: Vec<Value> = list.json()["data"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
    assert!(ids.contains(&json!("claude-haiku-5-5")), "{ids:?}");

    let one = ask(&simulator, "GET /v1/models/claude-haiku-4-5", "").await.json();
    assert_eq!((&one["id"], &one["max_tokens"]), (&json!("claude-haiku-4-5-20251001"), &json!(64_000)));
    let none = ask(&simulator, "GET /v1/models/claude-3-opus", "").await;
    assert_eq!((none.status, none.json()["error"]["type"].clone()), (404, json!("not_found_error")));
}

#[tokio::test]
async fn tokens_are_counted() {
    let simulator = simulator("").await;
    let body =
        json!({"model": "llama3.2", "messages": [{"role": "user", "content": "abcdefgh"}]}).to_string();
    let head = format!("POST /v1/messages/count_tokens\ncontent-type: application/json\n{VERSION}");
    let answer = ask(&simulator, &head, &body).await;
    assert_eq!(answer.json(), json!({"input_tokens": 2}));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_apis_form() {
    let simulator = simulator("").await;
    let unknown = ask(&simulator, "GET /v2/nothing", "").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(
        unknown.json(),
        json!({
            "type": "error",
            "error": {"type": "not_found_error", "message": "there is nothing at /v2/nothing"},
            "request_id": "req_sim_000001",
        })
    );
    assert_eq!(ask(&simulator, "GET /v1/messages", "").await.status, 405);
    assert_eq!(simulator.log().entries().len(), 2);
}

#[tokio::test]
async fn a_request_needs_its_version_its_type_and_json() {
    let simulator = simulator("").await;
    let body = request(Step::Analyze, false).to_string();
    for (head, body, message) in [
        ("content-type: application/json", body.as_str(), "anthropic-version: header is required"),
        (VERSION, &body, "content-type: must be application/json"),
    ] {
        let answer = ask(&simulator, &format!("POST /v1/messages\n{head}"), body).await;
        assert_eq!((answer.status, answer.json()["error"]["message"].clone()), (400, json!(message)));
    }
    let head = format!("POST /v1/messages\ncontent-type: application/json\n{VERSION}");
    let answer = ask(&simulator, &head, "{not json").await;
    assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn what_the_api_would_refuse_is_refused() {
    let simulator = simulator("overloaded").await;
    let mut body = request(Step::Analyze, true);
    body["temperature"] = json!(1.5);
    let answer = ask_message(&simulator, &body).await;
    assert_eq!(answer.status, 400, "a fault doesn't hide a client's mistake");
    let entry = &simulator.log().entries()[0];
    assert_eq!((entry.status, entry.fault, entry.ledger), (Some(400), None, Ledger::default()));
}

#[tokio::test]
async fn a_required_key_is_accepted_in_either_header() {
    let config =
        SimulatorConfig { require_key: Some(SecretString::from("sk-right")), ..SimulatorConfig::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let body = request(Step::Analyze, false);
    for (header, status) in [
        ("", 401),
        ("x-api-key: sk-wrong", 401),
        ("x-api-key: sk-right", 200),
        ("authorization: Bearer sk-right", 200),
        ("x-api-key: sk-right\nauthorization: Bearer sk-right", 200),
        ("x-api-key: sk-right\nauthorization: Bearer sk-other", 401),
    ] {
        assert_eq!(ask_message_with(&simulator, header, &body).await.status, status, "{header}");
    }
    let credentials: Vec<_> = simulator.log().entries().iter().map(|entry| entry.credential).collect();
    let (key, bearer, both) = (Credential::XApiKey, Credential::Bearer, Credential::Both);
    assert_eq!(credentials, [None, Some(key), Some(key), Some(bearer), Some(both), Some(both)]);
    let lines: Vec<String> =
        simulator.log().entries().iter().map(|entry| simulator.log().json_line(entry)).collect();
    assert!(!lines.concat().contains("sk-"), "no key is ever written");
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_what_was_seen_as_json() {
    let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let config = SimulatorConfig {
        latency: std::time::Duration::from_millis(250),
        on_end: Some(sender),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let body = request(Step::Process, false);
    let answer = ask_message_with(&simulator, "x-request-id: run-7", &body).await;
    let entry = ended.recv().await.unwrap();
    assert_eq!(simulator.log().wait_until_ended(1).await, std::slice::from_ref(&entry));
    let line: Value = serde_json::from_str(&simulator.log().json_line(&entry)).unwrap();
    let usage = &answer.json()["usage"];
    let expected = json!({
        "sequence": 1, "started_ms": 0, "ended_ms": 250, "method": "POST", "path": "/v1/messages",
        "x_request_id": "run-7", "traceparent": null, "anthropic_version": "2023-06-01", "credential": null,
        "step": "process", "part": null, "batch_id": null, "custom_id": null, "model": "claude-haiku-4-5",
        "fault": null, "status": 200,
        "end": {"kind": "completed"},
        "input_tokens": usage["input_tokens"], "output_tokens": usage["output_tokens"],
        "cache_read_tokens": 0, "cache_write_tokens": 0, "body": body,
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn a_full_log_forgets_its_oldest_entries() {
    let config = SimulatorConfig { log_capacity: 2, ..SimulatorConfig::default() };
    let simulator = Simulator::start(config).await.unwrap();
    for _ in 0..5 {
        ask(&simulator, "GET /v1/models", "").await;
    }
    let sequences: Vec<u64> = simulator.log().entries().iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, [4, 5]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let simulator = simulator("").await;
    let head = format!("POST /v1/messages\ncontent-type: application/json\n{VERSION}");
    let body = " ".repeat(32 * 1024 * 1024 + 1);
    assert_eq!(ask(&simulator, &head, &body).await.status, 413);
}

#[tokio::test]
async fn a_dropped_simulator_closes_its_connections_and_its_port() {
    let simulator = simulator("hang-before-head").await;
    let (addr, log) = (simulator.addr(), std::sync::Arc::clone(simulator.log()));
    let stream = send(
        &simulator,
        &format!("POST /v1/messages\ncontent-type: application/json\n{VERSION}"),
        &request(Step::Analyze, true).to_string(),
    )
    .await;
    log.wait_for(|entries| entries.iter().any(|entry| entry.fault.is_some())).await;
    drop(simulator);
    assert_eq!(client::read(stream).await.head, "");
    assert_eq!(log.wait_until_ended(1).await[0].end, Some(End::Stopped));
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}
