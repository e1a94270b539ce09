//! Process divided among workers, served: the answer, and a client that leaves while several parts hang.

use std::time::Duration;

use promptchain::simulator::{End, LogEntry, Phase, Step};
use tokio::time::Instant;

use crate::support::{Leaving, Request, Served, Upstream, chat_by, question, token};

const QUESTIONS: &str = "What is ownership? What is borrowing? What are lifetimes? What are traits?";
const PARTS: usize = 4;
const WORKERS: (&str, &str) = ("CHAIN_PROCESS_WORKERS", "4");

/// How long the upstream may be left in the dark.
const LIMIT: Duration = Duration::from_millis(250);

fn ask(stream: bool) -> Request {
    chat_by(token(), &question(QUESTIONS, stream))
}

#[test]
fn a_served_answer_has_all_parts_in_order() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[WORKERS]);
    for stream in [false, true] {
        let answer = served.ask(&ask(stream)).answer();
        let titles: Vec<&str> = answer.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(titles, ["Ownership", "Borrowing", "Lifetimes", "Traits"], "{answer}");
    }
    assert_eq!(upstream.calls().len(), 2 * (PARTS + 2));
}

/// Asks, leaves when all parts hang, and returns how long the simulator didn't know, of each part.
fn leave(
    upstream: &Upstream,
    served: &Served,
    phase: Phase,
    stream: bool,
    leaving: Leaving,
) -> Vec<Duration> {
    let id = format!("{phase:?}-{stream}-{leaving:?}");
    let parts = |calls: &[LogEntry]| -> Vec<LogEntry> {
        let of_mine = calls.iter().filter(|call| call.x_request_id.as_deref() == Some(&id));
        of_mine.filter(|call| call.step == Some(Step::Process)).cloned().collect()
    };
    let mut client = served.connect();
    client.send(ask(stream).header("X-Request-ID", &id).bytes());
    let hangs = |call: &LogEntry| call.fault.is_some() && call.status.is_some() == (phase == Phase::MidReply);
    upstream.wait_for(|calls| parts(calls).iter().filter(|call| hangs(call)).count() == PARTS);

    let left_at = Instant::now();
    let socket = client.leave(leaving);
    let calls = upstream.wait_for(|calls| parts(calls).iter().all(|call| call.end.is_some()));
    served.log().wait_for_request("Client left before the response's end", &id);
    drop(socket);
    let unaware = parts(&calls).into_iter().map(|call| match call.end {
        Some(End::ClientLeft { at, phase: reached, .. }) if reached == phase => at - left_at,
        _ => panic!("{id}: {call:?}"),
    });
    unaware.collect()
}

#[test]
fn a_client_that_leaves_ends_the_calls_of_all_parts() {
    for (phase, fault) in
        [(Phase::BeforeHead, "process:hang-before-head"), (Phase::MidReply, "process:hang-mid-reply")]
    {
        let upstream = Upstream::with_faults(&[fault]);
        let served = upstream.serve(&[WORKERS]);
        let mut asked = 0;
        for stream in [false, true] {
            for leaving in [Leaving::Fin, Leaving::Rst] {
                let unaware = leave(&upstream, &served, phase, stream, leaving);
                let seen = format!("{phase:?} {stream} {leaving:?}: {unaware:?}");
                assert_eq!(unaware.len(), PARTS, "{seen}");
                assert!(unaware.iter().all(|unaware| *unaware <= LIMIT), "{seen}");
                asked += 1;
            }
        }
        assert_eq!(upstream.calls().len(), asked * (PARTS + 1), "nothing further is begun");
    }
}
