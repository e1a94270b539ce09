//! A client that leaves, at every moment and in every way: the upstream's call ends with it, by the
//! simulator's own clock, and nothing further is begun.

use std::fmt::{self, Display};
use std::time::Duration;

use promptchain::simulator::{End, LogEntry, Phase, Step};
use tokio::time::Instant;

use crate::support::{Leaving, Served, Upstream, chat, models};

/// How long the upstream may be left in the dark.
const LIMIT: Duration = Duration::from_millis(250);

/// What the client does before it leaves.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// Nothing but ask.
    Plain,
    /// It has asked for something else before, over the same connection.
    Reuse,
    /// It sends the beginning of a further request, after which the server reads no more.
    PipelinedBytes,
    /// It sends a whole further request, which must never be begun.
    PipelinedRequest,
}

impl Habit {
    const ALL: [Self; 4] = [Self::Plain, Self::Reuse, Self::PipelinedBytes, Self::PipelinedRequest];
}

/// One client.
#[derive(Debug, Clone, Copy)]
struct Cell {
    step: Step,
    phase: Phase,
    stream: bool,
    leaving: Leaving,
    habit: Habit,
}

impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, phase, stream, leaving, habit } = self;
        let mode = if *stream { "stream" } else { "whole" };
        // As words, so that a format's width holds for them.
        let [phase, habit] = [format!("{phase:?}"), format!("{habit:?}")];
        write!(f, "{:<10} | {phase:<10} | {mode:<6} | {leaving:?} | {habit:<16}", step.name())
    }
}

impl Cell {
    fn id(self) -> String {
        format!("{self}").replace(' ', "")
    }

    /// Whether that call is the one that hangs for it, and hangs as it should.
    fn hangs_in(self, call: &LogEntry) -> bool {
        let has_head = call.status.is_some();
        call.step == Some(self.step)
            && call.fault.is_some()
            && call.end.is_none()
            && has_head == (self.phase == Phase::MidReply)
    }

    /// Asks, leaves when the call hangs, and returns how long the simulator didn't know.
    fn act(self, upstream: &Upstream, served: &Served) -> Duration {
        let id = self.id();
        let of_mine = |calls: &[LogEntry]| -> Vec<LogEntry> {
            calls.iter().filter(|call| call.x_request_id.as_deref() == Some(&id)).cloned().collect()
        };
        let request = chat(self.stream).header("X-Request-ID", &id);
        let mut client = served.connect();
        if matches!(self.habit, Habit::Reuse) {
            assert_eq!(client.ask(&models()).status, 200);
        }
        client.send(request.bytes());
        match self.habit {
            Habit::Plain | Habit::Reuse => {}
            Habit::PipelinedBytes => client.send("GET /v1/mod"),
            Habit::PipelinedRequest => client.send(request.bytes()),
        }
        upstream.wait_for(|calls| of_mine(calls).last().is_some_and(|call| self.hangs_in(call)));

        let left_at = Instant::now();
        let socket = client.leave(self.leaving);
        let calls = upstream.wait_for(|calls| of_mine(calls).last().is_some_and(|call| call.end.is_some()));
        served.log().wait_for_request("Client left before the response's end", &id);
        drop(socket);

        let calls = of_mine(&calls);
        let Some(End::ClientLeft { at, phase, .. }) = calls.last().unwrap().end else {
            panic!("{self}: {calls:?}");
        };
        assert_eq!(phase, self.phase, "{self}");
        at - left_at
    }
}

/// All clients of one upstream, which hangs in that step and phase, one after the other.
fn scene(step: Step, phase: Phase) -> Vec<(Cell, Duration)> {
    let fault = match phase {
        Phase::BeforeHead => "hang-before-head",
        Phase::MidReply => "hang-mid-reply",
    };
    let upstream = Upstream::with_faults(&[&format!("{step}:{fault}")]);
    let served = upstream.serve(&[]);
    let mut cells = Vec::new();
    for stream in [false, true] {
        for leaving in [Leaving::Fin, Leaving::Rst] {
            cells.extend(Habit::ALL.map(|habit| Cell { step, phase, stream, leaving, habit }));
        }
    }
    let results: Vec<_> = cells.iter().map(|cell| (*cell, cell.act(&upstream, &served))).collect();

    let calls_each = Step::ALL.iter().position(|it| *it == step).unwrap() + 1;
    assert_eq!(upstream.calls().len(), cells.len() * calls_each, "nothing further is begun");
    served.signal("TERM");
    let log = served.finish().exits(0).log;
    log.whole_text();
    let cancelled = log.entries("Chat completion request cancelled");
    for cell in &cells {
        let of_mine = cancelled.iter().filter(|line| line["request_id"] == cell.id().as_str());
        assert_eq!(of_mine.count(), 1, "{cell}");
    }
    assert_eq!(cancelled.len(), cells.len());
    results
}

#[test]
#[expect(clippy::print_stdout, reason = "the harness shows it to whoever asks for it")]
fn a_client_that_leaves_ends_the_upstreams_call_at_every_moment_and_in_every_way() {
    let scenes: Vec<_> = Step::ALL
        .into_iter()
        .flat_map(|step| [(step, Phase::BeforeHead), (step, Phase::MidReply)])
        .map(|(step, phase)| std::thread::spawn(move || scene(step, phase)))
        .collect();
    let results: Vec<_> = scenes.into_iter().flat_map(|scene| scene.join().unwrap()).collect();
    assert_eq!(results.len(), 96);

    println!("step       | phase      | mode   | how | habit            |  ms");
    for (cell, unaware) in &results {
        println!("{cell} | {:>3}", unaware.as_millis());
    }
    for (cell, unaware) in &results {
        assert!(*unaware <= LIMIT, "{cell}: {unaware:?}");
    }
}

#[test]
fn a_client_that_leaves_while_it_asks_begins_nothing() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    let whole = chat(true).header("X-Request-ID", "half").bytes();
    for leaving in [Leaving::Fin, Leaving::Rst] {
        let mut client = served.connect();
        client.send(&whole[..whole.len() - 1]);
        // It is being read by the time that another one has been answered in full.
        assert_eq!(served.ask(&models()).status, 200);
        client.leave(leaving);
    }
    assert_eq!(served.ask(&chat(false)).status, 200);
    served.signal("TERM");
    let log = served.finish().exits(0).log;
    assert_eq!(upstream.calls().len(), 3, "{}", log.whole_text());
    assert_eq!(log.entries("Chat completion request completed").len(), 1);
}
