//! Events as a text that can be read at a glance.

use std::fmt::Write;

use super::*;

/// A line an event; deltas in a row are joined by `|`.
pub(in crate::chain) fn render(events: &[Event]) -> String {
    let mut text = String::new();
    let mut in_deltas = false;
    for event in events {
        if let Event::OutputDelta { text: delta } = event {
            write!(text, "{}{delta}", if in_deltas { "|" } else { "> " }).unwrap();
            in_deltas = true;
            continue;
        }
        if std::mem::take(&mut in_deltas) {
            text.push('\n');
        }
        line(&mut text, event);
    }
    text
}

fn line(text: &mut String, event: &Event) {
    match event {
        Event::RunStarted { request_id, .. } => writeln!(text, "run {request_id}"),
        Event::StepStarted { step, .. } => writeln!(text, "{step}"),
        Event::AttemptStarted { attempt, repair: 0, .. } => writeln!(text, "  attempt {attempt}"),
        Event::AttemptStarted { attempt, repair, .. } => {
            writeln!(text, "  attempt {attempt}, repair {repair}")
        }
        Event::AttemptEnded(record) => attempt(text, record),
        Event::GateJudged { verdict, .. } => {
            let rules: Vec<&str> = verdict.findings.iter().map(|finding| finding.rule).collect();
            writeln!(text, "  gate {} {}", verdict.decision.as_str(), rules.join(", "))
        }
        Event::StepFinished(finished) => writeln!(text, "  done {}", finished.output.to_json()),
        Event::RunFinished { outcome: Ok(reason), .. } => writeln!(text, "finished: {}", reason.as_str()),
        Event::RunFinished { outcome: Err(error), .. } => writeln!(text, "failed: {error}"),
        Event::OutputDelta { .. } => unreachable!("rendered by the caller"),
    }
    .unwrap();
}

fn attempt(text: &mut String, record: &AttemptRecord) -> std::fmt::Result {
    let usage = record.usage.counted();
    let figure = |figure: Option<u64>| figure.map_or("?".to_owned(), |figure| figure.to_string());
    let tokens = format!("{}/{}", figure(usage.input), figure(usage.output));
    let uncounted = if record.usage.is_complete() { "" } else { ", more uncounted" };
    match (&record.failure, record.retry_in) {
        (None, _) => writeln!(text, "  answered {tokens}{uncounted}"),
        (Some(failure), Some(_)) => writeln!(text, "  failed {tokens}{uncounted}: {failure}; tried again"),
        (Some(failure), None) => writeln!(text, "  failed {tokens}{uncounted}: {failure}"),
    }
}
