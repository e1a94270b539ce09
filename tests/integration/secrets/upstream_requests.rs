//! Where calls go, as whom and with what is for the configuration alone to say: nothing in a request changes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Canary, of, sightings};
use crate::support::{Answering, Asked, Request, Served, Tap, Upstream, chat_by, question, serve, token};

/// The headers that a call may have.
const HEADERS: [&str; 10] = [
    "accept",
    "anthropic-version",
    "content-length",
    "content-type",
    "host",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-api-key",
    "x-request-id",
];

/// The members that a call's body may have.
const MEMBERS: [&str; 8] =
    ["max_tokens", "messages", "model", "output_config", "stream", "system", "temperature", "thinking"];

/// Requests that would like calls to go to that origin.
fn hostile(evil: &str) -> Vec<Request> {
    let mut body = question("hello", false);
    for name in [
        "base_url",
        "api_base",
        "api_key",
        "api_type",
        "api_version",
        "anthropic_version",
        "organization",
        "proxy",
        "proxies",
        "url",
        "endpoint",
        "host",
        "upstream",
        "callback_url",
        "webhook",
        "extra_body",
        "extra_headers",
        "headers",
        "default_headers",
        "extra_query",
        "custom_llm_provider",
        "provider",
        "betas",
        "container",
        "mcp_servers",
        "service_tier",
        "service_account",
    ] {
        body[name] = json!(evil);
    }
    body["extra_headers"] = json!({"x-api-key": "evil", "host": evil});
    body["mcp_servers"] = json!([{"type": "url", "url": evil, "name": "evil"}]);
    body["metadata"] = json!({"user_id": evil, "base_url": evil});
    body["user"] = json!(format!("evil\r\nX-Evil: 1 {evil}"));
    let ask = || chat_by(token(), &body);
    let mut requests = vec![ask()];
    for (name, value) in [
        ("X-Forwarded-Host", evil),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-For", "192.0.2.7"),
        ("Forwarded", "host=evil.example;proto=https"),
        ("X-Original-URL", "/evil"),
        ("X-Rewrite-URL", "/evil"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Api-Key", "evil"),
        ("Anthropic-Version", "1999-01-01"),
        ("Anthropic-Beta", "evil"),
        ("Anthropic-Base-Url", evil),
        ("Proxy", evil),
        ("Proxy-Authorization", "Basic ZXZpbA=="),
        ("Cookie", "evil=1"),
        ("User-Agent", "evil"),
        ("Referer", evil),
        ("Origin", evil),
        ("Connection", "X-Evil"),
        ("Content-Language", "evil"),
        ("X-Stainless-Evil", "evil"),
        ("OpenAI-Organization", "evil"),
        ("traceparent", "00-evil\tX-Evil: 1"),
        ("tracestate", "evil=\u{7f}"),
        ("baggage", "evil=1"),
        ("X-Request-ID", "evil x: y"),
    ] {
        requests.push(ask().header(name, value));
    }
    let path = |path: String| Request::post(&path).by(token()).json(&question("hello", false));
    requests.push(path(format!("/v1/chat/completions?base_url={evil}&beta=true")));
    requests.push(path(format!("{evil}/v1/chat/completions")));
    requests.push(path("/v1/chat/completions/../../v1/messages/batches".to_owned()));
    for model in [evil, "../../v1/messages/batches", "prompt-chaining?x=1", "claude-opus-4", "evil\r\nX: 1"] {
        let mut body = question("hello", false);
        body["model"] = json!(model);
        requests.push(chat_by(token(), &body));
    }
    for role in ["system", "developer", "assistant", "tool", evil] {
        let mut body = question("hello", false);
        body["messages"] = json!([{"role": role, "content": evil, "name": evil}, body["messages"][0]]);
        requests.push(chat_by(token(), &body));
    }
    requests
}

#[track_caller]
fn check(call: &Asked, upstream: &str) {
    let Asked { head, body } = call;
    assert_eq!(head.lines().next(), Some("POST /v1/messages HTTP/1.1"), "{head}");
    let names: Vec<String> = call.headers().map(|(name, _)| name).collect();
    let distinct: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(distinct.len(), names.len(), "none is there twice: {head}");
    let further: Vec<_> = distinct.iter().filter(|name| !HEADERS.contains(name)).collect();
    assert!(further.is_empty(), "{further:?}: {head}");
    assert_eq!(call.header("host"), upstream.strip_prefix("http://"), "{head}");
    assert_eq!(call.header("x-api-key"), Some(of::api_key().value.as_str()), "{head}");
    assert_eq!(call.header("anthropic-version"), Some("2023-06-01"), "{head}");
    let agent = concat!("promptchain/", env!("CARGO_PKG_VERSION"));
    assert_eq!(call.header("user-agent"), Some(agent), "{head}");
    assert!(
        !head.to_ascii_lowercase().contains("evil") || head.contains("x-request-id: evil x: y"),
        "{head}"
    );
    let body: Value = serde_json::from_slice(body).unwrap();
    let further: Vec<_> =
        body.as_object().unwrap().keys().filter(|name| !MEMBERS.contains(&name.as_str())).collect();
    assert!(further.is_empty(), "{further:?}: {body}");
    assert_eq!(body["model"], "claude-haiku-4-5-20251001", "{body}");
}

#[test]
fn no_request_changes_where_calls_go_or_as_whom_or_with_what() {
    let simulator = Upstream::good();
    let (tap, evil) =
        (Tap::before(&simulator.base_url()), Answering::with(|_| ("200 OK".into(), "{}".into())));
    // What a tap hears of several connections is mixed: an upstream of our own keeps each request.
    let upstream = Answering::with(|_| ("529 Busy".to_owned(), String::new()));
    for (url, is_listened_to) in [(upstream.url(), false), (tap.url(), true)] {
        let mut command = serve(&[("ANTHROPIC_BASE_URL", url.as_str())]);
        command
            .env("ANTHROPIC_API_KEY", &of::api_key().value)
            .env("RETRY_MAX_ATTEMPTS", "1")
            .env("CIRCUIT_BREAKER_ENABLED", "false");
        let served = Served::start(command);
        let statuses: Vec<u16> =
            hostile(&evil.url()).iter().map(|request| served.ask(request).status).collect();
        let expected = if is_listened_to { 200 } else { 503 };
        let passed = statuses.iter().filter(|status| **status == expected).count();
        assert!(passed > 25, "most are requests all the same: {statuses:?}");
        assert!(
            statuses.iter().all(|status| *status == expected || (400..500).contains(status)),
            "{statuses:?}"
        );
    }
    assert!(upstream.asked().len() > 25);
    for call in upstream.asked() {
        check(&call, &upstream.url());
    }
    assert!(evil.asked().is_empty(), "{:?}", evil.asked());
    let token = Canary::token(token());
    assert_eq!(
        sightings(&[token, of::api_key()], [("upstream", tap.heard())]),
        ["upstream: ANTHROPIC_API_KEY"]
    );
    for call in simulator.calls() {
        assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v1/messages"));
    }
}
