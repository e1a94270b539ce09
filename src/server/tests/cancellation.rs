//! A client that leaves, at any moment, ends its run: the call is dropped at once, and nothing further is
//! begun.

use std::pin::pin;

use super::*;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

/// A reply that has begun, and doesn't come to an end.
fn begun() -> Reply {
    Reply::partial(r#"{"content":"a long enough beginning of a reply"#, [Act::Hang])
}

/// Sends the request, and leaves after a second.
async fn leave(api: &Api, ask: Ask) {
    {
        let read = async {
            let response = api.open(ask).await;
            Answer::read(response).await
        };
        let mut read = pin!(read);
        assert!(tokio::time::timeout(SECOND, read.as_mut()).await.is_err(), "it isn't answered");
        assert!(api.model.open_calls() > 0);
    }
    assert_eq!(api.model.open_calls(), 0, "the call is dropped at once");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_ends_the_call_in_flight_in_every_step_and_nothing_further_is_begun() {
    for ask in [Ask::whole as fn() -> Ask, Ask::streamed] {
        for step in 0..3 {
            let api = Api::new(good_until(step, [begun()]));
            leave(&api, ask()).await;
            tokio::time::advance(100 * SECOND).await;
            assert_eq!(api.model.requests().len(), step + 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_while_an_attempt_is_waited_for_ends_that_too() {
    for ask in [Ask::whole(), Ask::streamed()] {
        let error = CallError { retry_after: Some(5 * SECOND), ..crate::model::scripted::status_error(529) };
        let api = Api::new([Reply::error(error)]);
        let asked = async { Answer::read(api.open(ask).await).await };
        assert!(tokio::time::timeout(SECOND, asked).await.is_err());
        tokio::time::advance(100 * SECOND).await;
        assert_eq!(api.model.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_is_logged_once_with_what_was_spent() {
    for ask in [Ask::whole as fn() -> Ask, Ask::streamed] {
        let captured = Captured::from_level(LogLevel::Info);
        let api = Api::new(good_until(1, [begun()]));
        leave(&api, ask().header("x-request-id", "mine-1")).await;
        let [end] = &captured.about("Chat completion request")[..] else { panic!("{}", captured.text()) };
        assert_eq!(end["message"], "Chat completion request cancelled");
        assert_eq!((&end["level"], &end["model"]), (&"INFO".into(), &"prompt-chaining".into()));
        assert_eq!((&end["request_id"], &end["user_id"]), (&"mine-1".into(), &"alice".into()));
        assert_eq!((&end["input_tokens"], &end["output_tokens"]), (&20.into(), &6.into()));
        assert_eq!((&end["usage_complete"], &end["usage_estimated"]), (&false.into(), &true.into()));
        assert_eq!(end["steps"], "analyze 0ms");
        let [access] = &captured.about("Client left before the response's end")[..] else {
            panic!("{}", captured.text())
        };
        assert_eq!((&access["request_id"], &access["response_time"]), (&"mine-1".into(), &1.0.into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_after_the_last_byte_has_not_left_early() {
    let captured = Captured::from_level(LogLevel::Info);
    let api = Api::new(good_replies());
    let mut frames = api.stream(Ask::streamed()).await;
    while frames.next().await.is_some_and(|write| !write.ends_with("[DONE]")) {}
    drop(frames);
    assert_eq!(captured.about("Chat completion request completed").len(), 1);
    assert_eq!(captured.about("Chat completion request").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_back_late_to_be_read_finds_that_the_time_is_over() {
    let captured = Captured::from_level(LogLevel::Info);
    let api = Api::new(good_until(2, [Reply::partial(r#"{"final_text":"Hello"#, trickle(100, SECOND))]));
    let mut frames = api.stream(Ask::streamed()).await;
    frames.next().await.expect("the role");
    tokio::time::advance(100 * SECOND).await;
    drop(frames);
    assert_eq!(api.model.open_calls(), 0);
    let [end] = &captured.about("Chat completion request")[..] else { panic!("{}", captured.text()) };
    assert_eq!(
        (&end["message"], &end["error_code"]),
        (&"Chat completion request failed".into(), &"timeout".into())
    );
}
