//! The circuit breaker and retries, as clients and operators of a server meet them.

use crate::support::{Served, Upstream, chat};

const ONE_ATTEMPT: (&str, &str) = ("RETRY_MAX_ATTEMPTS", "1");

fn is_ready(served: &Served) -> bool {
    let response = served.get("/health/ready");
    assert_eq!(response.status == 503, response.json()["status"] == "not ready", "{response:?}");
    response.status == 200
}

#[test]
fn an_upstream_that_keeps_failing_is_left_alone_and_the_server_is_not_ready() {
    let upstream = Upstream::with_faults(&["process:server-error"]);
    let served = upstream.serve(&[ONE_ATTEMPT, ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1")]);
    assert!(is_ready(&served));
    let failed = served.ask(&chat(false));
    failed.is_error(502, "upstream_error");
    assert_eq!(failed.header("x-should-retry"), Some("false"), "analyze has been paid for");

    let calls = upstream.calls().len();
    for stream in [false, true] {
        let refused = served.ask(&chat(stream));
        refused.is_error(503, "circuit_open");
        let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
        assert_eq!(refused.header("x-should-retry"), None, "nothing has been paid for");
    }
    assert_eq!(upstream.calls().len(), calls, "nobody is called");

    assert!(!is_ready(&served));
    let reason = served.get("/health/ready").json()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("claude-haiku"), "{reason}");
    assert_eq!(served.get("/health").status, 200, "a restart wouldn't help");
}

#[test]
fn as_many_failed_calls_open_the_circuit_as_were_set() {
    let upstream = Upstream::with_faults(&["analyze:server-error"]);
    let served = upstream.serve(&[ONE_ATTEMPT, ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "3")]);
    for _ in 0..3 {
        assert!(is_ready(&served));
        served.ask(&chat(false)).is_error(502, "upstream_error");
    }
    served.ask(&chat(false)).is_error(503, "circuit_open");
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn failures_that_are_not_the_upstreams_open_nothing() {
    let upstream = Upstream::with_faults(&["analyze:bad-request"]);
    let served = upstream.serve(&[ONE_ATTEMPT, ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1")]);
    for _ in 0..3 {
        let refused = served.ask(&chat(true));
        refused.is_error(502, "upstream_error");
        assert_eq!(refused.header("x-should-retry"), Some("false"), "it would be refused again");
    }
    assert!(is_ready(&served));
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn without_a_breaker_every_request_is_tried() {
    let upstream = Upstream::with_faults(&["analyze:server-error"]);
    let served = upstream.serve(&[
        ONE_ATTEMPT,
        ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1"),
        ("CIRCUIT_BREAKER_ENABLED", "false"),
    ]);
    for _ in 0..5 {
        served.ask(&chat(false)).is_error(502, "upstream_error");
    }
    assert!(is_ready(&served));
    assert_eq!(upstream.calls().len(), 5);
}

#[test]
fn another_models_circuit_is_another() {
    let upstream = Upstream::with_faults(&["synthesize:server-error"]);
    let served = upstream.serve(&[
        ONE_ATTEMPT,
        ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1"),
        ("CHAIN_SYNTHESIZE_MODEL", "claude-sonnet-4-5-20250929"),
    ]);
    served.ask(&chat(false)).is_error(502, "upstream_error");
    let refused = served.ask(&chat(false));
    refused.is_error(503, "circuit_open");
    assert_eq!(refused.header("x-should-retry"), Some("false"), "analyze and process have been paid for");
    assert_eq!(upstream.calls().len(), 5);
    assert!(!is_ready(&served));
}

#[test]
fn a_failure_that_passes_is_retried_without_the_clients_noticing() {
    for fault in ["analyze:overloaded@1", "process:reset-mid-reply@1", "synthesize:server-error@1"] {
        for stream in [false, true] {
            let upstream = Upstream::with_faults(&[fault]);
            let served = upstream.serve(&[]);
            assert!(!served.ask(&chat(stream)).answer().is_empty());
            assert_eq!(upstream.calls().len(), 4);
            let retried = served.log().wait_for("Attempt failed");
            assert_eq!((&retried["level"], &retried["attempt"]), (&"WARNING".into(), &1.into()));
            assert!(retried["retry_in_seconds"].as_f64().is_some(), "{retried}");
        }
    }
}

#[test]
fn a_wait_that_the_upstream_asks_for_and_does_not_fit_is_passed_on() {
    let upstream = Upstream::with_faults(&["analyze:rate-limit=120"]);
    let served = upstream.serve(&[]);
    for stream in [false, true] {
        let limited = served.ask(&chat(stream));
        limited.is_error(429, "rate_limited");
        assert_eq!(limited.header("retry-after"), Some("120"));
    }
    assert_eq!(upstream.calls().len(), 2, "a wait that doesn't fit isn't begun");
}
