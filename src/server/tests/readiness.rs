//! Whether the server should be sent requests.

use super::*;

const HAIKU: &str = "claude-haiku-4-5-20251001";
/// Of all profiles.
const SONNET: &str = "claude-sonnet-5-5";

async fn ready(api: &Api) -> (u16, String) {
    let answer = api.ask(Ask::get("/health/ready")).await;
    (answer.status, answer.body)
}

fn is_ready() -> (u16, String) {
    (200, r#"{"status":"ready"}"#.to_owned())
}

fn is_not(reason: &str) -> (u16, String) {
    let message = format!("The server isn't ready: {reason}");
    let error = format!(r#"{{"message":"{message}","type":"server_error","param":null,"code":"not_ready"}}"#);
    (503, format!(r#"{{"status":"not ready","reason":"{reason}","detail":"{message}","error":{error}}}"#))
}

/// So many failed calls of that model.
async fn fail(api: &Api, model: &'static str, calls: usize) {
    for _ in 0..calls {
        let answer = api.ask(Ask::chat(serde_json::json!({"model": model}))).await;
        assert_eq!(answer.code(), "upstream_error");
    }
}

/// A server whose upstream fails so often, once a call.
fn failing(calls: usize) -> Api {
    Api::with(ONE_ATTEMPT, vec![Reply::status(500); calls])
}

#[tokio::test]
async fn a_server_that_drains_is_alive_but_not_ready() {
    let api = Api::new([]);
    assert_eq!(ready(&api).await, is_ready());
    api.app.lifecycle.drain();
    assert_eq!(ready(&api).await, is_not("draining"));
    for path in ["/health", "/health/"] {
        let answer = api.ask(Ask::get(path)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"healthy"}"#));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_models_circuit_is_open_is_not_ready_until_it_may_be_probed() {
    let api = failing(3);
    fail(&api, "prompt-chaining", 2).await;
    assert_eq!(ready(&api).await, is_ready(), "the circuit isn't open yet");
    fail(&api, "prompt-chaining", 1).await;
    assert_eq!(ready(&api).await, is_not(&format!("the circuit for {HAIKU} is open")));
    tokio::time::advance(29 * SECOND).await;
    assert_eq!(ready(&api).await.0, 503);
    tokio::time::advance(SECOND).await;
    assert_eq!(ready(&api).await, is_ready(), "a request has to come for the probe");
}

#[tokio::test(start_paused = true)]
async fn the_circuit_of_a_model_that_only_a_profile_calls_does_not_matter() {
    let api = failing(3);
    fail(&api, "prompt-chaining-accurate", 3).await;
    let refused = api.ask(Ask::chat(serde_json::json!({"model": "prompt-chaining-accurate"}))).await;
    assert_eq!(refused.code(), "circuit_open");
    assert_eq!(ready(&api).await, is_ready());
}

#[tokio::test(start_paused = true)]
async fn every_step_of_the_default_chain_matters_under_whichever_name_it_calls_its_model() {
    let variables = [
        ("RETRY_MAX_ATTEMPTS", "1"),
        ("CHAIN_SYNTHESIZE_MODEL", SONNET),
        ("CHAIN_ANALYZE_MODEL", "claude-haiku-4-5"),
    ];
    let api = Api::with(&variables, vec![Reply::status(500); 6]);
    fail(&api, "prompt-chaining-accurate", 3).await;
    assert_eq!(ready(&api).await, is_not(&format!("the circuit for {SONNET} is open")));
    tokio::time::advance(30 * SECOND).await;
    fail(&api, "prompt-chaining", 3).await;
    assert_eq!(ready(&api).await, is_not(&format!("the circuit for {HAIKU} is open")));
}
