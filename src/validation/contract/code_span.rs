//! Finds what stands between backticks in a line.

use std::ops::Range;

/// How many runs of other lengths a span may hold.
const MOST_RUNS_PASSED: usize = 16;

/// The contents of the code spans of `line`, in order.
pub(super) fn code_spans(line: &str) -> Vec<Range<usize>> {
    let runs = runs(line);
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(open) = runs.get(at) {
        at += 1;
        // Only a run of the same length closes it.
        let mut next = runs.iter().enumerate().skip(at).take(MOST_RUNS_PASSED);
        if let Some((found, close)) = next.find(|(_, run)| run.len() == open.len()) {
            spans.push(open.end..close.start);
            at = found + 1;
        }
    }
    spans
}

fn runs(line: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let found: Vec<_> = code_spans(line).into_iter().map(|span| &line[span]).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn a_span_ends_with_as_many_backticks_as_it_begins_with() {
        check("`a` b `\\`, ``c`d``", &["a", "\\", "c`d"]);
        check("```json {}```", &["json {}"]);
        check("a ` b", &[]);
        check("`` a `b`", &["b"]);
    }
}
