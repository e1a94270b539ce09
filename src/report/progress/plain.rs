//! Progress where there is no terminal: one line a step, and a part of one, when it ends, one for each retry, repair and
//! warning, one total. Nothing beyond ASCII but what a model or an upstream wrote.

use std::io::{self, Write};
use std::time::Duration;

use tokio::time::Instant;

use super::board::{Board, StepStatus};
use super::note::Note;
use super::step_line::{plain_line, plain_part_line};
use super::total_line::Total;
use super::waterfall::waterfall;
use super::{ProgressOptions, Reporter};
use crate::chain::{Event, StepName, Summary};
use crate::report::look::Look;

/// Columns of a waterfall: what any terminal has that the lines may come to.
const WIDTH: usize = 80;

/// Writes lines as things happen.
pub(super) struct Plain<W> {
    out: W,
    options: ProgressOptions,
    look: Look,
    started: Option<Instant>,
    board: Board,
    /// Lines kept back since text began to leave: stdout may be the same file or terminal, and the
    /// text may not have ended its last line yet. They wait a moment only, as nothing but the end of
    /// synthesize comes after the text.
    held: Option<Vec<String>>,
}

impl<W: Write> Plain<W> {
    pub(super) fn new(out: W, options: ProgressOptions) -> Self {
        let look = Look::plain(options.color);
        Self { out, options, look, started: None, board: Board::new(), held: None }
    }

    fn say(&mut self, line: String) {
        match &mut self.held {
            Some(held) => held.push(line),
            None => self.write(&[line]),
        }
    }

    fn write(&mut self, lines: &[String]) {
        let mut text = lines.join("\n");
        text.push('\n');
        // Nobody is left to be told that stderr is gone.
        let _: io::Result<()> = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    /// Says how a step went, and before it which of its parts were cut off.
    fn say_step(&mut self, step: StepName) {
        let view = self.board.steps.get(step);
        let cut_off = view.workers.iter().filter(|part| part.view.status == StepStatus::Interrupted);
        let mut lines: Vec<String> = cut_off.map(|part| plain_part_line(part, self.look)).collect();
        lines.push(plain_line(view, self.look));
        for line in lines {
            self.say(line);
        }
    }

    fn say_part(&mut self, number: u32) {
        let parts = &self.board.steps.process.workers;
        if let Some(part) = parts.iter().find(|part| part.number == number) {
            self.say(plain_part_line(part, self.look));
        }
    }

    fn now(&self) -> Duration {
        self.started.map(|started| started.elapsed()).unwrap_or_default()
    }
}

impl<W: Write> Reporter for Plain<W> {
    fn event(&mut self, event: &Event) {
        self.started.get_or_insert_with(Instant::now);
        self.board.apply(event, self.now());
        for (place, note) in Note::of(event) {
            self.say(format!("{place}  {}: {}", self.look.caution(&note.topic()), note.detail()));
        }
        match event {
            Event::OutputDelta { .. } => {
                self.held.get_or_insert_default();
            }
            Event::WorkerEnded(metadata) => self.say_part(metadata.worker),
            Event::StepFinished(finished) | Event::StepReused(finished) => self.say_step(finished.step),
            Event::RunFinished { outcome: Err(error), .. } => self.say_step(error.step()),
            _ => {}
        }
    }

    fn finish(&mut self, summary: &Summary) {
        let now = self.now();
        self.board.close(now);
        for step in StepName::ALL {
            if self.board.steps.get(step).status == StepStatus::Interrupted {
                self.say_step(step);
            }
        }
        let elapsed = summary.elapsed.unwrap_or(now);
        let mut lines = self.held.take().unwrap_or_default();
        let total = Total { elapsed, spend: summary.spend(), replies: self.options.replies };
        lines.push(total.plain_line(self.look));
        if self.options.verbose {
            lines.extend(waterfall(&self.board, elapsed, WIDTH, self.look));
        }
        self.write(&lines);
    }
}
