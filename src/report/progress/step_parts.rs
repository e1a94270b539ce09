//! What is said of a step, part by part, for all lines on which a step stands.

use std::time::Duration;

use super::board::{StepStatus, StepView};
use super::parts::Part;
use crate::report::amounts::{cost, count, time, tokens};
use crate::report::known_spend::KnownSpend;
use crate::report::look::Look;

/// Columns of tokens and of costs: `≥1462 in / ≥357 out`, `cost unknown`.
const TOKENS: usize = 19;
const COST: usize = 12;

/// Columns of a step's name.
pub(super) const STEP_LABEL: usize = 10;

/// A label, such as the step's name, and a time.
pub(super) fn head(label: &str, elapsed: Duration) -> Part {
    head_of(label, STEP_LABEL, elapsed)
}

/// The same, with a label of so many columns.
pub(super) fn head_of(label: &str, columns: usize, elapsed: Duration) -> Part {
    Part::plain(format!("{label:<columns$} {:>6}", time(elapsed)))
}

/// Tokens and cost, as far as they are known.
pub(super) fn figures(spend: &KnownSpend, look: Look) -> Vec<Part> {
    vec![Part::plain(tokens(spend, look)).in_columns(TOKENS), Part::plain(cost(spend, look)).in_columns(COST)]
}

/// The figures of a step that has ended; or that there is nothing to count.
pub(super) fn final_figures(view: &StepView, look: Look) -> Vec<Part> {
    if view.status == StepStatus::Reused {
        return vec![Part::painted("reused", Look::dim)];
    }
    if view.attempts.is_empty() {
        return vec![Part::plain("not sent")];
    }
    figures(&KnownSpend::from(&view.spend), look)
}

pub(super) fn confidence(view: &StepView) -> Option<Part> {
    view.confidence.map(|confidence| Part::plain(format!("confidence {confidence:.2}")))
}

/// In how many parts, where it was divided, and how often it was asked, where that is more than once.
pub(super) fn repetitions(view: &StepView) -> Vec<Part> {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (parts, attempts) = (view.workers.len(), view.attempts.len());
    let divided = (parts > 0).then(|| match view.parts_written() {
        written if written < parts => format!("{written} of {}", count(number(parts), "part")),
        _ => count(number(parts), "part"),
    });
    let attempts = (attempts > parts.max(1)).then(|| count(number(attempts), "attempt"));
    let repairs = (view.repairs > 0).then(|| count(view.repairs, "repair"));
    divided.into_iter().chain(attempts).chain(repairs).map(|text| Part::painted(text, Look::dim)).collect()
}

/// All that is said of a step that has ended, on a terminal, after its figures.
pub(super) fn ending(view: &StepView) -> Vec<Part> {
    let mut parts = Vec::from_iter(confidence(view));
    if matches!(view.status, StepStatus::Failed | StepStatus::Interrupted) {
        parts.push(status(view.status));
    }
    parts.extend(repetitions(view));
    parts
}

/// The status in a word, in its colour.
pub(super) fn status(status: StepStatus) -> Part {
    match status {
        StepStatus::Waiting | StepStatus::Running | StepStatus::Reused => Part::plain(word(status)),
        StepStatus::Ok => Part::painted(word(status), Look::good),
        StepStatus::Warned => Part::painted(word(status), Look::caution),
        StepStatus::Failed | StepStatus::Interrupted => Part::painted(word(status), Look::bad),
    }
}

/// The status in a word.
pub(super) fn word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Waiting => "waiting",
        StepStatus::Running => "running",
        StepStatus::Reused => "reused",
        StepStatus::Ok => "ok",
        StepStatus::Warned => "warned",
        StepStatus::Failed => "failed",
        StepStatus::Interrupted => "interrupted",
    }
}
