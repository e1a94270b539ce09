//! A step that has ended, and a part of one: on a terminal, and where there is none.
//!
//! Pure functions of a step and a width.

use std::time::Duration;

use super::board::{StepStatus, StepView};
use super::note::Note;
use super::parts::{Lead, Part, joined, wrapped};
use super::step_parts::{STEP_LABEL, confidence, ending, final_figures, head, head_of, repetitions, status};
use super::worker_view::WorkerView;
use crate::report::amounts::time;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// Columns before whatever belongs to the line above.
const INDENT: usize = 4;
/// Said of a reply that couldn't be decoded, after what was found fault with.
const USED: &str = "used in spite of it";

/// Columns before a part of a step.
const PART_INDENT: usize = 2;

/// A step that has ended, on a terminal, with its notes and its parts below.
pub(super) fn final_lines(view: &StepView, width: usize, look: Look) -> Vec<String> {
    let mut parts = vec![head(view.step.as_str(), view.elapsed(Duration::ZERO))];
    parts.extend(final_figures(view, look));
    parts.extend(ending(view));
    let mark = format!("{} ", mark(view.status, look));
    let mut lines = wrapped(&Lead { text: &mark, indent: INDENT }, &parts, width, look);
    lines.extend(note_lines(view, INDENT, width, look));
    lines.extend(view.workers.iter().flat_map(|part| part_lines(part, width, look)));
    lines
}

/// A part of a step, on a terminal, with its notes below.
fn part_lines(part: &WorkerView, width: usize, look: Look) -> Vec<String> {
    let view = &part.view;
    let mut parts = vec![part_head(part, Duration::ZERO)];
    parts.extend(final_figures(view, look));
    parts.extend([part.title(width)]);
    parts.extend(ending(view));
    parts.extend(part.failure.as_deref().map(Part::plain));
    let mark = format!("{:PART_INDENT$}{} ", "", mark(view.status, look));
    let indent = PART_INDENT + INDENT;
    let mut lines = wrapped(&Lead { text: &mark, indent }, &parts, width, look);
    lines.extend(note_lines(view, indent, width, look));
    lines
}

/// A part's number and its time, in the columns of a step's.
pub(super) fn part_head(part: &WorkerView, now: Duration) -> Part {
    head_of(&part.label(), STEP_LABEL - PART_INDENT, part.view.elapsed(now))
}

fn note_lines(view: &StepView, indent: usize, width: usize, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let last_warning = view.notes.iter().rposition(|note| matches!(note, Note::Warning { .. }));
    for (number, note) in view.notes.iter().enumerate() {
        let sign = format!("{:indent$}{} ", "", note.sign(look));
        let mut text = format!("{}: {}", note.topic(), note.detail());
        if view.was_used_in_spite && last_warning == Some(number) {
            text.push_str("; ");
            text.push_str(USED);
        }
        lines.extend(wrapped(&Lead { text: &sign, indent: indent + 2 }, &[Part::plain(text)], width, look));
    }
    lines
}

/// A step that has ended, where there is no terminal.
pub(super) fn plain_line(view: &StepView, look: Look) -> String {
    let mut parts = vec![Part::plain(view.step.as_str()), status(view.status)];
    if view.status != StepStatus::Reused {
        parts.push(Part::plain(time(view.elapsed(Duration::ZERO))));
    }
    if !view.model.is_empty() {
        parts.push(Part::plain(one_line(&view.model)));
    }
    if view.status != StepStatus::Reused {
        parts.extend(final_figures(view, look));
    }
    parts.extend(confidence(view));
    parts.extend(repetitions(view));
    if view.was_used_in_spite {
        parts.push(Part::plain(USED));
    }
    out_of_columns(parts, look)
}

/// A part of a step, where there is no terminal.
pub(super) fn plain_part_line(part: &WorkerView, look: Look) -> String {
    let view = &part.view;
    let mut parts = vec![Part::plain(format!("{} {}", view.step, part.label())), status(view.status)];
    parts.push(Part::plain(time(view.elapsed(Duration::ZERO))));
    parts.push(part.plain_title());
    parts.extend(final_figures(view, look));
    parts.extend(confidence(view));
    parts.extend(repetitions(view));
    if view.was_used_in_spite {
        parts.push(Part::plain(USED));
    }
    parts.extend(part.failure.as_deref().map(Part::plain));
    out_of_columns(parts, look)
}

fn out_of_columns(parts: Vec<Part>, look: Look) -> String {
    let parts: Vec<Part> = parts.into_iter().map(|part| part.in_columns(0)).collect();
    joined("", &parts, look)
}

/// The status as a sign.
pub(super) fn mark(status: StepStatus, look: Look) -> String {
    match status {
        StepStatus::Waiting | StepStatus::Running => look.dim("·"),
        StepStatus::Ok | StepStatus::Reused => look.good("✓"),
        StepStatus::Warned => look.caution("!"),
        StepStatus::Failed | StepStatus::Interrupted => look.bad("✗"),
    }
}
