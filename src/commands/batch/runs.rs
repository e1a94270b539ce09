//! The runs of a batch: as many at a time as there may be, until the input ends or something ends them.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use tokio::time::Instant;

use super::ending::{failed, hint, too_many_failures};
use super::input::{Input, Next};
use super::item::{Item, Unfit};
use super::lines::Line;
use super::message_batches::{MessageBatches, Turn};
use super::results::Results;
use super::work::{self, Ended, How, Shared};
use crate::chain::{ChainConfig, whole_seconds};
use crate::commands::signals::Signals;
use crate::error::Error;
use crate::report::{BatchProgress, BatchTally};

/// How long the upstream is left alone where it asks for patience without saying for how long.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest that it is left alone at a time.
const MOST_PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked whether there is room again, while nothing else happens.
const WATCH: Duration = Duration::from_millis(100);

type Running = FuturesUnordered<Pin<Box<dyn Future<Output = Ended>>>>;

/// The runs of a batch.
pub(super) struct Runs {
    /// What sends the calls, where they go out together.
    pub(super) batches: Option<MessageBatches>,
    shared: Shared,
    input: Input,
    results: Results,
    progress: BatchProgress,
    signals: Signals,
    running: Running,
    /// Lines that were put off.
    again: VecDeque<(Item, Arc<ChainConfig>)>,
    quiet_until: Option<Instant>,
    tally: BatchTally,
    /// Whether there is no further line.
    is_at_end: bool,
    last_line: u64,
    /// Why nothing further is begun.
    end: Option<Error>,
    reader_left: bool,
    /// Lines whose runs have ended without a result.
    unfinished_lines: usize,
}

/// How a batch has ended.
pub(super) struct BatchEnd {
    pub(super) result: Result<(), Error>,
    /// Whether all lines were run, be it that some of them have failed.
    pub(super) to_the_end: bool,
}

impl Runs {
    pub(super) fn new(
        shared: Shared,
        input: Input,
        results: Results,
        progress: BatchProgress,
        signals: Signals,
    ) -> Self {
        Self {
            batches: None,
            shared,
            input,
            results,
            progress,
            signals,
            running: FuturesUnordered::new(),
            again: VecDeque::new(),
            quiet_until: None,
            tally: BatchTally::default(),
            is_at_end: false,
            last_line: 0,
            end: None,
            reader_left: false,
            unfinished_lines: 0,
        }
    }
}

impl Runs {
    /// Runs all of it. `max_failures` is how many lines may fail before nothing further is begun;
    /// `has_journal` says whether what is left can be gone on with.
    pub(super) async fn run_all(
        mut self,
        stop: watch::Sender<bool>,
        max_failures: Option<u64>,
        has_journal: bool,
    ) -> BatchEnd {
        while !self.is_over() {
            self.begin_again();
            self.progress.update(&self.tally);
            let may_read = self.may_read();
            let (quiet_until, running) = (self.quiet_until, self.running.len());
            tokio::select! {
                biased;
                signal = self.signals.next() => {
                    if self.end.as_ref().is_some_and(|end| end.code == signal) {
                        // A second one doesn't wait for what the first has ended.
                        break;
                    }
                    self.end = Some(Error::new(signal, signal.as_str()));
                    self.stop(&stop);
                }
                Some(ended) = self.running.next(), if !self.running.is_empty() => self.take_ended(ended),
                next = self.input.next(), if may_read => match next {
                    Ok(Some(next)) => self.take(next),
                    Ok(None) => self.reach_end(),
                    Err(error) => self.end_for(error),
                },
                turn = next_turn(&mut self.batches, running, may_read) => {
                    if let Err(error) = self.take_turn(turn).await {
                        self.stop(&stop);
                        self.end_for(error);
                    }
                }
                () = until(quiet_until), if quiet_until.is_some() => self.quiet_until = None,
                () = tokio::time::sleep(WATCH), if !may_read => {}
            }
            if let Some(error) = self.results.failure() {
                self.stop(&stop);
                // Whoever closes a pipe has what they wanted.
                self.reader_left |= error.kind() == io::ErrorKind::BrokenPipe;
                self.end_for(crate::commands::output_error(&error));
            }
            if max_failures.is_some_and(|most| self.tally.failed >= most) {
                self.end_for(too_many_failures(self.tally.failed));
            }
        }
        let to_the_end = self.end.is_none() && self.unfinished_lines == 0;
        BatchEnd { result: self.finish(has_journal).await, to_the_end }
    }

    fn reach_end(&mut self) {
        self.is_at_end = true;
        let missing = self.input.lines_missing(self.last_line);
        if missing > 0 {
            let lines = if missing == 1 { "1 line".to_owned() } else { format!("{missing} lines") };
            self.progress.say(&format!("warning: the journal has {lines} more than the input"));
        }
    }

    fn is_over(&self) -> bool {
        let nothing_more = self.end.is_some() || (self.is_at_end && self.again.is_empty());
        self.running.is_empty() && nothing_more
    }

    /// Whether a further line may be taken up.
    fn may_read(&self) -> bool {
        let has_place = self.running.len() + self.again.len() < self.shared.pace.runs();
        let is_quiet = self.quiet_until.is_some();
        has_place
            && !is_quiet
            && self.end.is_none()
            && !self.is_at_end
            && self.results.have_room_for(self.last_line + 1)
    }

