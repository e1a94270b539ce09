//! Says on stderr how a run goes: live on a terminal, line by line elsewhere, or not at all.
//!
//! A sentence about a run is made in one place (`live_line`, `step_line`, `note`, `total_line`,
//! `waterfall`), from one picture of it (`board`), by pure functions; the reporters only decide when it is
//! written.

mod board;
mod live;
mod live_line;
mod note;
mod parts;
mod plain;
mod resting;
mod step_line;
mod step_parts;
#[cfg(test)]
mod tests;
mod total_line;
mod waterfall;
mod worker_view;

use std::fmt;
use std::io;

use console::Term;

use self::live::Live;
use self::plain::Plain;
use crate::chain::{Event, Summary};
use crate::report::Replies;

/// Tells people how a run goes, as it goes. What can't be written is dropped: there is nobody left to
/// tell.
pub trait Reporter {
    /// Something has happened. To be called before the event reaches whatever writes to stdout.
    fn event(&mut self, event: &Event);

    /// Nothing more will happen, whether the run has ended or was dropped. To be called once, after
    /// streamed text has been finished, and before a result is written that was held until now.
    fn finish(&mut self, summary: &Summary);
}

/// What is to be told, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressOptions {
    /// Tell nothing.
    pub quiet: bool,
    /// Add a waterfall at the end.
    pub verbose: bool,
    /// Use colours.
    pub color: bool,
    /// Where the replies come from: said where nothing was billed.
    pub replies: Replies,
    /// What stdout is.
    pub stdout: Stdout,
}

/// What stdout is to somebody who writes to stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdout {
    /// Out of the way: not a terminal, or nothing is written to it before the run has ended.
    Apart,
    /// The terminal, where the final text is written as it comes.
    TerminalText,
    /// The terminal, where a line is written at every event.
    TerminalEvents,
}

/// What stderr is.
pub enum Stderr {
    /// A terminal whose cursor can be moved; best [`Term::buffered_stderr`], which doesn't flicker.
    Terminal(Term),
    /// Anything else: a file, a pipe, a terminal that can't do it.
    Stream(Box<dyn io::Write + Send>),
}

impl fmt::Debug for Stderr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminal(_) => "Terminal",
            Self::Stream(_) => "Stream",
        })
    }
}

/// The reporter that fits.
#[must_use]
pub fn progress(stderr: Stderr, options: ProgressOptions) -> Box<dyn Reporter + Send> {
    match stderr {
        _ if options.quiet => Box::new(Quiet),
        // Lines on stdout would tear live ones apart at every event.
        Stderr::Terminal(term) if options.stdout == Stdout::TerminalEvents => {
            Box::new(Plain::new(term, options))
        }
        Stderr::Terminal(term) => Box::new(Live::new(term, options)),
        Stderr::Stream(stream) => Box::new(Plain::new(stream, options)),
    }
}

/// Says nothing.
struct Quiet;

impl Reporter for Quiet {
    fn event(&mut self, _event: &Event) {}

    fn finish(&mut self, _summary: &Summary) {}
}
