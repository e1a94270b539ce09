//! The run on a time axis: a bar for each step, below it one for each of its parts if it was divided, and
//! below either one for each attempt where there were several. A pure function from what happened to lines.

use std::time::Duration;

use console::truncate_str;

use super::board::{AttemptView, Board, StepStatus, StepView};
use super::parts::{Lead, Part, wrapped};
use super::step_parts::word;
use crate::report::amounts::time;
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// Columns before the bars: the widest of `synthesize` and `  attempt 99`, and a space.
const LABEL: usize = 13;
/// Columns more where attempts are those of parts.
const DEEPER: usize = 2;
/// Columns of the time after a bar.
const TIME: usize = 7;
/// Fewer columns than this say nothing; more than that say no more.
const BARS: std::ops::RangeInclusive<usize> = 8..=80;

/// What a column of a bar stands for; of what happened at the same time, the last of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    let steps = || board.steps.iter().map(|(_, view)| view).filter(|view| view.status != StepStatus::Waiting);
    let longest_fault = steps().flat_map(faults).map(|fault| fault.len() + 1).max().unwrap_or(0);
    let label = if steps().any(StepView::is_divided) { LABEL + DEEPER } else { LABEL };
    let columns = width.saturating_sub(label + TIME + longest_fault).clamp(*BARS.start(), *BARS.end());
    let axis = Axis { total, label, columns };
    let mut lines = vec![axis.heading(look)];
    for view in steps() {
        lines.extend(axis.step(view.step.as_str(), "", view, look));
        for part in &view.workers {
            lines.extend(axis.step(&part.label(), "  ", &part.view, look));
        }
    }
    lines.extend(axis.legend(width, look));
    for view in steps() {
        lines.extend(failed_requests(view, width, look));
    }
    lines.iter().map(|line| truncate_str(line, width, "").into_owned()).collect()
}

/// The upstream's ids of requests that have failed, each on a line of its own: its support asks for them.
fn failed_requests(view: &StepView, width: usize, look: Look) -> Vec<String> {
    let failed = view.attempts.iter().filter(|attempt| attempt.fault.is_some());
    let lines = failed.filter_map(|attempt| {
        let id = one_line(attempt.request_id.as_deref()?);
        let lead = format!("{} failed: ", attempt.name(view.step));
        Some(wrapped(&Lead { text: &lead, indent: 2 }, &[Part::plain(format!("request {id}"))], width, look))
    });
    lines.flatten().collect()
}

/// What is said behind the bars of a step and its attempts.
fn faults(view: &StepView) -> Vec<&'static str> {
    let attempts = view.attempts.iter().filter(|_| view.attempts.len() > 1);
    let parts = view.workers.iter().filter_map(|part| step_fault(&part.view));
    step_fault(view).into_iter().chain(parts).chain(attempts.filter_map(|attempt| attempt.fault)).collect()
}

fn step_fault(view: &StepView) -> Option<&'static str> {
    matches!(view.status, StepStatus::Failed | StepStatus::Interrupted).then(|| word(view.status))
}

/// The scale that all bars share.
struct Axis {
    total: Duration,
    /// Columns before the bars.
    label: usize,
    columns: usize,
}

impl Axis {
    fn heading(&self, look: Look) -> String {
        let end = time(self.total);
        look.dim(&format!("{:label$}0s{end:>width$}", "", label = self.label, width = self.columns - 2))
    }

    /// A step or a part of one, and its attempts unless they are its parts'.
    fn step(&self, label: &str, indent: &str, view: &StepView, look: Look) -> Vec<String> {
        let ended = view.ended.unwrap_or(self.total);
        let mut cells = vec![Cell::Empty; self.columns];
        self.paint(&mut cells, view.started, ended, Cell::Pause);
        for attempt in &view.attempts {
            self.paint_attempt(&mut cells, attempt);
        }
        let elapsed = ended.saturating_sub(view.started);
        let mut lines = vec![self.line(&format!("{indent}{label}"), &cells, elapsed, step_fault(view), look)];
        if view.attempts.len() > 1 && !view.is_divided() {
            let attempts = view.attempts.iter().zip(1..);
            lines.extend(attempts.map(|(attempt, number)| {
                self.attempt(&format!("{indent}  attempt {number}"), attempt, look)
            }));
        }
        lines
    }

    fn attempt(&self, label: &str, attempt: &AttemptView, look: Look) -> String {
        let mut cells = vec![Cell::Empty; self.columns];
        self.paint_attempt(&mut cells, attempt);
        let elapsed = attempt.ended.unwrap_or(self.total).saturating_sub(attempt.started);
        self.line(label, &cells, elapsed, attempt.fault, look)
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
            *painted = cell.max(*painted);
        }
    }

    fn column(&self, at: Duration) -> usize {
        let total = self.total.as_micros().max(1);
        let column = at.as_micros().min(total) * self.columns as u128 / total;
        usize::try_from(column).unwrap_or(self.columns)
    }

    fn line(
        &self,
        label: &str,
        cells: &[Cell],
        elapsed: Duration,
        fault: Option<&str>,
        look: Look,
    ) -> String {
        let bars: String = cells
            .chunk_by(|a, b| a == b)
            .map(|run| paint(run.first().copied().unwrap_or(Cell::Empty), run.len(), fault.is_some(), look))
            .collect();
        let elapsed = format!("{:>TIME$}", time(elapsed));
        let label = format!("{label:<columns$}", columns = self.label);
        match fault {
            None => format!("{label}{bars}{elapsed}"),
            Some(fault) => format!("{label}{bars}{}", look.bad(&format!("{elapsed} {fault}"))),
        }
    }

    fn legend(&self, width: usize, look: Look) -> Vec<String> {
        let part = |cell, meaning| Part::painted(format!("{} {meaning}", sign(cell, look)), Look::dim);
        let parts = [
            part(Cell::Silence, "until the first content"),
            part(Cell::Content, "content"),
            part(Cell::Pause, "wait"),
        ];
        wrapped(&Lead { text: &" ".repeat(self.label), indent: self.label }, &parts, width, look)
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
