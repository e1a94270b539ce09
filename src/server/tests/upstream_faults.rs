//! What clients are told when the upstream fails: which status, and whether and when to try again.

use serde_json::json;

use super::*;
use crate::model::scripted::status_error;

/// What a client is told: status, code, `Retry-After`, `x-should-retry`.
type Told<'a> = (u16, &'a str, Option<&'a str>, Option<&'a str>);

const STRICT: Variables<'_> = &[("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")];

/// What a client is told of the run in one piece and of the stream, which must be the same.
#[track_caller]
fn check(name: &str, answers: &[Answer; 2], expected: Told<'_>) {
    for answer in answers {
        answer.check_headers(name);
        answer.check_error(name);
        let code = answer.code();
        let told =
            (answer.status, code.as_str(), answer.header("retry-after"), answer.header("x-should-retry"));
        assert_eq!(told, expected, "{name}: {answer:?}");
    }
}

async fn answers(variables: Variables<'_>, script: &[Reply]) -> [Answer; 2] {
    // Each on a server of its own, because a circuit may open.
    let whole = Api::with(variables, script.to_vec()).ask(Ask::whole()).await;
    [whole, Api::with(variables, script.to_vec()).ask(Ask::streamed()).await]
}

fn error(kind: CallErrorKind) -> Reply {
    Reply::error(kind.into())
}

fn wish(status: u16, seconds: u64) -> Reply {
    Reply::error(CallError { retry_after: Some(Duration::from_secs(seconds)), ..status_error(status) })
}

fn refused_connection() -> Reply {
    error(CallErrorKind::Connect { upstream: "scripted".into(), reason: "connection refused".into() })
}

fn error_event(error_type: &str) -> Reply {
    let (error_type, message) = (error_type.to_owned(), String::new());
    Reply::partial("", [Act::Fail(CallErrorKind::ErrorEvent { error_type, message }.into())])
}

#[tokio::test(start_paused = true)]
async fn every_failure_of_the_first_step_has_its_status_and_says_whether_to_try_again() {
    const NO: Option<&str> = Some("false");
    let cases: Vec<(&str, Reply, Told<'_>)> = vec![
        ("400", Reply::status(400), (502, "upstream_error", None, NO)),
        ("401", Reply::status(401), (502, "upstream_credentials", None, NO)),
        ("403", Reply::status(403), (502, "upstream_credentials", None, NO)),
        ("404", Reply::status(404), (502, "model_not_found", None, NO)),
        ("413", Reply::status(413), (400, "context_length_exceeded", None, None)),
        ("429", Reply::status(429), (429, "rate_limited", None, None)),
        ("429 for 7 s", wish(429, 7), (429, "rate_limited", Some("7"), None)),
        ("429 for an hour", wish(429, 3600), (429, "rate_limited", Some("3600"), None)),
        ("500", Reply::status(500), (502, "upstream_error", None, None)),
        ("502", Reply::status(502), (502, "upstream_error", None, None)),
        ("503", Reply::status(503), (503, "overloaded", Some("5"), None)),
        ("529", Reply::status(529), (503, "overloaded", Some("5"), None)),
        ("529 for 7 s", wish(529, 7), (503, "overloaded", Some("7"), None)),
        ("no connection", refused_connection(), (502, "upstream_error", None, None)),
        ("a reset", error(CallErrorKind::Interrupted("reset".into())), (502, "upstream_error", None, None)),
        ("no API", error(CallErrorKind::Malformed("text/html".into())), (502, "upstream_error", None, NO)),
        ("silence", Reply::hang(), (504, "timeout", None, None)),
    ];
    // A stream's head waits for the slowest of them too.
    let patient = [ONE_ATTEMPT, &[("STREAM_COMMIT_MS", "60000")]].concat();
    for (name, failure, told) in cases {
        check(name, &answers(&patient, &[failure]).await, told);
    }
}

/// Output that was counted has been paid for, be it of no use.
#[tokio::test(start_paused = true)]
async fn what_has_been_paid_for_is_not_to_be_asked_for_again() {
    let no_json = || Reply::text("no JSON");
    let cases: Vec<(&str, Vec<Reply>, Variables<'_>, Told<'_>)> = vec![
        (
            "an error event",
            vec![error_event("overloaded_error")],
            ONE_ATTEMPT,
            (503, "overloaded", Some("5"), Some("false")),
        ),
        ("a refusal", vec![refusal()], ONE_ATTEMPT, (422, "refusal", None, Some("false"))),
        ("a gate", vec![no_json()], STRICT, (422, "gate_rejected", None, Some("false"))),
        (
            "a repair",
            vec![no_json(), no_json()],
            &[("CHAIN_STRICT_VALIDATION", "true")],
            (422, "gate_rejected", None, Some("false")),
        ),
    ];
    for (name, script, variables, told) in cases {
        check(name, &answers(variables, &script).await, told);
    }
}

