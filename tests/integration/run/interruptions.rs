//! Ctrl-C, SIGTERM, a reader that goes away.

use std::time::Duration;

use promptchain::simulator::{End, LogEntry};

use crate::support::Upstream;

fn has_begun(step: usize) -> impl Fn(&[LogEntry]) -> bool {
    move |calls| calls.len() > step && calls[step].status.is_some()
}

fn last_client_left(calls: &[LogEntry]) -> bool {
    matches!(calls.last().and_then(|call| call.end), Some(End::ClientLeft { .. }))
}

#[test]
fn a_signal_ends_the_call_in_flight_and_the_run() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        for (step, name) in ["analyze", "process", "synthesize"].iter().enumerate() {
            let upstream = Upstream::with_faults(&[&format!("{name}:hang-mid-reply")]);
            let started = upstream.start_run(&["Say hello"], &[]);
            upstream.wait_for(has_begun(step));
            started.signal(signal);
            let ran = started.finish().exits(code);
            let calls = upstream.wait_for(last_client_left);
            assert_eq!(calls.len(), step + 1, "nothing further is started: {ran:?}");
        }
    }
}

#[test]
fn a_signal_before_the_first_answer_is_heard_too() {
    let upstream = Upstream::with_faults(&["hang-before-head"]);
    let started = upstream.start_run(&["--json", "Say hello"], &[]);
    upstream.wait_for(|calls| calls.len() == 1);
    started.signal("INT");
    let ran = started.finish().exits(130).says_nothing();
    assert_eq!(ran.error_json()["code"], "interrupted");
    assert_eq!(ran.error_json()["step"], "analyze", "where it was");
    upstream.wait_for(last_client_left);
}

#[test]
fn what_was_spent_until_a_signal_is_told() {
    let upstream = Upstream::with_faults(&["process:hang-mid-reply"]);
    let started = upstream.start_run(&["Say hello"], &[]);
    upstream.wait_for(has_begun(1));
    started.signal("INT");
    let ran = started.finish().exits(130).complains("interrupted");
    assert!(ran.stderr.contains(">=$0.0"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let upstream = Upstream::paced(Duration::from_millis(20));
    let mut started = upstream.start_run(&["Write about rivers, lakes and the sea"], &[]);
    started.read_and_close_stdout(5);
    let ran = started.finish().exits(0);
    assert!(!ran.stderr.contains("interrupted") && !ran.stderr.contains("total"), "{}", ran.stderr);
    let calls = upstream.wait_for(|calls| calls.len() == 3 && calls[2].end.is_some());
    assert!(last_client_left(&calls), "{:?}", calls[2].end);
}
