//! Every response has an id and the security headers, and every error both forms.

use axum::body::Bytes;
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::json;

use super::*;

/// A request and what comes of it.
struct Case {
    name: &'static str,
    variables: Variables<'static>,
    script: fn() -> Vec<Reply>,
    ask: fn() -> Ask,
    /// Requests like it before.
    before: usize,
    status: u16,
    /// `error.code`, if it is an error.
    code: Option<&'static str>,
}

/// A request that is answered with the models.
const GOOD: Case = Case {
    name: "200",
    variables: &[],
    script: Vec::new,
    ask: Ask::models,
    before: 0,
    status: 200,
    code: None,
};

const SMALL_BODIES: Variables<'_> = &[("MAX_REQUEST_BODY_SIZE", "1024")];

fn cases() -> Vec<Case> {
    let case = |name, status, code, ask| Case { name, status, code: Some(code), ask, ..GOOD };
    let run = |name, status, code, script| Case { script, ..case(name, status, code, Ask::whole) };
    vec![
        GOOD,
        Case { name: "200 for health", ask: || Ask::get("/health"), ..GOOD },
        Case { name: "200 for a completion", ask: Ask::whole, script: || good_replies().to_vec(), ..GOOD },
        Case {
            variables: &[("CHAIN_MAX_COST_USD", "0.000001")],
            ..run("400", 400, "max_cost_exceeded", Vec::new)
        },
        case("401", 401, "invalid_api_key", || Ask::whole().without(&AUTHORIZATION)),
        case("401 for an expired token", 401, "invalid_api_key", || {
            Ask::whole().claiming(&json!({"sub": "alice", "exp": 1}))
        }),
        case("403", 403, "invalid_api_key", || Ask::whole().header("authorization", "Bearer nonsense")),
        case("404 for a path", 404, "not_found", || Ask::get("/v1/nothing")),
        case("404 for a model", 404, "model_not_found", || Ask::chat(json!({"model": "gpt-9"}))),
        case("404 for a model's path", 404, "model_not_found", || Ask::get("/v1/models/a/b").by("alice")),
        case("405", 405, "method_not_allowed", || Ask::new(Method::DELETE, "/v1/models")),
        Case {
            variables: SMALL_BODIES,
            ..case("413 by header", 413, "request_too_large", || Ask::whole().body(" ".repeat(1025)))
        },
        Case {
            variables: SMALL_BODIES,
            ..case("413 by counting", 413, "request_too_large", || {
                Ask::whole().pieces(vec![Bytes::from_static(&[b' '; 600]); 2])
            })
        },
        case("415", 415, "unsupported_media_type", || Ask::whole().header(CONTENT_TYPE, "text/plain")),
        Case {
            variables: &[("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")],
            ..run("422", 422, "gate_rejected", || vec![Reply::text("no JSON")])
        },
        run("422 for a refusal", 422, "refusal", || vec![refusal()]),
        Case {
            variables: &[("RATE_LIMIT_MODELS", "1/minute")],
            before: 1,
            ..case("429", 429, "rate_limit_exceeded", Ask::models)
        },
        run("500", 500, "internal_error", || vec![Reply::partial("{", [Act::Panic])]),
        run("502", 502, "upstream_error", || vec![Reply::status(400)]),
        Case { variables: ONE_ATTEMPT, ..run("503", 503, "overloaded", || vec![Reply::status(529)]) },
        Case { variables: ONE_ATTEMPT, ..run("504", 504, "timeout", || vec![Reply::hang()]) },
    ]
}

impl Case {
    /// The response to the request as `change` has it.
    async fn answer(&self, variables: Variables<'_>, change: impl Fn(Ask) -> Ask) -> Answer {
        let api = Api::with(&[self.variables, variables].concat(), (self.script)());
        for _ in 0..self.before {
            api.ask((self.ask)()).await;
        }
        let answer = api.ask(change((self.ask)())).await;
        assert_eq!(answer.status, self.status, "{}: {answer:?}", self.name);
        answer
    }
}

