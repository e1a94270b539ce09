//! Who may read the metrics, and where.

use axum::http::Method;
use axum::http::header::AUTHORIZATION;

use super::*;
use crate::server::router::metrics_router;

#[tokio::test]
async fn the_metrics_need_a_token_and_no_limit_holds_for_them() {
    let limits = [("RATE_LIMIT_DEFAULT", "3/minute"), ("RATE_LIMIT_MODELS", "1/minute")];
    let api = Api::with(&limits, []);
    for _ in 0..10 {
        let answer = api.ask(scrape()).await;
        answer.check_headers("the metrics");
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, None));
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert!(answer.body.ends_with('\n'), "{}", answer.body);
    }
    let head = api.ask(Ask::new(Method::HEAD, "/metrics").by("prometheus")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(api.ask(Ask::new(Method::POST, "/metrics").by("prometheus")).await.status, 405);
    let unsigned = scrape().header(AUTHORIZATION, "Bearer eyJhbGciOiJub25lIn0.e30.");
    for (ask, status) in [(Ask::get("/metrics"), 401), (unsigned, 403)] {
        let answer = api.ask(ask).await;
        assert_eq!(answer.status, status);
        answer.check_error("the metrics");
    }
    let scraped = Scraped::of(&api).await;
    let failures = scraped.counted("promptchain_auth_failures_total");
    assert_eq!(failures, ["reason=algorithm 1", "reason=missing 1"]);
}

#[tokio::test]
async fn on_a_port_of_their_own_the_metrics_need_no_token_and_are_not_on_the_apis() {
    let api = Api::with(&[("METRICS_BIND", "127.0.0.1:0")], []);
    assert_eq!(api.ask(scrape()).await.status, 404);
    let router = metrics_router(&api.app);
    let ask = async |ask: Ask| {
        let response = tower::ServiceExt::oneshot(router.clone(), ask.into_request()).await.unwrap();
        Answer::read(response).await
    };
    let answer = ask(Ask::get("/metrics")).await;
    assert_eq!(answer.status, 200);
    answer.check_headers("the metrics");
    assert!(answer.body.contains("promptchain_draining 0"), "{}", answer.body);
    assert_eq!(ask(Ask::new(Method::HEAD, "/metrics")).await.status, 200);
    for path in ["/", "/health", "/v1/models"] {
        assert_eq!(ask(Ask::get(path)).await.status, 404, "{path}");
    }
}
