//! Faults of the connection and of the stream, as a client meets them.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};

use super::client::{Answer, ask_message, read, send_message};
use super::*;

async fn broken_off(rule: &str, stream: bool) -> Answer {
    let simulator = simulator(rule).await;
    let answer = ask_message(&simulator, &request(Step::Process, stream)).await;
    let entry = simulator.log().wait_until_ended(1).await.remove(0);
    assert_eq!(entry.end, Some(End::AbortedByFault), "{rule}");
    answer
}

#[tokio::test]
async fn a_reset_before_the_head_sends_nothing() {
    let answer = broken_off("reset-before-head", true).await;
    assert_eq!((answer.head.as_str(), answer.error), ("", Some(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn a_reset_amid_the_reply_is_an_error_after_what_was_sent() {
    let answer = broken_off("reset-mid-reply=3", true).await;
    assert_eq!((answer.status, answer.error), (200, Some(ErrorKind::ConnectionReset)));
    assert_eq!((answer.deltas().len(), answer.complete), (3, false));
}

#[tokio::test]
async fn a_close_amid_the_reply_is_an_end_without_the_last_chunk() {
    let answer = broken_off("close-mid-reply=3", true).await;
    assert_eq!((answer.deltas().len(), answer.complete, answer.error), (3, false, None));
}

#[tokio::test]
async fn a_truncated_reply_ends_properly_without_its_last_event() {
    let answer = broken_off("truncated=3", true).await;
    assert_eq!((answer.deltas().len(), answer.complete, answer.error), (3, true, None));
    assert!(!answer.text().contains("message_stop"));
}

#[tokio::test]
async fn an_error_event_ends_the_stream_before_or_amid_the_text() {
    for (rule, deltas) in [("error-event", 0), ("error-event-mid-reply=2", 2)] {
        let answer = broken_off(rule, true).await;
        let (name, data) = answer.events().pop().unwrap();
        assert_eq!((name.as_str(), &data["error"]["type"]), ("error", &json!("overloaded_error")));
        assert_eq!((answer.deltas().len(), answer.complete), (deltas, true), "{rule}");
    }
}

#[tokio::test]
async fn the_ledger_has_no_less_than_what_was_told_and_the_log_what_was_to_be_said() {
    for (rule, deltas) in [("error-event", 0), ("truncated=0", 0), ("truncated=2", 2)] {
        let simulator = simulator(rule).await;
        let answer = ask_message(&simulator, &request(Step::Process, true)).await;
        let entry = simulator.log().wait_until_ended(1).await.remove(0);
        let (_, start) = answer.events().remove(0);
        let told = start["message"]["usage"]["output_tokens"].as_u64().unwrap();
        assert!(told > 0 && entry.ledger.output_tokens >= told, "{rule}: {:?}", entry.ledger);
        let reply = entry.reply.unwrap();
        assert_eq!(answer.deltas().len(), deltas);
        assert!(reply.starts_with(&answer.deltas().concat()) && reply.ends_with('}'), "{rule}: {reply}");
    }
}

#[tokio::test]
async fn half_of_a_whole_message_is_sent_before_it_breaks_off() {
    for (rule, complete, error) in [
        ("reset-mid-reply", false, Some(ErrorKind::ConnectionReset)),
        ("close-mid-reply", false, None),
        ("truncated", true, None),
    ] {
        let answer = broken_off(rule, false).await;
        assert_eq!((answer.complete, answer.error), (complete, error), "{rule}");
        assert!(answer.text().starts_with(r#"{"id":"msg_sim_"#));
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    }
}

#[tokio::test]
async fn without_a_parameter_half_of_the_deltas_go_out() {
    let whole = ask_message(&simulator("").await, &request(Step::Process, true)).await.deltas().len();
    assert_eq!(broken_off("truncated", true).await.deltas().len(), whole / 2);
}

#[tokio::test(start_paused = true)]
async fn a_hang_before_the_head_never_answers() {
    let simulator = simulator("hang-before-head").await;
    let stream = send_message(&simulator, &request(Step::Process, true)).await;
    assert!(timeout(Duration::from_hours(1), read(stream)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_hang_amid_the_reply_falls_silent_with_the_connection_open() {
    let simulator = simulator("hang-mid-reply=2").await;
    let mut stream = send_message(&simulator, &request(Step::Process, true)).await;
    let seen = read_for(&mut stream, Duration::from_hours(1)).await;
    assert_eq!(seen.matches("text_delta").count(), 2);
    assert!(!seen.contains("message_stop"));
}

#[tokio::test(start_paused = true)]
async fn pings_alone_come_for_ever_at_their_interval() {
    let simulator = simulator("pings-only=1000").await;
    let mut stream = send_message(&simulator, &request(Step::Process, true)).await;
    let seen = read_for(&mut stream, Duration::from_millis(10_500)).await;
    assert_eq!(seen.matches("event: ping").count(), 11, "one after message_start, and one a second");
    assert!(!seen.contains("content_block"));
}

#[tokio::test(start_paused = true)]
async fn a_slow_drip_sends_every_byte_by_itself() {
    let simulator = simulator("slow-drip=10").await;
    let started = Instant::now();
    let answer = ask_message(&simulator, &request(Step::Analyze, true)).await;
    let bytes = u32::try_from(answer.body.len()).unwrap();
    assert_eq!(started.elapsed().as_millis(), u128::from(bytes) * 10);
    assert!(answer.text().ends_with("data: {\"type\":\"message_stop\"}\n\n"));
}

/// What arrives within that time.
async fn read_for(stream: &mut tokio::net::TcpStream, time: Duration) -> String {
    let until = Instant::now() + time;
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(Ok(read)) = tokio::time::timeout_at(until, stream.read(&mut buffer)).await {
        assert_ne!(read, 0, "the connection stays open");
        seen.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(seen).unwrap()
}
