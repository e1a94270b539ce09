//! Faults in what is said, as they arrive.

use super::client::{Answer, ask_message};
use super::*;

async fn struck(rule: &str, step: Step, stream: bool) -> Answer {
    let simulator = simulator(rule).await;
    let answer = ask_message(&simulator, &request(step, stream)).await;
    let entry = simulator.log().wait_until_ended(1).await.remove(0);
    let name = rule.split('=').next().unwrap();
    assert_eq!(entry.fault.map(Fault::name), Some(name));
    assert_eq!(entry.end, Some(End::Completed));
    answer
}

#[tokio::test]
async fn http_errors_have_their_status_their_type_and_their_wait() {
    for (rule, status, kind, wait) in [
        ("rate-limit", 429, "rate_limit_error", None),
        ("rate-limit=2", 429, "rate_limit_error", Some(("2", None))),
        ("rate-limit=0.25", 429, "rate_limit_error", Some(("1", Some("250")))),
        ("overloaded=7", 529, "overloaded_error", Some(("7", None))),
        ("server-error", 500, "api_error", None),
        ("unavailable", 503, "api_error", None),
        ("bad-request", 400, "invalid_request_error", None),
        ("unauthorized", 401, "authentication_error", None),
        ("forbidden", 403, "permission_error", None),
        ("not-found", 404, "not_found_error", None),
        ("request-timeout", 408, "timeout_error", None),
    ] {
        let answer = struck(rule, Step::Analyze, true).await;
        assert_eq!((answer.status, &answer.json()["error"]["type"]), (status, &json!(kind)), "{rule}");
        assert_eq!(answer.header("retry-after"), wait.map(|(seconds, _)| seconds), "{rule}");
        assert_eq!(answer.header("retry-after-ms"), wait.and_then(|(_, ms)| ms), "{rule}");
    }
}

#[tokio::test]
async fn spoilt_json_arrives_spoilt_streamed_or_not() {
    for stream in [true, false] {
        for (rule, step) in [
            ("not-json", Step::Analyze),
            ("fenced-json", Step::Process),
            ("prose-around-json", Step::Process),
            ("bad-escape", Step::Synthesize),
            ("max-tokens", Step::Process),
            ("refusal-mid-text", Step::Synthesize),
        ] {
            let answer = struck(rule, step, stream).await;
            assert_eq!(answer.status, 200);
            assert!(!answer.said().is_empty());
            assert!(serde_json::from_str::<Value>(&answer.said()).is_err(), "{rule}");
        }
    }
}

#[tokio::test]
async fn spoilt_fields_arrive_in_valid_json() {
    for (rule, step, field, expected) in [
        ("missing-field", Step::Analyze, "intent", Value::Null),
        ("missing-field", Step::Synthesize, "final_text", Value::Null),
        ("confidence-out-of-range", Step::Process, "confidence", json!(1.7)),
        ("low-confidence=0.1", Step::Process, "confidence", json!(0.1)),
        ("wrong-json-type", Step::Process, "confidence", json!("high")),
        ("blank-intent", Step::Analyze, "intent", json!(" \n ")),
        ("blank-content", Step::Process, "content", json!(" \n ")),
        ("blank-text", Step::Synthesize, "final_text", json!(" \n ")),
    ] {
        let reply: Value = serde_json::from_str(&struck(rule, step, true).await.said()).unwrap();
        assert_eq!(reply[field], expected, "{rule}");
    }
    let reordered = struck("reordered-fields", Step::Synthesize, true).await.said();
    assert!(reordered.starts_with("{\"formatting\":"), "{reordered}");
}

#[tokio::test]
async fn refusals_and_empty_replies_have_no_content() {
    let refusal = struck("refusal", Step::Process, false).await.json();
    assert_eq!((&refusal["content"], &refusal["stop_reason"]), (&json!([]), &json!("refusal")));
    assert_eq!(refusal["stop_details"]["type"], "refusal");
    let empty = struck("empty-reply", Step::Process, true).await;
    let names: Vec<String> = empty.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["message_start", "ping", "message_delta", "message_stop"]);
    assert_eq!(empty.events()[2].1["delta"]["stop_reason"], "end_turn");
}

#[tokio::test]
async fn huge_replies_come_whole() {
    let reply = struck("huge-reply", Step::Synthesize, true).await;
    let json: Value = serde_json::from_str(&reply.said()).unwrap();
    assert!(json["final_text"].as_str().unwrap().len() >= 5_000_000);
    assert!(reply.deltas().len() > 1000);

    let event = struck("huge-event", Step::Synthesize, true).await;
    assert_eq!(event.deltas().len(), 1);
    assert!(event.deltas()[0].len() >= 2 * 1024 * 1024);
}

#[tokio::test]
async fn missing_usage_is_missing_everywhere() {
    for stream in [true, false] {
        let answer = struck("missing-usage", Step::Process, stream).await;
        assert!(!answer.text().contains("usage") && !answer.text().contains("_tokens"));
    }
}

#[tokio::test]
async fn a_stream_can_be_answered_with_something_else() {
    let page = struck("wrong-content-type", Step::Process, true).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let whole = struck("json-instead-of-stream", Step::Process, true).await;
    assert_eq!(whole.header("content-type"), Some("application/json"));
    assert_eq!(whole.json()["type"], "message");
}

#[tokio::test]
async fn a_data_line_that_is_not_json_stands_amid_a_whole_reply() {
    let answer = struck("invalid-sse-json", Step::Process, true).await;
    let broken = answer.events().iter().filter(|(_, data)| data.is_string()).count();
    assert_eq!(broken, 1);
    assert!(serde_json::from_str::<Value>(&answer.said()).is_ok());
    assert!(answer.text().contains("message_stop"));
}
