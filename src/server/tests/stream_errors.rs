//! A stream that ends badly says so: an error, then `[DONE]`, and never a reason why it would have finished.

use insta::assert_snapshot;

use super::*;

/// The last two events of a stream, and a check that nothing before them ends it.
#[track_caller]
fn end_of(events: &str) -> String {
    assert!(!events.contains("finish"), "{events}");
    let lines: Vec<&str> = events.lines().collect();
    let (before, end) = lines.split_at(lines.len() - 2);
    assert!(!before.iter().any(|line| line.starts_with("error") || *line == "[DONE]"), "{events}");
    end.join("\n")
}

/// The end of a stream of that script.
async fn end(variables: Variables<'_>, script: Vec<Reply>) -> String {
    let api = Api::with(variables, script);
    let end = end_of(&api.stream(Ask::streamed()).await.rest().await);
    assert_eq!(api.model.open_calls(), 0);
    end
}

/// A synthesis that begins like that.
fn begun(then: impl IntoIterator<Item = Act>) -> Vec<Reply> {
    good_until(2, [Reply::partial(r#"{"final_text":"Hello, wor"#, then)])
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_breaks_off_after_text_has_left_ends_the_stream_with_an_error() {
    let reset = CallErrorKind::Interrupted("connection reset".into());
    let api = Api::new(begun([Act::Fail(reset.into())]));
    let after_reset = api.stream(Ask::streamed()).await.rest().await;
    assert_snapshot!(after_reset, @r#"
    {"role":"assistant","content":""}
    {"content":"Hello,"}
    {"content":" wor"}
    error {"message":"The model provider failed in synthesize","type":"server_error","param":null,"code":"upstream_error","step":"synthesize","phase":null,"timeout_seconds":null}
    [DONE]
    "#);
    let api = Api::new(begun([]));
    assert_eq!(
        api.stream(Ask::streamed()).await.rest().await,
        after_reset,
        "a reply that just ends is no success"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_process_ends_the_stream_with_an_error() {
    let end = end(&[], good_until(1, [Reply::status(401)])).await;
    assert_snapshot!(end, @r#"
    error {"message":"The model provider refused this server's credentials","type":"server_error","param":null,"code":"upstream_credentials","step":"process","phase":null,"timeout_seconds":null}
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn strict_gates_end_the_stream_with_an_error() {
    let strict = [("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")];
    let end = end(&strict, good_until(2, [Reply::text("no JSON")])).await;
    assert_snapshot!(end, @r#"
    error {"message":"synthesize was rejected by its gate: no JSON object in the reply","type":"gate_error","param":null,"code":"gate_rejected","step":"synthesize","phase":null,"timeout_seconds":null}
    [DONE]
    "#);
}

/// Long enough steps for their phase to end first.
const LONG_STEPS: Variables<'_> =
    &[("CHAIN_ANALYZE_TIMEOUT", "40"), ("CHAIN_PROCESS_TIMEOUT", "40"), ("CHAIN_SYNTHESIZE_TIMEOUT", "40")];

/// A second after another, without an end.
fn slow(text: &str) -> Reply {
    Reply::partial(text, trickle(100, SECOND))
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_takes_too_long_is_named_with_its_limit() {
    let analysis = Reply::text(ANALYSIS).after(15 * SECOND);
    assert_snapshot!(end(LONG_STEPS, vec![analysis, slow("")]).await, @r#"
    error {"message":"Streaming operation timed out during worker coordination phase after 45s","type":"streaming_timeout_error","param":null,"code":"timeout","step":"process","phase":"worker coordination","timeout_seconds":45.0}
    [DONE]
    "#);
    let answer = slow(r#"{"final_text":""#);
    assert_snapshot!(end(LONG_STEPS, good_until(2, [answer])).await, @r#"
    error {"message":"Streaming operation timed out during synthesis phase after 30s","type":"streaming_timeout_error","param":null,"code":"timeout","step":"synthesize","phase":"synthesis","timeout_seconds":30.0}
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn where_a_steps_own_limit_fires_first_it_is_named_with_the_step() {
    assert_snapshot!(end(&[], vec![slow("")]).await, @r#"
    error {"message":"Streaming operation timed out during worker coordination phase after 15s (the limit on analyze)","type":"streaming_timeout_error","param":null,"code":"timeout","step":"analyze","phase":"worker coordination","timeout_seconds":15.0}
    [DONE]
    "#);
    let short = [("CHAIN_PROCESS_TIMEOUT", "5")];
    assert_snapshot!(end(&short, good_until(1, [slow("")])).await, @r#"
    error {"message":"Streaming operation timed out during worker coordination phase after 5s (the limit on process)","type":"streaming_timeout_error","param":null,"code":"timeout","step":"process","phase":"worker coordination","timeout_seconds":5.0}
    [DONE]
    "#);
    assert_snapshot!(end(&[], good_until(2, [slow(r#"{"final_text":""#)])).await, @r#"
    error {"message":"Streaming operation timed out during synthesis phase after 20s (the limit on synthesize)","type":"streaming_timeout_error","param":null,"code":"timeout","step":"synthesize","phase":"synthesis","timeout_seconds":20.0}
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_limit_on_the_whole_run_is_named_as_such() {
    let api = Api::tuned(&[], |chain| chain.limits.run = Some(4 * SECOND), good_until(1, [slow("")]));
    assert_snapshot!(end_of(&api.stream(Ask::streamed()).await.rest().await), @r#"
    error {"message":"Streaming operation timed out during worker coordination phase after 4s (the limit on the whole run)","type":"streaming_timeout_error","param":null,"code":"timeout","step":"process","phase":"worker coordination","timeout_seconds":4.0}
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_falls_silent_is_a_timeout_too() {
    let silence = [("STREAMING_TIMEOUT", "3")];
    assert_snapshot!(end(&silence, begun([Act::Hang])).await, @r#"
    error {"message":"Streaming operation timed out during synthesis phase after 3s of silence in synthesize","type":"streaming_timeout_error","param":null,"code":"timeout","step":"synthesize","phase":"synthesis","timeout_seconds":3.0}
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_midst_of_a_stream_ends_it_with_an_error_and_leaves_the_server_alone() {
    let one_run = [("MAX_CONCURRENT_RUNS", "1")];
    let script = begun([Act::Wait(SECOND), Act::Panic]).into_iter().chain(good_replies());
    let api = Api::with(&one_run, script);
    let events = api.stream(Ask::streamed()).await.rest().await;
    assert_snapshot!(end_of(&events), @r#"
    error {"message":"The server has failed; its log says more under this request's id","type":"server_error","param":null,"code":"internal_error","step":null,"phase":null,"timeout_seconds":null}
    [DONE]
    "#);
    assert_eq!(api.model.open_calls(), 0);
    assert_eq!(api.ask(Ask::whole()).await.status, 200, "its place is free");
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_the_head_is_held_is_a_500_and_leaves_the_server_alone() {
    let one_run = [("MAX_CONCURRENT_RUNS", "1")];
    let bug = || Reply::partial("{", [Act::Panic]);
    let api = Api::with(&one_run, [bug(), bug()].into_iter().chain(good_replies()));
    for ask in [Ask::streamed(), Ask::whole()] {
        let answer = api.ask(ask).await;
        assert_eq!((answer.status, answer.code().as_str()), (500, "internal_error"));
        assert_eq!(answer.header("x-should-retry"), Some("false"));
        assert!(!answer.everything().contains("scripted"), "{answer:?}");
    }
    assert_eq!(api.ask(Ask::whole()).await.status, 200, "its place is free");
}
