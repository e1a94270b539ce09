//! The lines that wait to be pushed: bounded in number and in bytes, and never waited for by whoever logs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::LokiLimits;
use super::troubles::Troubles;
use crate::telemetry::deliveries::Loss;
use crate::telemetry::logs::LogLevel;

/// A line on its way to Loki.
#[derive(Debug)]
pub(super) struct Entry {
    /// When it was logged, in nanoseconds since 1970.
    pub(super) nanoseconds: i128,
    pub(super) level: LogLevel,
    /// A JSON object, without an end of the line.
    pub(super) line: String,
}

/// Where lines are put in.
#[derive(Debug, Clone)]
pub struct LokiQueue {
    lines: Sender<Entry>,
    bytes: Arc<AtomicUsize>,
    limits: LokiLimits,
    troubles: Arc<Troubles>,
}

/// Where they come out.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) lines: Receiver<Entry>,
    bytes: Arc<AtomicUsize>,
}

pub(super) fn queue(limits: LokiLimits, troubles: Arc<Troubles>) -> (LokiQueue, Waiting) {
    let (sender, receiver) = mpsc::channel(limits.queue_lines);
    let bytes = Arc::new(AtomicUsize::new(0));
    let waiting = Waiting { lines: receiver, bytes: Arc::clone(&bytes) };
    (LokiQueue { lines: sender, bytes, limits, troubles }, waiting)
}

impl LokiQueue {
    /// Puts in a line that was logged at that time. Never waits: what doesn't fit is dropped and counted.
    pub fn offer(&self, timestamp: Timestamp, level: LogLevel, line: String) {
        let size = line.len();
        if size > self.limits.line_bytes {
            self.troubles.drop_lines(Loss::TooLong, 1, "a line is longer than Loki takes");
            return;
        }
        if self.bytes.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.limits.queue_bytes {
            self.bytes.fetch_sub(size, Ordering::Relaxed);
            self.troubles.drop_lines(Loss::QueueFull, 1, FULL);
            return;
        }
        let entry = Entry { nanoseconds: timestamp.as_nanosecond(), level, line };
        if self.lines.try_send(entry).is_err() {
            self.bytes.fetch_sub(size, Ordering::Relaxed);
            self.troubles.drop_lines(Loss::QueueFull, 1, FULL);
        }
    }
}

const FULL: &str = "the queue is full";

impl Waiting {
    /// So many bytes no longer wait.
    pub(super) fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
impl LokiQueue {
    /// Bytes that wait, or are under way.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}
