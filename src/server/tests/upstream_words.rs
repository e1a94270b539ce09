//! What the upstream says, and what only the server's log is to know, never reaches a client.

use super::*;

/// Words of the upstream, with a key and a path among them.
const CANARY: &str = "canary sk-ant-api03-secret in /home/app/prompts/chain.md";

fn status_error(status: u16) -> CallError {
    let error_type = Some("canary_error".to_owned());
    error(CallErrorKind::Status { status, error_type, message: CANARY.to_owned() })
}

fn error(kind: CallErrorKind) -> CallError {
    CallError { request_id: Some("req_canary".into()), ..kind.into() }
}

fn in_the_reply(kind: CallErrorKind) -> Reply {
    Reply::partial("", [Act::Fail(kind.into())])
}

fn refused() -> Reply {
    let words = || Some(CANARY.to_owned());
    Reply::stopped("", StopReason::Refusal { category: words(), explanation: words() })
}

fn failures() -> Vec<Reply> {
    let words = || CANARY.to_owned();
    [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503, 529]
        .map(status_error)
        .into_iter()
        .chain([
            error(CallErrorKind::Connect { upstream: words(), reason: words() }),
            error(CallErrorKind::Interrupted(words())),
            error(CallErrorKind::Malformed(words())),
        ])
        .map(Reply::error)
        .chain([in_the_reply(CallErrorKind::ErrorEvent { error_type: words(), message: words() }), refused()])
        .collect()
}

fn check(what: &str, seen: &str) {
    for secret in ["canary", "sk-ant", "/home/", "scripted"] {
        assert!(!seen.contains(secret), "{what}: {secret} is in {seen}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_upstreams_words_are_in_no_response_to_a_failure() {
    for failure in failures() {
        let name = format!("{failure:?}");
        for step in 0..2 {
            let script = || good_until(step, [failure.clone()]);
            let whole = Api::with(ONE_ATTEMPT, script()).ask(Ask::whole()).await;
            assert!(whole.status >= 400, "{name}");
            check(&name, &whole.everything());
            let stream = Api::with(ONE_ATTEMPT, script()).ask(Ask::streamed()).await;
            assert!(stream.body.contains("error"), "{name}");
            check(&name, &stream.everything());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_meets_a_circuit_which_another_has_opened_does_not_repeat_them() {
    let waits = CallError { retry_after: Some(5 * SECOND), ..status_error(529) };
    let ends = CallError { should_retry: Some(false), ..status_error(500) };
    let one_failure = [("CIRCUIT_BREAKER_FAILURE_THRESHOLD", "1")];
    let api = Api::with(&one_failure, [waits, ends].map(Reply::error));
    let another = async {
        tokio::time::sleep(SECOND).await;
        api.ask(Ask::whole()).await
    };
    let (answer, another) = tokio::join!(api.ask(Ask::whole()), another);
    assert_eq!((answer.code().as_str(), another.code().as_str()), ("circuit_open", "upstream_error"));
    check("the circuit", &answer.everything());
}