/// (failure of the second step, status, code, `Retry-After`)
#[tokio::test(start_paused = true)]
async fn once_a_step_is_paid_for_nothing_is_to_be_tried_again() {
    let cases = [
        (Reply::status(400), (502, "upstream_error", None)),
        (Reply::status(413), (400, "context_length_exceeded", None)),
        (wish(429, 7), (429, "rate_limited", Some("7"))),
        (Reply::status(500), (502, "upstream_error", None)),
        (Reply::status(529), (503, "overloaded", Some("5"))),
        (refused_connection(), (502, "upstream_error", None)),
        (Reply::hang(), (504, "timeout", None)),
        (refusal(), (422, "refusal", None)),
    ];
    for step in [1, 2] {
        for (failure, (status, code, wait)) in cases.clone() {
            if step == 2 && code == "refusal" {
                // That is an answer.
                continue;
            }
            let api = Api::with(ONE_ATTEMPT, good_until(step, [failure]));
            let answer = api.ask(Ask::whole()).await;
            let told = (answer.status, answer.header("retry-after"), answer.header("x-should-retry"));
            assert_eq!(told, (status, wait, Some("false")), "{step} {answer:?}");
            assert_eq!(answer.code(), code);
        }
    }
}

/// (variables, step, message)
#[tokio::test(start_paused = true)]
async fn a_time_limit_of_any_step_is_a_504_that_names_it() {
    let long = [("CHAIN_PROCESS_TIMEOUT", "40"), ("CHAIN_SYNTHESIZE_TIMEOUT", "40")];
    let short = [("WORKER_COORDINATION_TIMEOUT", "10"), ("SYNTHESIS_TIMEOUT", "8")];
    let phases = [&long[..], &short].concat();
    let cases: [(Variables<'_>, usize, &str); 6] = [
        (&[], 0, "worker coordination phase after 15s (the limit on analyze)"),
        (&[], 1, "worker coordination phase after 30s (the limit on process)"),
        (&[], 2, "synthesis phase after 20s (the limit on synthesize)"),
        (&phases, 0, "worker coordination phase after 10s"),
        (&phases, 1, "worker coordination phase after 10s"),
        (&phases, 2, "synthesis phase after 8s"),
    ];
    for (variables, step, message) in cases {
        let slow = Reply::partial("", trickle(100, SECOND));
        let answer = Api::with(variables, good_until(step, [slow])).ask(Ask::whole()).await;
        assert_eq!((answer.status, answer.code().as_str()), (504, "timeout"));
        assert_eq!(answer.message(), format!("Operation timed out during {message}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_the_clients_to_wait() {
    check("429", &answers(&[], &[wish(429, 60)]).await, (429, "rate_limited", Some("60"), None));
    check("500", &answers(&[], &[wish(500, 60)]).await, (503, "overloaded", Some("60"), None));
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_a_503_until_it_may_be_probed_and_asks_nothing() {
    let one_failure =
        [ONE_ATTEMPT, &[("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1"), ("CIRCUIT_BREAKER_TIMEOUT", "40")]]
            .concat();
    let api = Api::with(&one_failure, [Reply::status(500)]);
    assert_eq!(api.ask(Ask::whole()).await.status, 502);
    tokio::time::advance(10 * SECOND).await;
    let refused = [api.ask(Ask::whole()).await, api.ask(Ask::streamed()).await];
    check("circuit open", &refused, (503, "circuit_open", Some("30"), None));
    assert_eq!(api.model.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_could_cost_too_much_is_not_sent() {
    let cheap = [("CHAIN_MAX_COST_USD", "0.000001")];
    check("over the cap", &answers(&cheap, &[]).await, (400, "max_cost_exceeded", None, None));
    let unpriced = [("CHAIN_MAX_COST_USD", "1"), ("CHAIN_SYNTHESIZE_MODEL", "llama3.2")];
    check("no price", &answers(&unpriced, &[]).await, (400, "unknown_price", None, None));
}

#[tokio::test(start_paused = true)]
async fn input_that_does_not_fit_into_the_models_context_is_a_400_and_not_sent() {
    let messages = json!([{"role": "user", "content": "word ".repeat(200_000)}]);
    let api = Api::new([]);
    let ask = |stream: bool| Ask::chat(json!({"messages": messages, "stream": stream}));
    let answers = [api.ask(ask(false)).await, api.ask(ask(true)).await];
    check("too long", &answers, (400, "context_length_exceeded", None, None));
}
