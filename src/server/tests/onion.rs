//! In which order a request passes through the layers.

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};

use super::*;

const APP: &str = "https://app.example";
const FOR_APP: (&str, &str) = ("CORS_ORIGINS", r#"["https://app.example"]"#);

/// What a browser asks before it lets a page send the request itself.
fn preflight(origin: &str) -> Ask {
    Ask::new(Method::OPTIONS, "/v1/chat/completions")
        .header(ORIGIN, origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-stainless-os")
}

#[tokio::test]
async fn the_size_in_the_head_is_looked_at_before_the_token() {
    let api = Api::new([]);
    let large = || Ask::whole().without(&AUTHORIZATION).header(CONTENT_LENGTH, "1048577").unread();
    assert_eq!(api.ask(large()).await.status, 413);
    let fits = large().header(CONTENT_LENGTH, "1048576");
    assert_eq!(api.ask(fits).await.status, 401);
}

#[tokio::test]
async fn only_bodies_of_methods_that_have_one_are_measured() {
    let api = Api::new([]);
    assert_eq!(api.ask(Ask::models().header(CONTENT_LENGTH, "1048577")).await.status, 200);
}

#[tokio::test]
async fn an_unknown_path_is_404_without_a_token_and_is_not_counted() {
    let api = Api::with(&[("RATE_LIMIT_DEFAULT", "1/minute")], []);
    for path in ["/v1/nothing", "/nothing", "/v1", "/health/nothing"] {
        let answer = api.ask(Ask::get(path)).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (404, None), "{path}");
    }
    let counted = api.ask(Ask::get("/openapi.json")).await;
    assert_eq!((counted.status, counted.header("x-ratelimit-remaining")), (200, Some("0")));
}

#[tokio::test]
async fn what_is_refused_for_its_token_is_not_counted_for_a_subject() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "1/minute")], []);
    for _ in 0..3 {
        assert_eq!(api.ask(Ask::get("/v1/models")).await.status, 401);
    }
    assert_eq!(api.ask(Ask::models()).await.status, 200);
}

#[tokio::test]
async fn a_browsers_preflight_needs_no_token_and_is_not_counted() {
    let api = Api::with(&[FOR_APP, ("RATE_LIMIT_CHAT_COMPLETIONS", "1/minute")], []);
    for _ in 0..2 {
        let answer = api.ask(preflight(APP)).await;
        assert_eq!(answer.status, 200);
        answer.check_headers("a preflight");
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET,POST,OPTIONS"));
        let headers = answer.header("access-control-allow-headers");
        assert_eq!(headers, Some("authorization,content-type,x-stainless-os"));
        assert_eq!(answer.header("x-ratelimit-limit"), None);
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_told_nothing() {
    let api = Api::with(&[FOR_APP], []);
    for ask in [preflight("https://evil.example"), Ask::models().header(ORIGIN, "https://evil.example")] {
        assert_eq!(api.ask(ask).await.header("access-control-allow-origin"), None);
    }
    let closed = Api::new([]);
    assert_eq!(
        closed.ask(Ask::models().header(ORIGIN, APP)).await.header("access-control-allow-origin"),
        None
    );
}

#[tokio::test]
async fn a_page_can_read_errors_too() {
    let limited = ("RATE_LIMIT_MODELS", "1/minute");
    let api = Api::with(&[FOR_APP, limited], [Reply::partial("{", [Act::Panic])]);
    let asked = [
        (200, Ask::models()),
        (429, Ask::models()),
        (401, Ask::get("/v1/models")),
        (404, Ask::get("/v1/nothing")),
        (405, Ask::new(Method::DELETE, "/v1/models")),
        (413, Ask::whole().header(CONTENT_LENGTH, "1048577").unread()),
        (415, Ask::whole().header(CONTENT_TYPE, "text/plain")),
        (500, Ask::whole()),
    ];
    for (status, ask) in asked {
        let answer = api.ask(ask.header(ORIGIN, APP)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some(APP)));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["x-request-id", "x-ratelimit-reset", "x-should-retry", "retry-after"] {
            assert!(exposed.contains(name), "{status}: {exposed}");
        }
    }
}

/// (origins, credentials allowed, what pages are told of the origin and of credentials)
#[tokio::test]
async fn credentials_never_go_together_with_every_origin() {
    let cases = [
        (FOR_APP.1, "true", Some(APP), Some("true")),
        (FOR_APP.1, "false", Some(APP), None),
        (r#"["*"]"#, "true", Some("*"), None),
        (r#"["*"]"#, "false", Some("*"), None),
    ];
    for (origins, credentials, origin, allowed) in cases {
        let api = Api::with(&[("CORS_ORIGINS", origins), ("CORS_ALLOW_CREDENTIALS", credentials)], []);
        for ask in [preflight(APP), Ask::models().header(ORIGIN, APP)] {
            let answer = api.ask(ask).await;
            let told = ["access-control-allow-origin", "access-control-allow-credentials"]
                .map(|name| answer.header(name));
            assert_eq!(told, [origin, allowed], "{origins} with credentials {credentials}");
        }
    }
}

#[tokio::test]
async fn pages_may_use_the_methods_and_headers_that_they_are_allowed() {
    let narrow = [("CORS_ALLOW_METHODS", "GET"), ("CORS_ALLOW_HEADERS", "authorization")];
    let api = Api::with(&[&[FOR_APP][..], &narrow].concat(), []);
    let answer = api.ask(preflight(APP)).await;
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization"));
}
