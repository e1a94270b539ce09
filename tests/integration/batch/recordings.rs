//! `--record` and `--replay` of batches.

use std::fs;
use std::path::PathBuf;

use super::place::{Place, statuses};
use crate::support::Ran;

const BATCH: [&str; 6] = ["in.jsonl", "-o", "out.jsonl", "--concurrency", "1", "--no-journal"];

/// With a batch of three lines on tape, of which the second has failed.
fn recorded() -> Place {
    let place = Place::new(&["analyze:bad-request@2"]).with_questions(3);
    place.batch(&[&BATCH[..], &["--record", "tape"]].concat()).exits(1);
    assert_eq!(statuses(&place.results()), ["ok", "failed", "ok"]);
    place
}

fn replay(place: &Place, args: &[&str]) -> Ran {
    fs::remove_file(place.path("out.jsonl")).unwrap();
    place.batch(&[&BATCH[..], &["--replay", "tape"], args].concat())
}

fn recordings(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.path("tape")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_batch_with_failed_lines_is_replayed_as_it_was() {
    let place = recorded();
    let calls = place.calls().len();
    assert_eq!(recordings(&place).len(), calls);
    replay(&place, &[]).exits(1).complains("1 line failed");
    assert_eq!(statuses(&place.results()), ["ok", "failed", "ok"]);
    assert_eq!(place.calls().len(), calls, "nobody was called");
}

#[test]
fn failed_lines_do_not_hide_a_recording_that_nobody_asked_for() {
    let place = recorded();
    fs::copy(&recordings(&place)[0], place.path("tape").join("0099-left-over.json")).unwrap();
    let ran = replay(&place, &[]).exits(3);
    ran.complains("0099-left-over.json is unused").complains("1 line failed");
}

#[test]
fn a_line_that_failed_for_want_of_a_recording_is_a_mismatch() {
    let place = recorded();
    fs::remove_file(recordings(&place).last().unwrap()).unwrap();
    let ran = replay(&place, &[]).exits(3);
    ran.complains("a request isn't among the recordings").complains("2 lines failed");
}

#[test]
fn a_batch_that_was_ended_early_is_not_blamed_for_what_it_left() {
    let place = recorded();
    let args = ["--max-failures", "1"];
    replay(&place, &args).exits(1).complains("ended after 1 failure");
    fs::remove_file(&recordings(&place)[1]).unwrap();
    let ran = replay(&place, &args).exits(3).complains("a request isn't among the recordings");
    assert!(!ran.stderr.contains("is unused"), "{}", ran.stderr);
}
