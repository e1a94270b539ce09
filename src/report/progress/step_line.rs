//! A step on one line: live, for good, and plain.
//!
//! Pure functions; whether a line fits its terminal is for the caller.

use std::time::Duration;

use super::board::{Activity, StepStatus, StepView};
use super::note::retrying;
use crate::report::amounts::{cost, count, seconds, tokens};
use crate::report::known_spend::KnownSpend;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// How long each of the spinner's pictures is shown.
pub(super) const SPINNER_PACE: Duration = Duration::from_millis(100);

/// A step while the run is under way.
pub(super) fn live_line(view: &StepView, now: Duration, look: Look) -> String {
    match view.status {
        StepStatus::Waiting => look.dim(&format!("· {}", view.step)),
        StepStatus::Running => {
            let spinner = look.busy(spinner(now));
            format!("{spinner} {}  {}", figures(view, now, look), look.dim(&activity(view, now)))
        }
        StepStatus::Ok | StepStatus::Warned | StepStatus::Failed | StepStatus::Interrupted => {
            final_line(view, look)
        }
    }
}

/// A step that has ended, on a terminal.
pub(super) fn final_line(view: &StepView, look: Look) -> String {
    let mark = match view.status {
        StepStatus::Ok => look.good("✓"),
        StepStatus::Warned => look.caution("!"),
        StepStatus::Failed | StepStatus::Interrupted => look.bad("✗"),
        StepStatus::Waiting | StepStatus::Running => "·".to_owned(),
    };
    let mut line = format!("{mark} {}", figures(view, Duration::ZERO, look));
    if matches!(view.status, StepStatus::Failed | StepStatus::Interrupted) {
        push(&mut line, &look.bad(word(view.status)));
    }
    for remark in remarks(view) {
        push(&mut line, &look.dim(&remark));
    }
    line.trim_end().to_owned()
}

/// A step that has ended, where there is no terminal.
pub(super) fn plain_line(view: &StepView) -> String {
    let spend = KnownSpend::from(&view.spend);
    let mut line = format!("{}  {}", view.step, word(view.status));
    push(&mut line, &seconds(view.elapsed(Duration::ZERO)));
    push(&mut line, &one_line(&view.model));
    push(&mut line, &tokens(&spend, Look::PLAIN));
    push(&mut line, &cost(&spend, Look::PLAIN));
    if let Some(confidence) = confidence(view) {
        push(&mut line, &confidence);
    }
    for remark in remarks(view) {
        push(&mut line, &remark);
    }
    line
}

/// Name, time, tokens, cost and confidence, in columns.
fn figures(view: &StepView, now: Duration, look: Look) -> String {
    let spend = KnownSpend::from(&view.spend);
    let nothing_ended = view.attempts.iter().all(|attempt| attempt.ended.is_none());
    let (tokens, cost) = if view.status == StepStatus::Running && nothing_ended {
        (String::new(), String::new())
    } else {
        (tokens(&spend, look), cost(&spend, look))
    };
    let mut line = format!("{:<10} {:>6}  {tokens:<20} {cost:<12}", view.step, seconds(view.elapsed(now)));
    if let Some(confidence) = confidence(view) {
        push(&mut line, &confidence);
    }
    line
}

fn confidence(view: &StepView) -> Option<String> {
    view.confidence.map(|confidence| format!("confidence {confidence:.2}"))
}

/// What went otherwise than a step usually goes.
fn remarks(view: &StepView) -> Vec<String> {
    let attempts = u32::try_from(view.attempts.len()).unwrap_or(u32::MAX);
    let mut remarks = Vec::new();
    if attempts > 1 {
        remarks.push(count(attempts, "attempt"));
    }
    if view.repairs > 0 {
        remarks.push(count(view.repairs, "repair"));
    }
    if view.degraded {
        remarks.push("taken as it came".to_owned());
    }
    remarks
}

/// What a running step is doing.
fn activity(view: &StepView, now: Duration) -> String {
    let number = match view.attempts.len() {
        0 | 1 => String::new(),
        attempts => format!("attempt {attempts}, "),
    };
    match &view.activity {
        Activity::Asking => format!("{number}asking {}", one_line(&view.model)),
        Activity::Repairing { findings } => format!("{number}repairing: {findings}"),
        Activity::Writing => format!("{number}writing"),
        Activity::Pausing { until, reason } => {
            format!("{}: {reason}", retrying(until.saturating_sub(now)))
        }
    }
}

/// The status in a word.
pub(super) fn word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Waiting => "waiting",
        StepStatus::Running => "running",
        StepStatus::Ok => "ok",
        StepStatus::Warned => "warned",
        StepStatus::Failed => "failed",
        StepStatus::Interrupted => "interrupted",
    }
}

fn spinner(now: Duration) -> &'static str {
    let turn = now.as_millis() / SPINNER_PACE.as_millis();
    let picture = usize::try_from(turn % SPINNER.len() as u128).unwrap_or(0);
    SPINNER.get(picture).copied().unwrap_or_default()
}

fn push(line: &mut String, part: &str) {
    line.push_str("  ");
    line.push_str(part);
}
