//! SIGTERM and SIGINT: what runs may end, nothing further is begun, and nobody is left without an end.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use promptchain::simulator::{LogEntry, Step};
use serde_json::Value;

use crate::support::{Ended, Request, Response, Served, Upstream, chat, models};

/// Sends it from a thread of its own, under that id.
fn ask_meanwhile(served: &Arc<Served>, request: &Request, id: usize) -> JoinHandle<Response> {
    let (served, request) = (Arc::clone(served), request.clone().header("X-Request-ID", &id.to_string()));
    thread::spawn(move || served.ask(&request))
}

fn waits_for_calls(upstream: &Upstream, count: usize) {
    upstream.wait_for(|calls| calls.iter().filter(|call| call.fault.is_some()).count() == count);
}

fn finish(served: Arc<Served>) -> Ended {
    Arc::into_inner(served).expect("nobody asks any more").finish()
}

/// When a log line was written.
fn time_of(line: &Value) -> Timestamp {
    line["timestamp"].as_str().unwrap().parse().unwrap()
}

#[test]
fn runs_that_are_under_way_end_in_full_and_nothing_further_is_begun() {
    const RUNS: usize = 40;
    let upstream = Upstream::paced(Duration::from_millis(15));
    let served = Arc::new(upstream.serve(&[]));
    let clients: Vec<_> = (0..RUNS).map(|id| ask_meanwhile(&served, &chat(id % 2 == 0), id)).collect();
    let runs = |calls: &[LogEntry]| calls.iter().filter(|call| call.step == Some(Step::Analyze)).count();
    upstream.wait_for(|calls| runs(calls) == RUNS);
    served.signal("TERM");
    let draining = served.log().wait_for("Draining");
    assert_eq!(draining["runs"], RUNS);

    let ready = served.get("/health/ready");
    assert_eq!((ready.status, ready.json()["reason"].as_str()), (503, Some("draining")));
    assert_eq!(served.get("/health").status, 200, "the process still answers");
    for stream in [false, true] {
        let refused = served.ask(&chat(stream));
        assert!(refused.is_error(503, "shutting_down").header("retry-after").is_some());
    }
    for client in clients {
        assert!(client.join().unwrap().answer().starts_with('#'));
    }
    let log = finish(served).exits(0).log;
    log.wait_for("Stopped");
    assert_eq!(log.entries("Chat completion request completed").len(), RUNS);
    assert_eq!(upstream.calls().len(), RUNS * 3);
}

#[test]
fn runs_that_take_too_long_are_cut_and_told_so() {
    for hang in ["analyze:hang-before-head", "synthesize:hang-mid-reply"] {
        let upstream = Upstream::with_faults(&[hang]);
        let served =
            Arc::new(upstream.serve(&[("SHUTDOWN_GRACE_SECONDS", "1"), ("STREAM_COMMIT_MS", "60000")]));
        let stream = ask_meanwhile(&served, &chat(true), 1);
        let whole = ask_meanwhile(&served, &chat(false), 2);
        waits_for_calls(&upstream, 2);
        served.signal("TERM");
        let (stream, whole) = (stream.join().unwrap(), whole.join().unwrap());
        assert!(whole.is_error(503, "shutting_down").header("retry-after").is_some());
        if hang.starts_with("analyze") {
            stream.is_error(503, "shutting_down");
        } else {
            assert_eq!(stream.status, 200);
            assert_eq!(stream.stream_error()["code"], "shutting_down");
        }
        let log = finish(served).exits(0).log;
        assert_eq!(log.wait_for("Runs are cut: the time to drain is over")["runs"], 2);
        log.wait_for("Stopped");
        let failed = log.entries("Chat completion request failed");
        assert!(failed.len() == 2 && failed.iter().all(|line| line["error_code"] == "shutting_down"));
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second, code) in [("TERM", "TERM", 143), ("INT", "INT", 130), ("TERM", "INT", 130)] {
        let upstream = Upstream::with_faults(&["process:hang-mid-reply"]);
        let served = upstream.serve(&[]);
        let mut client = served.connect();
        client.send(chat(true).bytes());
        waits_for_calls(&upstream, 1);
        served.signal(first);
        served.log().wait_for("Draining");
        served.signal(second);
        // It is the server that ends the run, and not its client.
        let answer = client.response();
        assert_eq!((answer.status, &answer.stream_error()["code"]), (200, &"shutting_down".into()));
        let log = served.finish().exits(code).log;
        assert_eq!(log.wait_for("Runs are cut: a second signal came")["runs"], 1);
        let failed = log.wait_for("Chat completion request failed");
        assert_eq!(
            (&failed["error_code"], &failed["error_type"]),
            (&"shutting_down".into(), &"shutdown".into())
        );
        assert_eq!(failed["error"], "the server ended while the run was under way");
        assert!(log.entries("Chat completion request cancelled").is_empty());
        assert!(log.entries("Client left before the response's end").is_empty());
        assert!(time_of(&failed) <= time_of(&log.wait_for("Stopped")));
        assert!(time_of(&log.wait_for("Stopped")) <= time_of(&log.wait_for("Ended by a failure")));
    }
}

#[test]
fn who_waits_for_a_whole_answer_is_told_of_a_second_signal_too() {
    let upstream = Upstream::with_faults(&["process:hang-mid-reply"]);
    let served = upstream.serve(&[]);
    let mut client = served.connect();
    client.send(chat(false).bytes());
    waits_for_calls(&upstream, 1);
    served.signal("TERM");
    served.log().wait_for("Draining");
    served.signal("TERM");
    client.response().is_error(503, "shutting_down");
    let log = served.finish().exits(143).log;
    log.wait_for("Chat completion request failed");
    assert!(log.entries("Client left before the response's end").is_empty());
}

#[test]
fn where_nothing_runs_a_drain_ends_at_once_whoever_is_connected() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let mut idle = served.connect();
    assert_eq!(idle.ask(&models()).status, 200);
    let mut fresh = served.connect();
    let mut undecided = served.connect();
    undecided.send("POST /v1/chat/comp");
    // The others are accepted by the time that a later one is answered.
    assert_eq!(served.ask(&chat(false)).status, 200);

    served.signal("INT");
    let log = served.finish().exits(0).log;
    let took = time_of(&log.wait_for("Stopped")) - time_of(&log.wait_for("Draining"));
    assert!(took.total(jiff::Unit::Second).unwrap() < 1.0, "{took}");
    idle.is_closed();
    fresh.is_closed();
    drop(undecided);
}

#[test]
fn a_kept_connection_is_closed_after_the_answer_that_is_under_way() {
    let upstream = Upstream::paced(Duration::from_millis(10));
    let served = upstream.serve(&[]);
    let mut client = served.connect();
    assert_eq!(client.ask(&models()).status, 200);
    client.send(chat(false).bytes());
    upstream.wait_for(|calls| !calls.is_empty());
    served.signal("TERM");
    client.response().answer();
    client.is_closed();
    served.finish().exits(0);
}
