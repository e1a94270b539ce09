//! What must hold of a journal, whatever is in it.

use std::collections::BTreeSet;

use super::index::Index;
use super::record::{Body, Head, Subject};
use crate::chain::Spend;
use crate::report::fuzzed::can_be_added_to;
use crate::report::{SavedStep, read_deep};

/// A journal that is read is read up to any cut, and every place that is remembered is that of a record.
pub(in crate::commands::batch) fn check(data: &[u8]) {
    let Ok((header, index)) = Index::read(data) else { return };
    let starts: BTreeSet<u64> = starts(data);
    assert!(index.end <= data.len() as u64);
    assert_eq!(header.is_some(), index.end > 0);
    let mut sum = Spend::default();
    for (start, text) in records(data) {
        let Ok(head) = serde_json::from_slice::<Head>(text) else { continue };
        let is_about_a_batch = serde_json::from_slice::<Subject>(text).is_ok_and(|it| it.batch.is_some());
        if start == 0 || is_about_a_batch {
            continue;
        }
        assert!(head.line <= index.last_line());
        let result = index.result_of(head.line);
        let open = index.open(head.line);
        assert!(result.is_some() || open.is_some(), "line {} is forgotten", head.line);
        assert!(result.is_none_or(|at| starts.contains(&at)));
        for at in open.iter().flat_map(|open| &open.steps) {
            assert!(starts.contains(at));
        }
        if let Some(open) = open {
            can_be_added_to(&open.spend, &mut sum);
        }
        body(text);
    }
    let half = data.split_at(data.len() / 2).0;
    if half.contains(&b'\n') {
        let earlier = Index::read(half);
        assert!(earlier.is_ok_and(|(_, it)| it.end <= index.end), "a crash loses only the last record");
    }
}

fn body(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(body) = serde_json::from_str::<Body<'_>>(text) else { return };
    if let Some(step) = body.step.and_then(|step| read_deep(step.get()).ok()) {
        let _ = SavedStep::read(&step);
    }
}

/// Where whole lines begin.
fn starts(data: &[u8]) -> BTreeSet<u64> {
    records(data).map(|(start, _)| start as u64).collect()
}

/// The whole lines, each with its place.
fn records(data: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    data.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}
