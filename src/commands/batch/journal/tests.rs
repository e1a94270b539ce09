//! Journals as they are written, cut off and read again.

use std::io::Cursor;

use super::index::{Damage, Index};
use super::record::Header;
use crate::model::Cost;

const HEADER: &str = r#"{"kind":"promptchain-journal","version":1,"simulated":true,"message_batches":false,"prompts":["a","b","c"],"models":["m","m","m"]}"#;

/// A record about that line, of whom so many hundredths of a cent have been spent by then.
fn record(line: u64, happened: &str, cost: u32) -> String {
    let usage = r#"{"input_tokens":1,"output_tokens":1,"cache_read_tokens":null,"cache_write_tokens":null,"complete":true,"uncounted_attempts":0,"estimated_input_tokens":null,"estimated_output_tokens":null}"#;
    let cost = f64::from(cost) / 10_000.0;
    format!(
        r#"{{"line":{line},"hash":"h{line}","happened":"{happened}","spend":{{"usage":{usage},"cost_usd":{cost},"estimated_cost_usd":null}}}}"#
    )
}

fn journal(records: &[String]) -> String {
    records.iter().fold(format!("{HEADER}\n"), |text, record| format!("{text}{record}\n"))
}

fn read(text: &str) -> Result<(Option<Header>, Index), Damage> {
    Index::read(Cursor::new(text.as_bytes()))
}

fn index(records: &[String]) -> Index {
    read(&journal(records)).unwrap().1
}

#[test]
fn a_journal_that_is_cut_at_any_byte_loses_no_more_than_its_last_record() {
    let records = [
        record(1, "begun", 0),
        record(1, "step", 1),
        record(2, "begun", 0),
        record(1, "done", 3),
        record(2, "failed", 2),
    ];
    let whole = journal(&records);
    let ends: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
    for cut in 0..=whole.len() {
        let (header, index) = read(&whole[..cut]).unwrap();
        let kept = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(index.end, ends[..kept].last().copied().unwrap_or(0) as u64, "at {cut}");
        assert_eq!(header.is_some(), kept > 0);
        assert_eq!(index.result_of(1).is_some(), kept > 4);
        assert_eq!(index.open(2).is_some(), kept > 3);
    }
}

#[test]
fn what_was_spent_is_counted_once_for_each_line() {
    let spent = |records: &[String]| index(records).spent();
    let hundredths = |cents: f64| Cost::from_usd(cents / 10_000.0);
    let once = [record(1, "begun", 0), record(1, "step", 1), record(1, "step", 2), record(1, "done", 3)];
    assert_eq!(spent(&once), hundredths(3.0));
    let twice =
        [record(1, "failed", 4), record(1, "begun", 4), record(1, "done", 6), record(2, "stopped", 1)];
    assert_eq!(spent(&twice), hundredths(7.0));
}

#[test]
fn a_run_that_was_under_way_at_the_end_has_an_attempt_that_nobody_has_counted() {
    let uncounted = |last: &str| {
        index(&[record(3, "begun", 0), record(3, last, 1)]).open(3).unwrap().spend.uncounted_attempts
    };
    assert_eq!(
        (uncounted("step"), uncounted("begun"), uncounted("stopped"), uncounted("failed")),
        (1, 1, 0, 0)
    );
    let text =
        journal(&[record(3, "begun", 0)]).replace("\"message_batches\":false", "\"message_batches\":true");
    let (_, index) = read(&text).unwrap();
    assert_eq!(index.open(3).unwrap().spend.uncounted_attempts, 0, "its batch goes on, and is picked up");
}

#[test]
fn a_line_that_is_done_again_counts_with_its_last_result() {
    let records = [record(5, "done", 1), record(5, "begun", 1), record(5, "done", 2)];
    let at = index(&records).result_of(5).unwrap();
    let text = journal(&records);
    assert!(text[usize::try_from(at).unwrap()..].starts_with(&record(5, "done", 2)));
}

#[test]
fn lines_may_be_any_distance_apart_and_cost_no_more_for_it() {
    let lines = [1, 63, 64, 65, 40_000_000_000, u64::MAX];
    let index = index(&lines.map(|line| record(line, "done", 1)));
    for line in lines {
        assert!(index.result_of(line).is_some(), "{line}");
        assert_eq!(index.result_of(line - 1).is_some(), lines.contains(&(line - 1)), "before {line}");
    }
    assert_eq!(index.last_line(), u64::MAX);
}

#[test]
fn attempts_beyond_counting_stay_the_most_that_can_be_counted() {
    let text = record(1, "begun", 0).replace("\"uncounted_attempts\":0", "\"uncounted_attempts\":4294967295");
    assert_eq!(index(&[text]).open(1).unwrap().spend.uncounted_attempts, u32::MAX);
}

#[test]
fn batches_are_known_until_what_they_led_to_is_kept() {
    let intended = r#"{"batch":"intended","at":"2026-01-01T00:00:00Z","names":["a-0","b-1"]}"#.to_owned();
    let created = r#"{"batch":"created","id":"msgbatch_1","at":"2026-01-01T00:00:00Z"}"#.to_owned();
    let settled = r#"{"batch":"settled","id":"msgbatch_1"}"#.to_owned();
    let ids = |records: &[String]| -> Vec<Option<String>> {
        index(records).take_batches().into_iter().map(|batch| batch.id).collect()
    };
    assert_eq!(ids(std::slice::from_ref(&intended)), [None]);
    assert_eq!(ids(&[intended.clone(), created.clone()]), [Some("msgbatch_1".to_owned())]);
    assert_eq!(ids(&[intended, created, settled]), []);
}

#[test]
fn a_record_that_cannot_be_is_damage_with_its_place() {
    for broken in ["{}", "{\"line\":0}", "nonsense", &record(0, "done", 1), &record(1, "dreamt", 1)] {
        let text = journal(&[record(1, "begun", 0), broken.to_owned(), record(2, "begun", 0)]);
        let Err(Damage::Line(line)) = read(&text) else { panic!("{broken} is read") };
        assert_eq!(line, 3, "{broken}");
    }
}
