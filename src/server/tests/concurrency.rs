//! How many runs there are at a time, and how they end when the server does.

use std::pin::pin;

use futures_util::FutureExt as _;

use super::*;

const ONE_RUN: Variables<'_> = &[("MAX_CONCURRENT_RUNS", "1")];

/// A run that comes as far as process, and then gets no answer.
fn stuck() -> Vec<Reply> {
    good_until(1, [Reply::hang()])
}

#[track_caller]
fn check_refusal(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (503, code), "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some("1"));
    answer.check_headers(code);
    answer.check_error(code);
}

#[tokio::test(start_paused = true)]
async fn as_many_runs_as_allowed_go_on_at_a_time_and_the_next_is_told_to_come_back() {
    let two = [("MAX_CONCURRENT_RUNS", "2")];
    // The first is read no further than to its head, which comes with the end of analyze.
    let api = Api::with(&two, stuck());
    let _streamed = api.stream(Ask::streamed()).await;
    let mut waiting = pin!(api.ask(Ask::whole()));
    assert!(waiting.as_mut().now_or_never().is_none());
    for ask in [Ask::whole(), Ask::streamed()] {
        check_refusal(&api.ask(ask).await, "overloaded");
    }
    assert_eq!(api.ask(Ask::models()).await.status, 200, "what isn't a run is served");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_a_run_has_ended_well_or_badly() {
    let script = good_replies().into_iter().chain([Reply::status(400)]).chain(good_replies());
    let api = Api::with(ONE_RUN, script);
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    assert_eq!(api.ask(Ask::whole()).await.status, 502);
    assert_eq!(api.ask(Ask::streamed()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_place_is_free_again_when_a_client_has_left() {
    let script = stuck().into_iter().chain([Reply::hang()]).chain(good_replies());
    let api = Api::with(ONE_RUN, script);
    let streamed = api.stream(Ask::streamed()).await;
    check_refusal(&api.ask(Ask::whole()).await, "overloaded");
    drop(streamed);
    {
        let mut waiting = pin!(api.ask(Ask::whole()));
        assert!(waiting.as_mut().now_or_never().is_none());
        check_refusal(&api.ask(Ask::whole()).await, "overloaded");
    }
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_refused_takes_no_place() {
    let api = Api::with(ONE_RUN, good_replies());
    for _ in 0..3 {
        let unknown = Ask::chat(serde_json::json!({"model": "gpt-9"}));
        assert_eq!(api.ask(unknown).await.status, 404);
    }
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drains_begins_no_run_and_ends_those_under_way() {
    let script = good_replies().map(|reply| reply.after(SECOND));
    let api = Api::new(script);
    let streamed = api.stream(Ask::streamed()).await;
    api.app.lifecycle.drain();
    for ask in [Ask::whole(), Ask::streamed()] {
        check_refusal(&api.ask(ask).await, "shutting_down");
    }
    assert_eq!(api.ask(Ask::models()).await.status, 200);
    let rest = streamed.rest().await;
    assert!(rest.contains("finish stop") && rest.ends_with("[DONE]"), "{rest}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_cut_ends_with_an_error_and_its_call_with_it() {
    let api = Api::new(stuck());
    let mut streamed = api.stream(Ask::streamed()).await;
    streamed.next().await.expect("the role");
    assert!(streamed.next().now_or_never().is_none());
    api.app.lifecycle.cut();
    insta::assert_snapshot!(streamed.rest().await, @r#"
    error {"message":"The server is shutting down; another one, or this one later, can take the request","type":"server_error","param":null,"code":"shutting_down","step":null,"phase":null,"timeout_seconds":null}
    [DONE]
    "#);
    assert_eq!(api.model.open_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_still_waits_when_runs_are_cut_gets_a_503() {
    for ask in [Ask::whole(), Ask::streamed()] {
        let api = Api::new([Reply::hang()]);
        let cut = async {
            tokio::time::sleep(SECOND).await;
            api.app.lifecycle.cut();
        };
        let (answer, ()) = tokio::join!(api.ask(ask), cut);
        check_refusal(&answer, "shutting_down");
        assert_eq!(api.model.open_calls(), 0);
    }
}