    fn begin_again(&mut self) {
        while self.end.is_none() && self.quiet_until.is_none() && self.running.len() < self.shared.pace.runs()
        {
            let Some((item, chain)) = self.again.pop_front() else { break };
            self.begin(item, chain);
        }
        self.tally.running = self.running.len();
    }

    fn begin(&mut self, item: Item, chain: Arc<ChainConfig>) {
        self.running.push(Box::pin(work::run(self.shared.clone(), item, chain)));
    }

    fn take(&mut self, next: Next) {
        match next {
            Next::Run(item, chain) => {
                self.last_line = item.line;
                self.begin(*item, chain);
            }
            Next::Done { line, result } => {
                self.last_line = line;
                self.tally.done += 1;
                self.tally.done_before += 1;
                self.results.put(line, Some(result));
            }
            Next::Blank { line } => {
                self.last_line = line;
                self.results.put(line, None);
            }
            Next::Unfit { line, unfit } => {
                self.last_line = line.number;
                self.take_unfit(&line, &unfit);
            }
        }
    }

    /// A line that can't be run has failed. It is no matter for the journal: a corrected one may stand in its
    /// place next time.
    fn take_unfit(&mut self, line: &Line, unfit: &Unfit) {
        match unfit.result(line.number, self.shared.replies) {
            Ok(json) => {
                self.tally.failed += 1;
                self.results.put(line.number, Some(json));
            }
            Err(error) => self.end_for(crate::commands::output_error(&error.into())),
        }
    }

    fn take_ended(&mut self, ended: Ended) {
        let Ended { mut item, chain, spend, how } = ended;
        self.tally.spend.add(&spend);
        match how {
            How::Result { is_ok, json } => {
                let count = if is_ok { &mut self.tally.done } else { &mut self.tally.failed };
                *count += 1;
                self.results.put(item.line, Some(json));
            }
            How::Later(error) => {
                let wait = error.retry_after().unwrap_or(PATIENCE).clamp(PATIENCE / 5, MOST_PATIENCE);
                let until = Instant::now() + wait;
                if self.quiet_until.is_none() {
                    let told = format!("nothing is begun for {}: {error}", whole_seconds(wait));
                    self.progress.say(&told);
                }
                self.quiet_until = Some(self.quiet_until.map_or(until, |known| known.max(until)));
                item.put_off += 1;
                self.again.push_back((item, chain));
            }
            How::Fatal(error) | How::Unsafe(error) => {
                self.unfinished_lines += 1;
                self.results.put(item.line, None);
                self.end_for(error);
            }
            How::Stopped => {
                self.unfinished_lines += 1;
                self.results.put(item.line, None);
            }
        }
    }

    async fn take_turn(&mut self, turn: Turn) -> Result<(), Error> {
        let Some(batches) = &mut self.batches else { return Ok(()) };
        let said = match turn {
            Turn::AllWait => batches.send().await?,
            Turn::Ended(end) => batches.take_end(end?)?,
            Turn::Said(text) => vec![text],
        };
        for text in &said {
            self.progress.say(text);
        }
        Ok(())
    }

    /// All runs end. What isn't sent is taken back first, so that it is known to have cost nothing.
    fn stop(&mut self, stop: &watch::Sender<bool>) {
        if let Some(batches) = &mut self.batches {
            batches.withdraw();
        }
        let _ = stop.send(true);
    }

    /// Nothing further is begun, for the first reason that there is.
    fn end_for(&mut self, error: Error) {
        self.end.get_or_insert(error);
    }

    async fn finish(mut self, has_journal: bool) -> Result<(), Error> {
        self.unfinished_lines += self.running.len() + self.again.len() + usize::from(!self.is_at_end);
        let unfinished = self.unfinished_lines > 0;
        self.tally.running = 0;
        if let Some(batches) = &mut self.batches {
            match batches.under_way() {
                0 if !unfinished => batches.settle().await?,
                0 => {}
                1 => self.progress.say("1 batch goes on upstream"),
                going_on => self.progress.say(&format!("{going_on} batches go on upstream")),
            }
        }
        let written = tokio::select! {
            biased;
            signal = self.signals.next() => return Err(Error::new(signal, signal.as_str())),
            written = self.results.finish() => written,
        };
        self.progress.finish(&self.tally, unfinished);
        let error = match (self.end, written) {
            _ if self.reader_left => return Ok(()),
            (Some(error), _) => error,
            (None, Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            (None, Err(error)) => crate::commands::output_error(&error),
            (None, Ok(())) if self.tally.failed > 0 => failed(self.tally.failed),
            (None, Ok(())) => return Ok(()),
        };
        let goes_on = has_journal && self.unfinished_lines > 0;
        let hint = hint(&error, goes_on);
        Err(Error { spend: Some(Box::new(self.tally.spend)), hint, ..error })
    }
}

async fn next_turn(batches: &mut Option<MessageBatches>, running: usize, more_may_begin: bool) -> Turn {
    match batches {
        Some(batches) => batches.next(running, more_may_begin).await,
        None => std::future::pending().await,
    }
}

async fn until(time: Option<Instant>) {
    if let Some(time) = time {
        tokio::time::sleep_until(time).await;
    }
}
