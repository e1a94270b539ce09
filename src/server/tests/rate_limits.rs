//! How many requests pass, and what their clients are told.

use std::convert::Infallible;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use futures_util::stream;
use serde_json::json;
use tokio::sync::oneshot;

use super::*;
use crate::server::unix_time;

/// Status, limit, remaining and the wait.
fn told(answer: &Answer) -> (u16, Option<&str>, Option<&str>, Option<&str>) {
    let [limit, remaining, wait] =
        ["x-ratelimit-limit", "x-ratelimit-remaining", "retry-after"].map(|name| answer.header(name));
    (answer.status, limit, remaining, wait)
}

#[tokio::test(start_paused = true)]
async fn exactly_as_many_pass_as_the_limit_says_and_every_response_tells_how_many_are_left() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "3/minute")], []);
    for remaining in ["2", "1", "0"] {
        assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("3"), Some(remaining), None));
    }
    tokio::time::advance(20 * SECOND).await;
    for _ in 0..5 {
        assert_eq!(told(&api.ask(Ask::models()).await), (429, Some("3"), Some("0"), Some("40")));
    }
    tokio::time::advance(40 * SECOND).await;
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("3"), Some("2"), None));
}

#[tokio::test(start_paused = true)]
async fn the_reset_is_a_moment_in_unix_time() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "1/hour")], []);
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for status in [200, 429] {
        let before = now();
        let answer = api.ask(Ask::models()).await;
        assert_eq!(answer.status, status);
        let reset: u64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!((before + 3600..=now() + 3601).contains(&reset), "{reset}");
    }
}

#[tokio::test]
async fn the_reset_is_counted_from_the_request_however_long_its_answer_takes() {
    let api = Api::with(&[("RATE_LIMIT_CHAT_COMPLETIONS", "1/hour")], []);
    let (tell, begun) = oneshot::channel();
    // The handler waits for it until another second has begun.
    let late = stream::once(async move {
        let counted = unix_time();
        tell.send(counted).unwrap();
        while unix_time() == counted {
            tokio::task::yield_now().await;
        }
        Ok::<_, Infallible>("{")
    });
    let answer = api.ask(Ask::whole().body(Body::from_stream(late))).await;
    assert_eq!(answer.status, 400);
    let reset: u64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
    let counted = begun.await.unwrap();
    assert!(reset <= counted + 3601, "{reset} for a request of {counted}");
}

#[tokio::test(start_paused = true)]
async fn the_refusals_detail_is_the_limit_and_nothing_else() {
    let api = Api::new([]);
    for _ in 0..10 {
        assert_eq!(api.ask(Ask::chat(json!({"model": "gpt-9"}))).await.status, 404);
    }
    let refused = api.ask(Ask::whole()).await;
    assert_eq!(told(&refused), (429, Some("10"), Some("0"), Some("60")));
    refused.check_error("429");
    assert_eq!(refused.json()["detail"], "10 per 1 minute");
    assert_eq!(refused.code(), "rate_limit_exceeded");
    assert_eq!(api.model.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn every_subject_has_a_limit_of_its_own_wherever_it_comes_from() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "1/minute")], []);
    let status = |ask: Ask| async { api.ask(ask).await.status };
    assert_eq!(status(Ask::models()).await, 200);
    assert_eq!(status(Ask::models().from("203.0.113.9")).await, 429);
    assert_eq!(status(Ask::models().by("bob")).await, 200);
    assert_eq!(status(Ask::models().by("bob")).await, 429);
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_route_is_counted_apart() {
    let limits = [
        ("RATE_LIMIT_MODELS", "1/minute"),
        ("RATE_LIMIT_CHAT_COMPLETIONS", "1/minute"),
        ("RATE_LIMIT_DEFAULT", "1/minute"),
    ];
    let api = Api::with(&limits, []);
    for status in [(200, 404, 200), (429, 429, 429)] {
        let models = api.ask(Ask::models()).await.status;
        let chat = api.ask(Ask::chat(json!({"model": "gpt-9"}))).await.status;
        let document = api.ask(Ask::get("/openapi.json")).await.status;
        assert_eq!((models, chat, document), status);
    }
    assert_eq!(api.ask(Ask::get("/v1/models/prompt-chaining").by("alice")).await.status, 429, "of one kind");
}

#[tokio::test(start_paused = true)]
async fn failed_authentication_is_limited_by_address_under_the_default_limit() {
    let api = Api::with(&[("RATE_LIMIT_DEFAULT", "2/minute")], []);
    let missing = || Ask::models().without(&AUTHORIZATION);
    let bad = || Ask::models().header(AUTHORIZATION, "Bearer nonsense");
    assert_eq!(told(&api.ask(missing()).await), (401, Some("2"), Some("1"), None));
    assert_eq!(told(&api.ask(bad()).await), (403, Some("2"), Some("0"), None));
    let refused = api.ask(bad()).await;
    assert_eq!(told(&refused), (429, Some("2"), Some("0"), Some("60")));
    assert_eq!(refused.json()["detail"], "2 per 1 minute");
    assert_eq!(api.ask(missing().from("203.0.113.9")).await.status, 401, "somebody else");
    assert_eq!(api.ask(Ask::models()).await.status, 200, "a good token passes from there too");
    tokio::time::advance(60 * SECOND).await;
    assert_eq!(api.ask(bad()).await.status, 403);
}

