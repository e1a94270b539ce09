//! Streams, by how they end.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use super::*;

/// Strict gates, which neither repair nor let anything pass.
const STRICT: Variables<'_> = &[("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")];

/// How the stream of that script ends.
async fn end_of_stream(variables: Variables<'_>, script: Vec<Reply>) -> Vec<String> {
    let api = Api::with(variables, script);
    api.stream(Ask::streamed()).await.rest().await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value("promptchain_streams_active"), 0.0);
    scraped.counted("promptchain_stream_end_total")
}

#[tokio::test(start_paused = true)]
async fn streams_are_counted_by_why_they_ended() {
    let begun = |then: Vec<Act>| good_until(2, [Reply::partial(r#"{"final_text":"Hello"#, then)]);
    let failed = |kind: CallErrorKind| begun(vec![Act::Fail(kind.into())]);
    let event = CallErrorKind::ErrorEvent { error_type: "overloaded_error".into(), message: String::new() };
    let slow = begun(trickle(100, SECOND).collect());
    for (variables, script, reason) in [
        (&[][..], good_replies().to_vec(), "complete"),
        (&[], failed(event), "upstream_error"),
        (&[("STREAMING_TIMEOUT", "3")], begun(vec![Act::Hang]), "upstream_error"),
        (&[], failed(CallErrorKind::Truncated), "upstream_truncated"),
        (&[], failed(CallErrorKind::Interrupted("reset".into())), "upstream_truncated"),
        (&[], slow, "deadline"),
        (STRICT, good_until(2, [Reply::text("no JSON")]), "rejected"),
        (&[], begun(vec![Act::Wait(SECOND), Act::Panic]), "internal"),
    ] {
        assert_eq!(end_of_stream(variables, script).await, [format!("reason={reason} 1")]);
    }
    let early = Api::with(ONE_ATTEMPT, [Reply::status(500)]);
    assert_eq!(early.ask(Ask::streamed()).await.status, 502);
    let scraped = Scraped::of(&early).await;
    assert_eq!(scraped.counted("promptchain_stream_end_total"), [""; 0], "no stream had begun");
}

#[tokio::test(start_paused = true)]
async fn streams_that_clients_or_the_server_end_are_told_apart() {
    let hanging = || good_until(2, [Reply::partial(r#"{"final_text":"Hello"#, [Act::Hang])]);
    let api = Api::new(hanging().into_iter().chain(hanging()).chain(hanging()));
    let mut frames = api.stream(Ask::streamed()).await;
    frames.next().await.expect("the role");
    assert_eq!(Scraped::of(&api).await.value("promptchain_streams_active"), 1.0);
    drop(frames);
    assert_eq!(Scraped::of(&api).await.counted("promptchain_stream_end_total"), ["reason=client_gone 1"]);

    let mut late = api.stream(Ask::streamed()).await;
    late.next().await.expect("the role");
    tokio::time::advance(100 * SECOND).await;
    drop(late);
    let frames = api.stream(Ask::streamed()).await;
    api.app.lifecycle.drain();
    api.app.lifecycle.cut();
    frames.rest().await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(
        scraped.counted("promptchain_stream_end_total"),
        ["reason=client_gone 1", "reason=deadline 1", "reason=shutdown 1"]
    );
    let runs = scraped.counted("promptchain_request_duration_seconds_count");
    assert_eq!(
        runs,
        [
            "stream=true,outcome=cancelled 1",
            "stream=true,outcome=shutdown 1",
            "stream=true,outcome=timeout 1"
        ]
    );
    assert_eq!(scraped.value("promptchain_draining"), 1.0);
    let cancelled = scraped.counted("promptchain_upstream_cancel_seconds_count");
    assert_eq!(cancelled, ["phase=mid_stream 3"]);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_counted() {
    let patient = [("CHAIN_ANALYZE_TIMEOUT", "40"), ("STREAM_HEARTBEAT_SECONDS", "5")];
    let [_, draft, answer] = good_replies();
    let api = Api::with(&patient, [Reply::text(ANALYSIS).after(13 * SECOND), draft, answer]);
    api.stream(Ask::streamed()).await.rest().await;
    assert_eq!(Scraped::of(&api).await.value("promptchain_stream_heartbeats_total"), 2.0);
}
