//! The run on a time axis: a bar for each step, and below it one for each attempt where there were
//! several. A pure function from what happened to lines.

use std::time::Duration;

use super::board::{AttemptView, Board, StepStatus, StepView};
use super::step_line::word;
use crate::report::amounts::seconds;
use crate::report::look::Look;

/// Columns before the bars: the widest of `synthesize` and `  attempt 99`, and a space.
const LABEL: usize = 13;
/// Columns after the bars: a time, and the longest of what may follow it, ` interrupted`.
const TAIL: usize = 20;
/// Fewer columns than this say nothing; more than that say no more.
const BARS: std::ops::RangeInclusive<usize> = 10..=80;

/// What a column of a bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Empty,
    /// Between two attempts.
    Pause,
    /// An attempt before its first content.
    Silence,
    /// An attempt from its first content on.
    Content,
}

/// The lines of the waterfall of a run that took `total`, for a terminal `width` columns wide.
pub(super) fn waterfall(board: &Board, total: Duration, width: usize, look: Look) -> Vec<String> {
    let columns = width.saturating_sub(LABEL + TAIL).clamp(*BARS.start(), *BARS.end());
    let axis = Axis { total, columns };
    let mut lines = vec![axis.heading(look)];
    for (_, view) in board.steps.iter().filter(|(_, view)| view.status != StepStatus::Waiting) {
        lines.push(axis.step(view, look));
        if view.attempts.len() > 1 {
            let attempts = view.attempts.iter().zip(1..);
            lines.extend(attempts.map(|(attempt, number)| axis.attempt(attempt, number, look)));
        }
    }
    lines.push(look.dim(&legend(look)));
    lines
}

/// The scale that all bars share.
struct Axis {
    total: Duration,
    columns: usize,
}

impl Axis {
    fn heading(&self, look: Look) -> String {
        let end = seconds(self.total);
        look.dim(&format!("{:LABEL$}0s{end:>width$}", "", width = self.columns - 2))
    }

    fn step(&self, view: &StepView, look: Look) -> String {
        let ended = view.ended.unwrap_or(self.total);
        let mut cells = vec![Cell::Empty; self.columns];
        self.paint(&mut cells, view.started, ended, Cell::Pause);
        for attempt in &view.attempts {
            self.paint_attempt(&mut cells, attempt);
        }
        let fault =
            matches!(view.status, StepStatus::Failed | StepStatus::Interrupted).then(|| word(view.status));
        line(view.step.as_str(), &cells, ended.saturating_sub(view.started), fault, look)
    }

    fn attempt(&self, attempt: &AttemptView, number: u32, look: Look) -> String {
        let mut cells = vec![Cell::Empty; self.columns];
        self.paint_attempt(&mut cells, attempt);
        let elapsed = attempt.ended.unwrap_or(self.total).saturating_sub(attempt.started);
        line(&format!("  attempt {number}"), &cells, elapsed, attempt.fault, look)
    }

    fn paint_attempt(&self, cells: &mut [Cell], attempt: &AttemptView) {
        let ended = attempt.ended.unwrap_or(self.total);
        self.paint(cells, attempt.started, ended, Cell::Silence);
        if let Some(content_from) = attempt.content_from {
            self.paint(cells, content_from, ended, Cell::Content);
        }
    }

    /// Paints a stretch of time, one column at least: what has happened is seen.
    fn paint(&self, cells: &mut [Cell], from: Duration, to: Duration, cell: Cell) {
        let first = self.column(from).min(self.columns.saturating_sub(1));
        let end = self.column(to).max(first + 1);
        for painted in cells.iter_mut().take(end).skip(first) {
            *painted = cell;
        }
    }

    fn column(&self, at: Duration) -> usize {
        let total = self.total.as_micros().max(1);
        let column = at.as_micros().min(total) * self.columns as u128 / total;
        usize::try_from(column).unwrap_or(self.columns)
    }
}

fn line(label: &str, cells: &[Cell], elapsed: Duration, fault: Option<&str>, look: Look) -> String {
    let bars: String = cells
        .chunk_by(|a, b| a == b)
        .map(|run| paint(run.first().copied().unwrap_or(Cell::Empty), run.len(), fault.is_some(), look))
        .collect();
    let elapsed = format!("{:>7}", seconds(elapsed));
    match fault {
        None => format!("{label:<LABEL$}{bars}{elapsed}"),
        Some(fault) => format!("{label:<LABEL$}{bars}{}", look.bad(&format!("{elapsed} {fault}"))),
    }
}

fn paint(cell: Cell, columns: usize, failed: bool, look: Look) -> String {
    let bar = sign(cell, look).repeat(columns);
    match cell {
        Cell::Empty => bar,
        Cell::Pause => look.dim(&bar),
        Cell::Silence | Cell::Content if failed => look.bad(&bar),
        Cell::Silence | Cell::Content => look.busy(&bar),
    }
}

fn sign(cell: Cell, look: Look) -> &'static str {
    match (cell, look.unicode) {
        (Cell::Empty, _) => " ",
        (Cell::Pause, true) => "·",
        (Cell::Silence, true) => "░",
        (Cell::Content, true) => "█",
        (Cell::Pause, false) => ".",
        (Cell::Silence, false) => "-",
        (Cell::Content, false) => "#",
    }
}

fn legend(look: Look) -> String {
    let sign = |cell| sign(cell, look);
    format!(
        "{:LABEL$}{} until the first content  {} content  {} wait",
        "",
        sign(Cell::Silence),
        sign(Cell::Content),
        sign(Cell::Pause)
    )
}