/// The statuses of two requests without a token, which the same proxy passes on for two clients.
async fn through_a_proxy(trusted: Variables<'_>) -> [u16; 2] {
    let api = Api::with(&[&[("RATE_LIMIT_DEFAULT", "1/minute")], trusted].concat(), []);
    let passed_on = |client| Ask::get("/v1/models").from("10.0.0.1").header("x-forwarded-for", client);
    let first = api.ask(passed_on("203.0.113.8")).await.status;
    [first, api.ask(passed_on("203.0.113.9")).await.status]
}

#[tokio::test(start_paused = true)]
async fn clients_behind_a_trusted_proxy_are_told_apart_and_no_others() {
    assert_eq!(through_a_proxy(&[("TRUSTED_PROXIES", "10.0.0.0/8")]).await, [401, 401]);
    assert_eq!(through_a_proxy(&[("TRUSTED_PROXIES", "192.0.2.1")]).await, [401, 429]);
    assert_eq!(through_a_proxy(&[]).await, [401, 429]);
}

#[tokio::test(start_paused = true)]
async fn what_a_client_puts_into_its_forwarded_for_does_not_free_it_of_the_limit() {
    let api = Api::with(&[("RATE_LIMIT_DEFAULT", "1/minute"), ("TRUSTED_PROXIES", "10.0.0.0/8")], []);
    let ask = |forwarded| Ask::get("/v1/models").from("10.0.0.1").header("x-forwarded-for", forwarded);
    assert_eq!(api.ask(ask("192.0.2.1, 203.0.113.9")).await.status, 401);
    assert_eq!(api.ask(ask("192.0.2.2, 203.0.113.9")).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn health_and_pages_are_not_limited() {
    let api = Api::with(&[("RATE_LIMIT_DEFAULT", "1/hour")], []);
    for path in ["/health", "/health/", "/health/ready", "/", "/docs", "/assets/docs.js"] {
        for _ in 0..3 {
            assert_eq!(told(&api.ask(Ask::get(path)).await), (200, None, None, None), "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_limits_the_one_with_the_least_remaining_is_shown() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "2/minute;3/hour")], []);
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("2"), Some("1"), None));
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("2"), Some("0"), None));
    assert_eq!(told(&api.ask(Ask::models()).await), (429, Some("2"), Some("0"), Some("60")));
    tokio::time::advance(60 * SECOND).await;
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("3"), Some("0"), None));
    let refused = api.ask(Ask::models()).await;
    assert_eq!(told(&refused), (429, Some("3"), Some("0"), Some("3540")));
    assert_eq!(refused.json()["detail"], "3 per 1 hour");
}

#[tokio::test(start_paused = true)]
async fn without_limits_nothing_is_counted_and_nothing_told() {
    let off = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("RATE_LIMIT_MODELS", "1/minute"),
        ("RATE_LIMIT_DEFAULT", "1/minute"),
    ];
    let api = Api::with(&off, []);
    for _ in 0..3 {
        assert_eq!(told(&api.ask(Ask::models()).await), (200, None, None, None));
        assert_eq!(told(&api.ask(Ask::get("/v1/models")).await), (401, None, None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_and_a_failed_run_tell_how_many_are_left_too() {
    let api = Api::new(good_replies().into_iter().chain([Reply::status(400)]));
    let stream = api.ask(Ask::streamed()).await;
    assert_eq!(told(&stream), (200, Some("10"), Some("9"), None));
    assert_eq!(told(&api.ask(Ask::whole()).await), (502, Some("10"), Some("8"), None));
}

/// Where nobody listens.
const GONE: (&str, &str) = ("RATE_LIMIT_STORAGE_URI", "redis://127.0.0.1:1");

#[tokio::test]
async fn while_the_shared_store_is_gone_each_replica_limits_for_itself() {
    let api = Api::with(&[GONE, ("RATE_LIMIT_MODELS", "2/minute")], []);
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("2"), Some("1"), None));
    assert_eq!(told(&api.ask(Ask::models()).await), (200, Some("2"), Some("0"), None));
    assert_eq!(api.ask(Ask::models()).await.status, 429);
    assert_eq!(api.ask(Ask::get("/health/ready")).await.status, 200, "it is no reason to be sent nothing");
}

#[tokio::test]
async fn while_the_shared_store_is_gone_requests_are_refused_if_that_is_asked_for() {
    let deny = ("RATE_LIMIT_ON_STORAGE_ERROR", "deny");
    let api = Api::with(&[GONE, deny], []);
    for ask in [Ask::models(), Ask::whole(), Ask::models().without(&AUTHORIZATION)] {
        let refused = api.ask(ask).await;
        assert_eq!(told(&refused), (503, None, None, Some("1")));
        refused.check_error("a request that can't be counted");
        assert_eq!(refused.code(), "rate_limit_unavailable");
    }
    assert_eq!(api.model.requests().len(), 0);
    for path in ["/health", "/health/ready", "/"] {
        assert_eq!(api.ask(Ask::get(path)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn without_limits_no_store_is_needed() {
    let off = [GONE, ("RATE_LIMIT_ENABLED", "false"), ("RATE_LIMIT_ON_STORAGE_ERROR", "deny")];
    let api = Api::with(&off, []);
    assert_eq!(told(&api.ask(Ask::models()).await), (200, None, None, None));
}
