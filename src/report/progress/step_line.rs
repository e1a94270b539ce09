//! A step that has ended: on a terminal, and where there is none.
//!
//! Pure functions of a step and a width.

use std::time::Duration;

use super::board::{StepStatus, StepView};
use super::note::Note;
use super::parts::{Lead, Part, joined, wrapped};
use super::step_parts::{confidence, ending, final_figures, head, repetitions, status};
use crate::report::amounts::time;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// Columns before whatever belongs to the line above.
const INDENT: usize = 4;
/// Said of a reply that couldn't be decoded, after what was found fault with.
const USED: &str = "used in spite of it";

/// A step that has ended, on a terminal, with its notes below.
pub(super) fn final_lines(view: &StepView, width: usize, look: Look) -> Vec<String> {
    let mut parts = vec![head(view.step.as_str(), view.elapsed(Duration::ZERO))];
    parts.extend(final_figures(view, look));
    parts.extend(ending(view));
    let mark = format!("{} ", mark(view.status, look));
    let mut lines = wrapped(&Lead { text: &mark, indent: INDENT }, &parts, width, look);
    let last_warning = view.notes.iter().rposition(|note| matches!(note, Note::Warning { .. }));
    for (number, note) in view.notes.iter().enumerate() {
        let sign = format!("{:INDENT$}{} ", "", note.sign(look));
        let mut text = format!("{}: {}", note.topic(), note.detail());
        if view.was_used_in_spite && last_warning == Some(number) {
            text.push_str("; ");
            text.push_str(USED);
        }
        lines.extend(wrapped(&Lead { text: &sign, indent: INDENT + 2 }, &[Part::plain(text)], width, look));
    }
    lines
}

/// A step that has ended, where there is no terminal.
pub(super) fn plain_line(view: &StepView, look: Look) -> String {
    let mut parts = vec![Part::plain(view.step.as_str()), status(view.status)];
    parts.push(Part::plain(time(view.elapsed(Duration::ZERO))));
    if !view.model.is_empty() {
        parts.push(Part::plain(one_line(&view.model)));
    }
    parts.extend(final_figures(view, look));
    parts.extend(confidence(view));
    parts.extend(repetitions(view));
    if view.was_used_in_spite {
        parts.push(Part::plain(USED));
    }
    let parts: Vec<Part> = parts.into_iter().map(|part| part.in_columns(0)).collect();
    joined("", &parts, look)
}

/// The status as a sign.
pub(super) fn mark(status: StepStatus, look: Look) -> String {
    match status {
        StepStatus::Waiting | StepStatus::Running => look.dim("·"),
        StepStatus::Ok => look.good("✓"),
        StepStatus::Warned => look.caution("!"),
        StepStatus::Failed | StepStatus::Interrupted => look.bad("✗"),
    }
}
