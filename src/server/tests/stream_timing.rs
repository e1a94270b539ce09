//! When a stream begins, and what it says while there is nothing to say.

use insta::assert_snapshot;
use tokio::time::Instant;

use super::*;

/// Enough time for any wait in these tests.
const PATIENT: Variables<'_> = &[
    ("CHAIN_ANALYZE_TIMEOUT", "100"),
    ("CHAIN_PROCESS_TIMEOUT", "100"),
    ("CHAIN_SYNTHESIZE_TIMEOUT", "100"),
    ("WORKER_COORDINATION_TIMEOUT", "200"),
    ("SYNTHESIS_TIMEOUT", "100"),
];

fn patient<'a>(further: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [PATIENT, further].concat()
}

/// How long the head of a response takes if analyze takes that long.
async fn head_after(variables: Variables<'_>, analyze: Duration) -> Duration {
    let api = Api::with(&patient(variables), [Reply::text(ANALYSIS).after(analyze), Reply::hang()]);
    let asked = Instant::now();
    let frames = api.stream(Ask::streamed()).await;
    let waited = asked.elapsed();
    // Long enough for analyze to end, and for process to begin.
    assert!(tokio::time::timeout(20 * SECOND, frames.rest()).await.is_err());
    waited
}

#[tokio::test(start_paused = true)]
async fn the_head_comes_when_analyze_has_ended_or_after_two_seconds() {
    assert_eq!(head_after(&[], Duration::ZERO).await, Duration::ZERO);
    assert_eq!(head_after(&[], SECOND).await, SECOND);
    assert_eq!(head_after(&[], 10 * SECOND).await, 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn how_long_the_head_waits_can_be_set() {
    let waiting = |milliseconds| [("STREAM_COMMIT_MS", milliseconds)];
    assert_eq!(head_after(&waiting("0"), SECOND).await, Duration::ZERO);
    assert_eq!(head_after(&waiting("500"), SECOND).await, SECOND / 2);
    assert_eq!(head_after(&waiting("5000"), 10 * SECOND).await, 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_early_failure_has_a_real_status_and_a_late_one_is_an_error_event() {
    let failing = |after| [Reply::status(400).after(after)];
    let api = Api::with(&patient(&[]), failing(SECOND));
    let answer = api.ask(Ask::streamed()).await;
    assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_error"));
    answer.check_error("502");

    let api = Api::with(&patient(&[]), failing(3 * SECOND));
    assert_snapshot!(api.stream(Ask::streamed()).await.timed().await, @r#"
    after 0s
      {"role":"assistant","content":""}
    after 1s
      error {"message":"The model provider refused the request of analyze","type":"server_error","param":null,"code":"upstream_error","step":"analyze","phase":null,"timeout_seconds":null}
      [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_goes_out_alone_whenever_nothing_has_been_sent_for_ten_seconds() {
    let [analysis, draft, answer] = good_replies();
    let api = Api::with(&patient(&[]), [analysis, draft.after(35 * SECOND), answer.after(12 * SECOND)]);
    assert_snapshot!(api.stream(Ask::streamed()).await.timed().await, @r#"
    after 0s
      {"role":"assistant","content":""}
    after 10s
      {"content":""}
    after 20s
      {"content":""}
    after 30s
      {"content":""}
    after 40s
      {"content":""}
    after 47s
      {"content":"Hello,"}
      {"content":" world!"}
      {} finish stop
      [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn how_often_a_heartbeat_comes_can_be_set() {
    let [analysis, draft, answer] = good_replies();
    let often = patient(&[("STREAM_HEARTBEAT_SECONDS", "2")]);
    let api = Api::with(&often, [analysis, draft.after(5 * SECOND), answer]);
    let timed = api.stream(Ask::streamed()).await.timed().await;
    let writes: Vec<&str> = timed.lines().filter(|line| line.starts_with("after")).collect();
    assert_eq!(writes, ["after 0s", "after 2s", "after 4s", "after 5s"], "{timed}");
}

#[tokio::test(start_paused = true)]
async fn text_that_keeps_coming_keeps_heartbeats_away() {
    let begun = Reply::partial(r#"{"final_text":""#, trickle(4, 6 * SECOND).chain(ending()));
    let api = Api::with(&patient(&[]), good_until(2, [begun]));
    assert_snapshot!(api.stream(Ask::streamed()).await.timed().await, @r#"
    after 0s
      {"role":"assistant","content":""}
    after 6s
      {"content":"x"}
    after 12s
      {"content":"x"}
    after 18s
      {"content":"x"}
    after 24s
      {"content":"x"}
      {} finish stop
      [DONE]
    "#);
}

/// The end of a reply, after its text.
fn ending() -> [Act; 3] {
    let usage = crate::model::Usage { output: Some(5), ..Default::default() };
    [
        Act::Event(ReplyEvent::Text(r#"","formatting":"plain"}"#.into())),
        Act::Event(ReplyEvent::Stopped { reason: StopReason::EndTurn, usage }),
        Act::Event(ReplyEvent::Finished),
    ]
}
