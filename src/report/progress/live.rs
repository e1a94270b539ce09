//! Progress on a terminal: three lines, and one for each part of a step, that are redrawn while the run is under way, and then give way
//! to a record for good.
//!
//! Live lines and streamed text can't share a terminal: the lines are redrawn by moving the cursor up,
//! over whatever was written since. So where stdout is the same terminal, the first piece of text
//! ends the live lines before it is written: they are cleared, the steps that are done are written for
//! good, and from then on nothing is written until the text has ended, when the last step and the
//! total follow. This needs no lock and no agreement with the writer of the text, but for the order
//! that [`Reporter`] asks for: each event comes here first.
//!
//! indicatif does the redrawing, on a thread of its own, ten times a second; what is drawn is made
//! here at that moment, so that times and countdowns run on between events.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};
use tokio::time::Instant;

use super::board::{Board, StepStatus};
use super::live_line::{SPINNER_PACE, live_line, live_part_line, more_parts_line};
use super::resting::Resting;
use super::step_line::final_lines;
use super::total_line::Total;
use super::waterfall::waterfall;
use super::worker_view::WorkerView;
use super::{ProgressOptions, Reporter, Stdout};
use crate::chain::{Event, StepName, Summary};
use crate::report::look::Look;

/// Redraws a second, at most.
const REDRAWS_PER_SECOND: u8 = 20;

/// Live lines.
pub(super) struct Live<T> {
    term: T,
    options: ProgressOptions,
    look: Look,
    board: Arc<Mutex<Board>>,
    started: Option<Instant>,
    /// The live lines, as long as they are there.
    lines: Option<ProgressBar>,
    /// Steps that have been written for good.
    recorded: Vec<StepName>,
    /// Whether text has been written to the same terminal and doesn't end its line.
    text_is_open: bool,
}

impl<T: TermLike + Clone + 'static> Live<T> {
    pub(super) fn new(term: T, options: ProgressOptions) -> Self {
        let look = Look::terminal(options.color);
        let board = Arc::new(Mutex::new(Board::new()));
        Self {
            term,
            options,
            look,
            board,
            started: None,
            lines: None,
            recorded: Vec::new(),
            text_is_open: false,
        }
    }

    /// Shows the live lines.
    fn show(&mut self, started: Instant) {
        let term = Resting(self.term.clone());
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(term), REDRAWS_PER_SECOND);
        let (board, term, look) = (Arc::clone(&self.board), self.term.clone(), self.look);
        let draw = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let size = Size { width: usize::from(term.width()), height: usize::from(term.height()) };
            // Writing into indicatif's string can't fail.
            let _ = out.write_str(&frame(&locked(&board), started.elapsed(), size, look));
        };
        // The template is a constant, and a good one; without it there would only be no live lines.
        let Ok(style) = ProgressStyle::with_template("{steps}") else { return };
        let lines = ProgressBar::with_draw_target(None, target).with_style(style.with_key("steps", draw));
        lines.enable_steady_tick(SPINNER_PACE);
        self.lines = Some(lines);
    }

    /// Takes the live lines away, for good. From here on the cursor stands where they began.
    fn clear(&mut self) {
        if let Some(lines) = self.lines.take() {
            lines.finish_and_clear();
        }
    }

    /// Writes the steps that have ended, and haven't been written yet, with what is to be said of them.
    fn record(&mut self) {
        let mut record = Vec::new();
        for (step, view) in locked(&self.board).steps.iter() {
            if matches!(view.status, StepStatus::Waiting | StepStatus::Running)
                || self.recorded.contains(&step)
            {
                continue;
            }
            record.extend(final_lines(view, self.width(), self.look));
            self.recorded.push(step);
        }
        self.write(&record);
    }

    fn write(&self, lines: &[String]) {
        for line in lines {
            // Nobody is left to be told that the terminal is gone.
            let _ = self.term.write_line(line);
        }
        let _ = self.term.flush();
    }

    fn width(&self) -> usize {
        usize::from(self.term.width())
    }

    fn now(&self) -> Duration {
        self.started.map(|started| started.elapsed()).unwrap_or_default()
    }
}

impl<T: TermLike + Clone + 'static> Reporter for Live<T> {
    fn event(&mut self, event: &Event) {
        if self.started.is_none() {
            let started = *self.started.insert(Instant::now());
            self.show(started);
        }
        let now = self.now();
        locked(&self.board).apply(event, now);
        if let Event::OutputDelta { text } = event
            && self.options.stdout == Stdout::TerminalText
        {
            self.text_is_open = text.chars().last().map_or(self.text_is_open, |last| last != '\n');
            if self.lines.is_some() {
                self.clear();
                self.record();
            }
        }
    }

    fn finish(&mut self, summary: &Summary) {
        self.clear();
        if self.text_is_open && summary.outcome.is_none() {
            // Whoever writes the text was interrupted too.
            self.write(&[String::new()]);
        }
        let now = self.now();
        locked(&self.board).close(now);
        self.record();
        let elapsed = summary.elapsed.unwrap_or(now);
        let total = Total { elapsed, spend: summary.spend(), replies: self.options.replies };
        let mut lines = total.terminal_lines(self.width(), self.look);
        if self.options.verbose {
            lines.extend(waterfall(&locked(&self.board), elapsed, self.width(), self.look));
        }
        self.write(&lines);
    }
}

impl<T> Drop for Live<T> {
    /// Whatever comes next on the terminal, an error message for instance, must not be drawn over.
    fn drop(&mut self) {
        if let Some(lines) = self.lines.take() {
            lines.finish_and_clear();
        }
    }
}

/// Columns and lines of a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The live lines at that moment. Each is at least one column narrower than the terminal: a line that
/// wraps couldn't be redrawn in place, and terminals don't agree on the width of every character. Together
/// they are at least one line fewer than it has, if it has more than the steps need: parts that don't fit
/// are left out, first those that have ended.
pub(super) fn frame(board: &Board, now: Duration, size: Size, look: Look) -> String {
    let width = size.width.saturating_sub(1);
    let room = size.height.saturating_sub(1 + StepName::ALL.len());
    let mut lines = Vec::new();
    for (_, view) in board.steps.iter() {
        lines.push(live_line(view, now, width, look));
        let shown = shown_parts(&view.workers, room);
        lines.extend(shown.iter().map(|part| live_part_line(part, now, width, look)));
        let hidden = view.workers.len() - shown.len();
        if hidden > 0 && !shown.is_empty() {
            lines.push(more_parts_line(hidden, width, look));
        }
    }
    lines.join("\n")
}

/// The parts that there is room for, with a line for how many there are beyond; in order.
fn shown_parts(parts: &[WorkerView], room: usize) -> Vec<&WorkerView> {
    if parts.len() <= room {
        return parts.iter().collect();
    }
    let is_going = |part: &&WorkerView| part.view.ended.is_none();
    let going = parts.iter().filter(is_going);
    let ended = parts.iter().rev().filter(|part| !is_going(part));
    let mut shown: Vec<&WorkerView> = going.chain(ended).take(room.saturating_sub(1)).collect();
    shown.sort_by_key(|part| part.number);
    shown
}

fn locked(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    // The board is whole between any two events, so a panic elsewhere leaves it usable.
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
