//! What a batch has promised in its journal, held against what the upstream was asked.

use std::collections::{BTreeSet, HashSet};

use promptchain::simulator::{LogEntry, Step};
use serde_json::Value;

use crate::batch::place::{Place, lines, statuses};

const STEPS: [Step; 3] = [Step::Analyze, Step::Process, Step::Synthesize];

/// What is known of the lines of a batch, from one crash to the next.
pub(super) struct Ledger {
    lines: u64,
    /// Steps of lines that were kept when the batch died last.
    kept: HashSet<(u64, Step)>,
    /// Calls that were looked at.
    seen: usize,
}

impl Ledger {
    pub(super) fn new(lines: u64) -> Self {
        Self { lines, kept: HashSet::new(), seen: 0 }
    }

    /// Looks at the files of a batch that has died, and at the calls that it has made.
    #[track_caller]
    pub(super) fn look(&mut self, place: &Place, journal: &str) {
        let calls = place.calls();
        for call in &calls[self.seen..] {
            if let Some(step) = call.step {
                let line = line_of(call);
                assert!(!self.kept.contains(&(line, step)), "{step:?} of line {line} is paid for again");
            }
        }
        self.seen = calls.len();
        let kept = kept(place, journal);
        assert!(kept.is_superset(&self.kept), "kept is what was kept");
        self.kept = kept;
        let results = whole_lines(place, "out.jsonl");
        let numbers: BTreeSet<u64> = lines(&results).into_iter().collect();
        assert_eq!(numbers.len(), results.len(), "a line has two results");
    }

    /// Looks at a batch that had died with the journal `died`, and has come to its end since: of the calls that
    /// were made at all, there is one of each step that was kept.
    #[track_caller]
    pub(super) fn conclude_from(self, place: &Place, died: &str, journal: &str) {
        for (line, step) in kept(place, died) {
            let calls = place.calls();
            let of_step =
                calls.iter().filter(|call| call.step == Some(step) && line_of(call) == line).count();
            assert_eq!(of_step, 1, "{step:?} of line {line}");
        }
        self.conclude(place, journal);
    }

    /// Looks at a batch that has come to its end.
    #[track_caller]
    pub(super) fn conclude(mut self, place: &Place, journal: &str) {
        self.look(place, journal);
        let results = place.results();
        let mut numbers = lines(&results);
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=self.lines).collect::<Vec<_>>(), "every line has one result");
        assert!(statuses(&results).iter().all(|status| *status == "ok"));
        let calls = place.calls();
        for result in &results {
            accounts_for(result, &calls);
        }
    }
}

/// The result says what was spent on its line: all of it, or that it doesn't know all.
#[track_caller]
fn accounts_for(result: &Value, calls: &[LogEntry]) {
    let line = result["line"].as_u64().unwrap();
    let of_line: Vec<&LogEntry> =
        calls.iter().filter(|call| call.step.is_some() && line_of(call) == line).collect();
    let usage = |name: &str| result["usage"][name].as_u64().unwrap_or(0);
    let told = [usage("input_tokens"), usage("output_tokens")];
    let sum = |tokens: fn(&LogEntry) -> u64| of_line.iter().map(|call| tokens(call)).sum::<u64>();
    let used = [sum(|call| call.ledger.input_tokens), sum(|call| call.ledger.output_tokens)];
    // Calls that were made again are told of too; or it is said that not all is known.
    let uncounted = result["usage"]["uncounted_attempts"].as_u64().unwrap();
    if result["usage"]["complete"] == true {
        assert_eq!((told, uncounted), (used, 0), "line {line}: {result}");
    } else {
        assert!(told[0] <= used[0] && told[1] <= used[1], "line {line}: {told:?} of {used:?}");
    }
}

/// The steps of lines that the journal has.
fn kept(place: &Place, journal: &str) -> HashSet<(u64, Step)> {
    let mut kept = HashSet::new();
    // The first line is about the journal itself.
    for record in whole_lines(place, journal).iter().skip(1).filter(|record| record["line"].is_u64()) {
        let line = record["line"].as_u64().unwrap();
        match record["happened"].as_str().unwrap() {
            "done" => kept.extend(STEPS.map(|step| (line, step))),
            "step" => {
                kept.insert((line, record["step"]["step"].as_str().unwrap().parse().unwrap()));
            }
            _ => {}
        }
    }
    kept
}

/// The lines of a file that have an end. What has none is what a crash has cut off.
fn whole_lines(place: &Place, name: &str) -> Vec<Value> {
    let Ok(bytes) = std::fs::read(place.path(name)) else { return Vec::new() };
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = std::str::from_utf8(&bytes[..end]).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: {line}"))).collect()
}

/// The line that a call is for, by the question that is asked in it.
fn line_of(call: &LogEntry) -> u64 {
    let body = call.body["messages"].to_string();
    let (_, rest) = body.split_once("What is ").unwrap();
    rest.split_once('?').unwrap().0.parse().unwrap()
}
