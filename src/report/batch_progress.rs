//! Says on stderr how a batch goes: a bar on a terminal, a line now and then elsewhere, or nothing.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::amounts::{cost, count, time, tokens};
use super::known_spend::KnownSpend;
use super::look::Look;
use super::{Replies, Stderr};
use crate::chain::Spend;

/// How often a line is written where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often the bar is drawn anew while nothing happens.
const TICK: Duration = Duration::from_millis(250);

/// What a batch has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BatchTally {
    /// Lines whose runs ended well.
    pub done: u64,
    /// Those of them that an earlier batch had finished.
    pub done_before: u64,
    /// Lines whose runs failed, or that can't be run.
    pub failed: u64,
    /// Runs under way.
    pub running: usize,
    /// What this batch has spent.
    pub spend: Spend,
}

impl BatchTally {
    fn ended(&self) -> u64 {
        self.done + self.failed
    }

    /// Lines that this batch itself has ended.
    fn own(&self) -> u64 {
        self.ended() - self.done_before
    }
}

/// Tells people how a batch goes.
pub struct BatchProgress {
    form: Form,
    look: Look,
    total: Option<u64>,
    replies: Replies,
    started: Instant,
}

enum Form {
    Quiet,
    Bar(ProgressBar),
    Lines { out: Box<dyn Write + Send>, last: Instant },
}

impl BatchProgress {
    /// On `stderr`, unless that is `None`. `total` is how many lines there are, where that is known.
    #[must_use]
    pub fn new(stderr: Option<Stderr>, total: Option<u64>, replies: Replies, color: bool) -> Self {
        let started = Instant::now();
        let form = match stderr {
            None => Form::Quiet,
            Some(Stderr::Stream(out)) => Form::Lines { out, last: started },
            Some(Stderr::Terminal(term)) => Form::Bar(bar(term, total)),
        };
        Self { form, look: Look::plain(color), total, replies, started }
    }

    /// The batch has come so far.
    pub fn update(&mut self, tally: &BatchTally) {
        let elapsed = self.started.elapsed();
        let text = self.text(tally, elapsed);
        match &mut self.form {
            Form::Bar(bar) => {
                bar.set_position(tally.ended());
                bar.set_message(text);
            }
            Form::Lines { out, last } if last.elapsed() >= LINE_EVERY => {
                *last = Instant::now();
                let of = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
                // Nobody is left to be told that stderr is gone.
                let _ = writeln!(out, "{}{of}  {text}", tally.ended());
            }
            Form::Quiet | Form::Lines { .. } => {}
        }
    }

    /// Something to be said meanwhile.
    pub fn say(&mut self, text: &str) {
        match &mut self.form {
            Form::Quiet => {}
            Form::Bar(bar) => bar.println(text),
            Form::Lines { out, .. } => {
                let _ = writeln!(out, "{text}");
            }
        }
    }

    /// The batch has ended; `left` says that there are lines that it didn't come to.
    pub fn finish(&mut self, tally: &BatchTally, left: bool) {
        let mut parts = vec![format!("{} done", tally.done)];
        if tally.done_before > 0 {
            parts.push(format!("{} of them before", tally.done_before));
        }
        parts.push(format!("{} failed", tally.failed));
        if left {
            parts.push("others left".to_owned());
        }
        let known = KnownSpend::from(&tally.spend);
        let mut line = format!(
            "total {}  {}  {}  {}",
            time(self.started.elapsed()),
            parts.join(", "),
            tokens(&known, self.look),
            cost(&known, self.look)
        );
        if !known.is_complete() {
            line.push_str(&format!("  {} uncounted", count(known.uncounted_attempts, "attempt")));
        }
        match self.replies {
            Replies::Upstream => {}
            Replies::Simulated => line.push_str("  simulated, nothing was billed"),
            Replies::Replayed => line.push_str("  replayed, nothing was billed"),
        }
        match &mut self.form {
            Form::Quiet => {}
            Form::Bar(bar) => {
                bar.println(line);
                bar.finish_and_clear();
            }
            Form::Lines { out, .. } => {
                let _ = writeln!(out, "{line}");
            }
        }
    }

    /// `3 failed  12.3/s  $0.52  about 2m left`.
    fn text(&self, tally: &BatchTally, elapsed: Duration) -> String {
        let mut parts = Vec::new();
        if tally.failed > 0 {
            parts.push(format!("{} failed", tally.failed));
        }
        parts.push(format!("{} running", tally.running));
        let seconds = elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
        let rate = tally.own() as f64 / seconds.max(0.001);
        if tally.own() > 0 {
            parts.push(if rate >= 1.0 { format!("{rate:.1}/s") } else { format!("{:.1}/min", rate * 60.0) });
        }
        parts.push(cost(&KnownSpend::from(&tally.spend), self.look));
        let left = self.total.map(|total| total.saturating_sub(tally.ended()));
        if let Some(left) = left.filter(|left| *left > 0 && tally.own() > 0) {
            #[expect(clippy::cast_precision_loss, reason = "an estimate needs no more digits")]
            let left = Duration::try_from_secs_f64(left as f64 / rate).unwrap_or(Duration::MAX);
            parts.push(format!("about {} left", about(left)));
        }
        parts.join("  ")
    }
}

impl std::fmt::Debug for BatchProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchProgress").field("total", &self.total).finish_non_exhaustive()
    }
}

fn bar(term: console::Term, total: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::term(term, 10);
    let template = match total {
        Some(_) => "{bar:24} {pos}/{len}  {msg}",
        None => "{spinner} {pos}  {msg}",
    };
    // The templates are fixed, and fine.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(total, target).with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// A time as people guess it: `40s`, `12m`, `3h 20m`.
fn about(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..90 => format!("{}s", seconds.max(1)),
        seconds @ ..5400 => format!("{}m", seconds.div_ceil(60)),
        seconds => format!("{}h {}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_guessed_as_people_do() {
        let cases = [(0, "1s"), (40, "40s"), (700, "12m"), (12_000, "3h 20m")];
        for (seconds, text) in cases {
            assert_eq!(about(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_line_tells_failures_rate_cost_and_what_is_left() {
        let progress = BatchProgress::new(None, Some(100), Replies::Upstream, false);
        let spend = Spend { cost: Some(crate::model::Cost::from_usd(0.52)), ..Spend::default() };
        let tally = BatchTally { done: 30, done_before: 10, failed: 10, running: 4, spend };
        let spend = crate::model::Usage { input: Some(1), output: Some(1), ..crate::model::Usage::default() };
        let tally = BatchTally { spend: Spend { usage: spend, ..tally.spend }, ..tally };
        assert_eq!(
            progress.text(&tally, Duration::from_secs(10)),
            "10 failed  4 running  3.0/s  $0.520000  about 20s left"
        );
    }
}
