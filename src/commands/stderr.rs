//! Writes to stderr without ever waiting for whoever reads it.
//!
//! A pipe that nobody drains takes some kilobytes and then blocks its writer for good: signals and time
//! limits would have no effect any more. So a thread of its own writes, and what it can't keep up with is
//! dropped: a run is worth more than its progress.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, Thread};
use std::time::Duration;

/// Pieces that may wait to be written.
const QUEUE: usize = 4096;

/// What waits to be written is one write, up to about so many bytes.
const TOGETHER: usize = 64 * 1024;

/// After a write, so long is left for more to gather, unless the process ends: so a line costs neither a write of its
/// own nor, as a rule, waking the thread that writes, which is more work than the line itself.
const GATHERING: Duration = Duration::from_millis(10);

/// How long the end of the process waits for what is still to be written.
const TIME_TO_DRAIN: Duration = Duration::from_secs(1);

/// Stderr is one for the whole process, and so is its writer.
static WRITER: OnceLock<Writer> = OnceLock::new();

/// The thread that writes, and the way to it.
struct Writer {
    sender: SyncSender<Message>,
    thread: Thread,
}

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
        match writer().sender.try_send(Message::Text(text.to_vec())) {
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
    if writer.sender.try_send(Message::Written(sender)).is_ok() {
        writer.thread.unpark();
        // Whether it came in time or not, there is nothing further to do.
        let _ = receiver.recv_timeout(TIME_TO_DRAIN);
    }
}

fn writer() -> &'static Writer {
    WRITER.get_or_init(|| {
        let (sender, receiver) = sync_channel(QUEUE);
        let thread = thread::spawn(move || write_all(&receiver, io::stderr())).thread().clone();
        Writer { sender, thread }
    })
}

fn write_all(messages: &Receiver<Message>, mut out: impl Write) {
    let mut together = Vec::new();
    while let Ok(first) = messages.recv() {
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Text(text) => together.extend_from_slice(&text),
                Message::Written(done) => {
                    write_out(&mut together, &mut out);
                    // Whoever waited may have given up.
                    let _ = done.send(());
                }
            }
            next = if together.len() < TOGETHER { messages.try_recv().ok() } else { None };
        }
        write_out(&mut together, &mut out);
        thread::park_timeout(GATHERING);
    }
}

fn write_out(together: &mut Vec<u8>, out: &mut impl Write) {
    if !together.is_empty() {
        // Nobody is left to be told that stderr is gone.
        drop(out.write_all(together));
        together.clear();
        together.shrink_to(TOGETHER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it is given, write by write, and whether somebody had been told by then that all is written.
    struct Writes<'a>(&'a mut Vec<(String, bool)>, Receiver<()>);

    impl Write for Writes<'_> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.push((String::from_utf8(text.to_vec()).unwrap(), self.1.try_recv().is_ok()));
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_waits_is_one_write_and_who_waits_is_told_after_it() {
        let (sender, messages) = sync_channel(QUEUE);
        let (done, told) = channel();
        let text = |text: &str| sender.send(Message::Text(text.into())).unwrap();
        text("a\n");
        text("b\n");
        sender.send(Message::Written(done)).unwrap();
        let long = "c".repeat(TOGETHER);
        text(&long);
        text("d\n");
        drop(sender);
        let mut written = Vec::new();
        write_all(&messages, Writes(&mut written, told));
        assert_eq!(written, [("a\nb\n".to_owned(), false), (long, true), ("d\n".to_owned(), false)]);
    }
}