#[tokio::test(start_paused = true)]
async fn every_response_has_an_id_and_the_security_headers_and_every_error_both_forms() {
    for case in cases() {
        let answer = case.answer(&[], |ask| ask).await;
        answer.check_headers(case.name);
        if let Some(code) = case.code {
            answer.check_error(case.name);
            assert_eq!(answer.code(), code, "{}", case.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clients_own_id_comes_back_whatever_the_response() {
    for case in cases() {
        let answer = case.answer(&[], |ask| ask.header("x-request-id", "mine-1")).await;
        assert_eq!(answer.header("x-request-id"), Some("mine-1"), "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn over_https_every_response_asks_for_https_from_then_on() {
    for case in cases() {
        let answer = case.answer(&[], |ask| ask.header("x-forwarded-proto", "https")).await;
        let hsts = answer.header("strict-transport-security");
        assert_eq!(hsts, Some("max-age=31536000; includeSubDomains"), "{}", case.name);
        let answer = case.answer(&[], |ask| ask.header("x-forwarded-proto", "http")).await;
        assert_eq!(answer.header("strict-transport-security"), None, "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_security_headers_the_id_stays() {
    let without = [("ENABLE_SECURITY_HEADERS", "false")];
    for case in cases() {
        let answer = case.answer(&without, |ask| ask.header("x-forwarded-proto", "https")).await;
        for name in
            ["x-content-type-options", "x-frame-options", "x-xss-protection", "strict-transport-security"]
        {
            assert_eq!(answer.header(name), None, "{}: {name}", case.name);
        }
        assert!(answer.header("x-request-id").is_some(), "{}", case.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_them_too_and_what_keeps_proxies_from_holding_it_back() {
    let api = Api::new(good_replies());
    let response = api.open(Ask::streamed()).await;
    let answer = Answer::read(response).await;
    answer.check_headers("a stream");
    assert_eq!(answer.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("content-length"), None);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has() {
    let api = Api::new([]);
    for (method, path, allowed) in [
        (Method::DELETE, "/v1/models", "GET,HEAD"),
        (Method::PUT, "/v1/models/prompt-chaining", "GET,HEAD"),
        (Method::GET, "/v1/chat/completions", "POST"),
        (Method::POST, "/health/ready", "GET,HEAD"),
    ] {
        let answer = api.ask(Ask::new(method, path)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{path}");
    }
}

#[tokio::test]
async fn a_401_says_how_to_authenticate_and_a_403_does_not() {
    let api = Api::new([]);
    let challenge = |answer: Answer| answer.header("www-authenticate").map(str::to_owned);
    let missing = api.ask(Ask::get("/v1/models")).await;
    assert_eq!(challenge(missing).as_deref(), Some("Bearer"));
    let expired = api.ask(Ask::models().claiming(&json!({"sub": "alice", "exp": 1}))).await;
    assert!(challenge(expired).unwrap().starts_with("Bearer error=\"invalid_token\""));
    let bad = api.ask(Ask::models().header(AUTHORIZATION, "Bearer nonsense")).await;
    assert_eq!(challenge(bad), None);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_told_its_size_and_the_limit() {
    let api = Api::with(SMALL_BODIES, []);
    let announced = api.ask(Ask::whole().unread().header(CONTENT_LENGTH, "1048577")).await;
    assert_eq!(
        announced.message(),
        "Request body too large. Maximum size: 1024 bytes, received: 1048577 bytes"
    );
    let counted = api.ask(Ask::whole().pieces(vec![Bytes::from_static(&[b' '; 600]); 9])).await;
    assert_eq!(counted.message(), "Request body too large. Maximum size: 1024 bytes, received: 1200 bytes");
}

#[tokio::test]
async fn nothing_is_read_of_the_body_of_a_request_that_is_refused_by_its_head() {
    let limited = [("RATE_LIMIT_CHAT_COMPLETIONS", "2/minute"), ("RATE_LIMIT_DEFAULT", "1/minute")];
    let api = Api::with(&limited, []);
    assert_eq!(api.ask(Ask::whole().unread()).await.status, 500, "reading it would show");
    let asked = [
        (415, Ask::whole().header(CONTENT_TYPE, "text/plain")),
        (429, Ask::whole()),
        (401, Ask::whole().without(&AUTHORIZATION)),
        (429, Ask::whole().without(&AUTHORIZATION)),
        (403, Ask::whole().header(AUTHORIZATION, "Bearer nonsense").from("203.0.113.9")),
        (404, Ask::new(Method::POST, "/v1/nothing")),
        (405, Ask::new(Method::POST, "/v1/models")),
        (413, Ask::whole().header(CONTENT_LENGTH, "1048577")),
    ];
    for (status, ask) in asked {
        assert_eq!(api.ask(ask.unread()).await.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_not_waited_for_for_ever() {
    let api = Api::new([]);
    let answer = api.ask(Ask::whole().unending()).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "request_timeout"));
    answer.check_error("408");
}
