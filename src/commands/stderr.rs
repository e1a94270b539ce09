//! Writes to stderr without ever waiting for whoever reads it.
//!
//! A pipe that nobody drains takes some kilobytes and then blocks its writer for good: signals and time
//! limits would have no effect any more. So a thread of its own writes, and what it can't keep up with is
//! dropped: a run is worth more than its progress.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Pieces that may wait to be written.
const QUEUE: usize = 4096;

/// How long the end of the process waits for what is still to be written.
const TIME_TO_DRAIN: Duration = Duration::from_secs(1);

/// Stderr is one for the whole process, and so is its writer.
static WRITER: OnceLock<SyncSender<Message>> = OnceLock::new();

enum Message {
    Text(Vec<u8>),
    /// Everything before this has been written.
    Written(Sender<()>),
}

/// Stderr as a writer that never blocks and never fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stderr;

impl Write for Stderr {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match writer().try_send(Message::Text(text.to_vec())) {
            // Dropped where it can't be kept: see above.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Ok(text.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes `text`.
pub fn write(text: &str) {
    // Never fails.
    let _ = Stderr.write_all(text.as_bytes());
}

/// Waits until everything is written, or for a second: to be called last.
pub fn drain() {
    let Some(writer) = WRITER.get() else { return };
    let (sender, receiver) = channel();
    if writer.try_send(Message::Written(sender)).is_ok() {
        // Whether it came in time or not, there is nothing further to do.
        let _ = receiver.recv_timeout(TIME_TO_DRAIN);
    }
}

fn writer() -> &'static SyncSender<Message> {
    WRITER.get_or_init(|| {
        let (sender, receiver) = sync_channel(QUEUE);
        thread::spawn(move || write_all(&receiver));
        sender
    })
}

fn write_all(messages: &Receiver<Message>) {
    let mut stderr = io::stderr();
    for message in messages {
        match message {
            // Nobody is left to be told that stderr is gone.
            Message::Text(text) => drop(stderr.write_all(&text)),
            Message::Written(done) => drop(done.send(())),
        }
    }
}
