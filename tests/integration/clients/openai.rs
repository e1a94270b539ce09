//! OpenAI's own client.

use std::time::Duration;

use promptchain::simulator::{End, LogEntry, Step};

use super::script::passes;
use super::server::Server;
use crate::support::Upstream;

const ONE_ATTEMPT: (&str, &str) = ("RETRY_MAX_ATTEMPTS", "1");

#[test]
fn answers_are_what_openais_client_expects() {
    // At a pace: what comes together leaves together.
    let upstream = Upstream::paced(Duration::from_millis(2));
    passes("openai_answers.py", &[("good", &Server::start(&upstream, &[]))]);
}

#[test]
fn what_openais_client_asks_for_is_honoured_or_refused_by_name() {
    let (upstream, prose) = (Upstream::good(), Upstream::with_faults(&["synthesize:not-json"]));
    let servers = [("good", &Server::start(&upstream, &[])), ("writes prose", &Server::start(&prose, &[]))];
    if !passes("openai_requests.py", &servers) {
        return;
    }
    let with_instructions = |call: &&LogEntry| {
        let body = call.body.to_string();
        body.contains("style of a pineapple") && body.contains("Mention the mangrove")
    };
    let calls = upstream.calls();
    assert_eq!(calls.iter().filter(with_instructions).count(), 3, "they reach each step");
}

/// A server's name, how its model provider goes wrong, and its variables.
type Row = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const ERRORS: [Row; 20] = [
    ("good", &[], &[]),
    ("costs nothing", &[], &[("CHAIN_MAX_COST_USD", "0.000001")]),
    ("takes little", &[], &[("MAX_REQUEST_BODY_SIZE", "1024")]),
    ("one at a time", &[], &[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_MODELS", "1 per 3 seconds")]),
    ("strict", &["low-confidence"], &[("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")]),
    ("refuses", &["refusal"], &[]),
    ("rate-limited", &["rate-limit=60"], &[]),
    ("refuses requests", &["bad-request"], &[]),
    ("refuses credentials", &["unauthorized"], &[]),
    ("knows no model", &["not-found"], &[]),
    ("fails", &["server-error"], &[ONE_ATTEMPT, ("CIRCUIT_BREAKER_ENABLED", "false")]),
    ("fails late", &["process:server-error"], &[ONE_ATTEMPT]),
    ("overloaded", &["overloaded=1"], &[ONE_ATTEMPT]),
    ("overloaded once", &["overloaded=1@1"], &[ONE_ATTEMPT]),
    ("overloaded late", &["process:overloaded=1"], &[ONE_ATTEMPT]),
    ("opens", &["server-error"], &[ONE_ATTEMPT, ("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1")]),
    ("hangs", &["hang-before-head"], &[ONE_ATTEMPT, ("CHAIN_ANALYZE_TIMEOUT", "1")]),
    ("hangs late", &["process:hang-before-head"], &[ONE_ATTEMPT, ("CHAIN_PROCESS_TIMEOUT", "1")]),
    ("breaks off", &["synthesize:error-event-mid-reply=12"], &[]),
    ("falls silent", &["synthesize:hang-mid-reply=12"], &[("CHAIN_SYNTHESIZE_TIMEOUT", "2")]),
];

#[test]
fn openais_client_raises_the_right_errors_and_repeats_only_what_cost_nothing() {
    let upstreams = ERRORS.map(|(_, faults, _)| Upstream::with_faults(faults));
    let servers: Vec<_> =
        upstreams.iter().zip(ERRORS).map(|(upstream, (.., set))| Server::start(upstream, set)).collect();
    let named: Vec<_> = servers.iter().zip(ERRORS).map(|(server, (name, ..))| (name, server)).collect();
    passes("openai_errors.py", &named);
}

#[test]
fn a_caller_of_openais_client_that_does_not_wait_has_its_run_cancelled() {
    let hangs = Upstream::with_faults(&["process:hang-before-head"]);
    let slow = Upstream::paced(Duration::from_millis(50));
    let full = Upstream::with_faults(&["synthesize:hang-mid-reply@1"]);
    let servers = [
        ("hangs", &Server::start(&hangs, &[])),
        ("slow", &Server::start(&slow, &[])),
        ("full", &Server::start(&full, &[("MAX_CONCURRENT_RUNS", "1")])),
    ];
    if !passes("openai_leaving.py", &servers) {
        return;
    }
    let has_left = |call: &&LogEntry| matches!(call.end, Some(End::ClientLeft { .. }));
    for upstream in [&slow, &full] {
        upstream.wait_for(|calls| calls.iter().filter(has_left).count() == 1);
    }
    // On a slow machine a client may have left before the call that hangs.
    let calls = hangs.wait_for(|calls| calls.iter().all(|call| call.end.is_some()));
    assert!(calls.iter().all(|call| call.step != Some(Step::Synthesize)), "nothing goes on");
}
