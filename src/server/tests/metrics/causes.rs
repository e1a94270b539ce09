//! Why runs and calls failed, why runs weren't begun, and how soon text is there.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use std::pin::pin;

use futures_util::FutureExt as _;

use super::*;

#[tokio::test(start_paused = true)]
async fn failed_runs_and_calls_are_counted_by_their_cause() {
    let silent = [("STREAMING_TIMEOUT", "3"), ONE_ATTEMPT[0]];
    let call = |kind: CallErrorKind| Reply::partial("", [Act::Fail(CallError::from(kind))]);
    for (script, code, error_type) in [
        (vec![Reply::status(529)], "overloaded", "overloaded"),
        (vec![Reply::status(429)], "rate_limited", "rate_limited"),
        (vec![Reply::status(500)], "upstream_error", "server_error"),
        (vec![Reply::status(400)], "upstream_error", "refused"),
        (vec![Reply::status(401)], "upstream_credentials", "credentials"),
        (vec![Reply::status(404)], "model_not_found", "refused"),
        (vec![call(CallErrorKind::Truncated)], "upstream_error", "connection"),
        (vec![call(CallErrorKind::Malformed("no".into()))], "upstream_error", "protocol"),
        (vec![Reply::hang()], "timeout", "silence"),
        (vec![refusal()], "refusal", ""),
    ] {
        let api = Api::with(&silent, script);
        assert_eq!(api.ask(Ask::whole()).await.code(), code);
        let scraped = Scraped::of(&api).await;
        assert_eq!(scraped.counted("promptchain_run_errors_total"), [format!("code={code} 1")]);
        let model = "model=claude-haiku-4-5-20251001,step=analyze";
        assert_eq!(
            scraped.counted("gen_ai_client_operation_duration_seconds_count"),
            [format!("{model},error_type={error_type} 1")],
            "{code}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn runs_have_places_and_those_who_get_none_are_counted_by_why() {
    let api = Api::with(&[("MAX_CONCURRENT_RUNS", "2")], good_until(1, [Reply::hang()]));
    let places = async |name: &str| Scraped::of(&api).await.value(name);
    assert_eq!(places("promptchain_run_places").await, 2.0);
    assert_eq!(places("promptchain_run_places_taken").await, 0.0);
    let streamed = api.stream(Ask::streamed()).await;
    let mut waiting = pin!(api.ask(Ask::whole()));
    assert!(waiting.as_mut().now_or_never().is_none());
    assert_eq!(places("promptchain_runs_active").await, 2.0);
    assert_eq!(places("promptchain_run_places_taken").await, 2.0);
    assert_eq!(api.ask(Ask::whole()).await.code(), "overloaded");
    drop(streamed);
    assert_eq!(places("promptchain_runs_active").await, 1.0);
    api.app.lifecycle.drain();
    // The server waits for its end, as it does while it drains.
    let mut ended = pin!(api.app.runs.all_ended());
    assert!(ended.as_mut().now_or_never().is_none());
    assert_eq!(places("promptchain_runs_active").await, 1.0);
    for _ in 0..2 {
        assert_eq!(api.ask(Ask::whole()).await.code(), "shutting_down");
    }
    let refused = Scraped::of(&api).await.counted("promptchain_runs_refused_total");
    assert_eq!(refused, ["reason=draining 2", "reason=full 1"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_text_of_a_stream_is_timed_once_and_of_nothing_else() {
    let later = |text| Reply::text(text).after(SECOND);
    let script = || [later(ANALYSIS), later(DRAFT), later(ANSWER)];
    let api = Api::new(script().into_iter().chain(script()).chain(good_until(1, [Reply::status(400)])));
    api.stream(Ask::streamed()).await.rest().await;
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    api.stream(Ask::streamed()).await.rest().await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value("promptchain_first_text_seconds_count"), 1.0);
    assert_eq!(scraped.value("promptchain_first_text_seconds_sum"), 3.0);
}
