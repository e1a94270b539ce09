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
        Event::AttemptStarted { worker, attempt, repair: 0, .. } => {
            writeln!(text, "  {}attempt {attempt}", of(*worker))
        }
        Event::AttemptStarted { worker, attempt, repair, .. } => {
            writeln!(text, "  {}attempt {attempt}, repair {repair}", of(*worker))
        }
        Event::WorkerStarted { worker, title } => writeln!(text, "  {}begins {title}", of(Some(*worker))),
        Event::WorkerEnded(ended) => match &ended.failure {
            None => writeln!(text, "  {}done", of(Some(ended.worker))),
            Some(error) => writeln!(text, "  {}failed: {error}", of(Some(ended.worker))),
        },
        Event::AttemptEnded(record) => attempt(text, record),
        Event::GateJudged { worker, verdict, .. } => {
            let rules: Vec<&str> = verdict.findings.iter().map(|finding| finding.rule).collect();
            writeln!(text, "  {}gate {} {}", of(*worker), verdict.decision.as_str(), rules.join(", "))
        }
        Event::StepFinished(finished) => writeln!(text, "  done {}", finished.output.to_json()),
        Event::StepReused(finished) => {
            writeln!(text, "{}\n  reused {}", finished.step, finished.output.to_json())
        }
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
    let of = of(record.worker);
    match (&record.failure, record.retry_in) {
        (None, _) => writeln!(text, "  {of}answered {tokens}{uncounted}"),
        (Some(failure), Some(_)) => {
            writeln!(text, "  {of}failed {tokens}{uncounted}: {failure}; tried again")
        }
        (Some(failure), None) => writeln!(text, "  {of}failed {tokens}{uncounted}: {failure}"),
    }
}

/// Whose event it is, where the step is divided.
fn of(worker: Option<u32>) -> String {
    worker.map(|worker| format!("part {worker} ")).unwrap_or_default()
}
