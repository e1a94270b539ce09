//! Clients that go away: noticed in every phase, at once.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::client::send_message;
use super::*;

const PACE: Duration = Duration::from_secs(10);

/// Reads until `text` has come.
async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut seen = Vec::new();
    let mut buffer = [0; 512];
    while !String::from_utf8_lossy(&seen).contains(text) {
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the connection ended early");
        seen.extend_from_slice(&buffer[..read]);
    }
}

/// Drops the client; says what the log makes of it, and how long after the drop it was noticed.
async fn leave(simulator: &Simulator, client: TcpStream) -> (LogEntry, Phase, u64, Duration) {
    let left_at = Instant::now();
    drop(client);
    let entry = simulator.log().wait_until_ended(1).await.remove(0);
    let Some(End::ClientLeft { at, phase, bytes_sent }) = entry.end else {
        panic!("the client left, but the log says {:?}", entry.end)
    };
    assert_eq!(entry.ended_at, Some(at));
    (entry, phase, bytes_sent, at - left_at)
}

async fn wait_for_fault(simulator: &Simulator) {
    simulator.log().wait_for(|entries| entries.iter().any(|entry| entry.fault.is_some())).await;
}

#[tokio::test(start_paused = true)]
async fn leaving_before_the_head_costs_nothing() {
    let simulator = simulator("hang-before-head").await;
    let client = send_message(&simulator, &request(Step::Process, true)).await;
    wait_for_fault(&simulator).await;
    tokio::time::advance(Duration::from_secs(7)).await;
    let (entry, phase, bytes_sent, late) = leave(&simulator, client).await;
    assert_eq!((phase, bytes_sent, late), (Phase::BeforeHead, 0, Duration::ZERO));
    assert_eq!(entry.ended_at.unwrap() - entry.started_at, Duration::from_secs(7));
    assert_eq!((entry.status, entry.ledger), (None, Ledger::default()));
}

#[tokio::test(start_paused = true)]
async fn leaving_amid_a_hanging_reply_is_billed_up_to_there() {
    let simulator = simulator("hang-mid-reply=4").await;
    let mut client = send_message(&simulator, &request(Step::Process, true)).await;
    read_until(&mut client, "event: content_block_delta").await;
    let (entry, phase, bytes_sent, late) = leave(&simulator, client).await;
    assert_eq!((phase, late), (Phase::MidReply, Duration::ZERO));
    assert!(bytes_sent > 500, "{bytes_sent}");
    assert!((1..=10).contains(&entry.ledger.output_tokens), "{:?}", entry.ledger);
    assert!(entry.ledger.input_tokens > 20);
}

#[tokio::test(start_paused = true)]
async fn leaving_while_text_is_paced_is_noticed_between_two_deltas() {
    let config = SimulatorConfig { pacing: Pacing::PerDelta(PACE), ..SimulatorConfig::default() };
    let simulator = Simulator::start(config).await.unwrap();
    let mut client = send_message(&simulator, &request(Step::Process, true)).await;
    read_until(&mut client, "event: content_block_delta").await;
    let (entry, phase, _, late) = leave(&simulator, client).await;
    assert_eq!(phase, Phase::MidReply);
    assert!(late <= PACE, "noticed after {late:?}");
    assert!((1..10).contains(&entry.ledger.output_tokens), "{:?}", entry.ledger);
}

#[tokio::test(start_paused = true)]
async fn leaving_a_drip_is_noticed_between_two_bytes() {
    let simulator = simulator("slow-drip=10000").await;
    let mut client = send_message(&simulator, &request(Step::Process, true)).await;
    // The first bytes are "event", each in a chunk of its own.
    read_until(&mut client, "v\r\n1\r\ne\r\n").await;
    let (_, phase, bytes_sent, late) = leave(&simulator, client).await;
    assert_eq!(phase, Phase::MidReply);
    assert!((3..=4).contains(&bytes_sent), "{bytes_sent}");
    assert!(late <= PACE, "noticed after {late:?}");
}

#[tokio::test(start_paused = true)]
async fn leaving_while_a_whole_message_is_made_is_billed_up_to_there() {
    let config = SimulatorConfig {
        first_token_delay: PACE,
        pacing: Pacing::PerDelta(PACE),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(config).await.unwrap();
    let client = send_message(&simulator, &request(Step::Process, false)).await;
    simulator.log().wait_for(|entries| entries.iter().any(|entry| entry.ledger.input_tokens > 0)).await;
    tokio::time::sleep(PACE * 2 + PACE / 2).await;
    let (entry, phase, bytes_sent, late) = leave(&simulator, client).await;
    assert_eq!((phase, bytes_sent), (Phase::BeforeHead, 0));
    assert!(late <= PACE, "noticed after {late:?}");
    assert!((1..15).contains(&entry.ledger.output_tokens), "{:?}", entry.ledger);
}

#[tokio::test]
async fn leaving_amid_ones_own_request_ends_the_entry() {
    let simulator = simulator("").await;
    let mut client = TcpStream::connect(simulator.addr()).await.unwrap();
    let head = "POST /v1/messages HTTP/1.1\r\nhost: s\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{\"model\":";
    client.write_all(head.as_bytes()).await.unwrap();
    simulator.log().wait_for(|entries| !entries.is_empty()).await;
    let (entry, phase, bytes_sent, _) = leave(&simulator, client).await;
    assert_eq!((phase, bytes_sent, entry.ledger), (Phase::BeforeHead, 0, Ledger::default()));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_only_its_own_side_has_left_too() {
    let simulator = simulator("hang-before-head").await;
    let mut client = send_message(&simulator, &request(Step::Process, true)).await;
    wait_for_fault(&simulator).await;
    client.shutdown().await.unwrap();
    let entry = simulator.log().wait_until_ended(1).await.remove(0);
    assert!(matches!(entry.end, Some(End::ClientLeft { phase: Phase::BeforeHead, .. })));
}
