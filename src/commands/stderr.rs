//! Writes to stderr without ever waiting for whoever reads it.
//!
//! A pipe that nobody drains takes some kilobytes and then blocks its writer for good: signals and time
//! limits would have no effect any more. So a thread of its own writes, and what it can't keep up with is
//! dropped: a run is worth more than its progress.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, Thread};
use std::time::Duration;

/// Pieces that may wait to be written.
const QUEUE: usize = 4096;

/// So many waiting pieces end the time that is left for more to gather.
const MANY: usize = QUEUE / 4;

/// What waits to be written is one write, up to about so many bytes.
const TOGETHER: usize = 64 * 1024;

/// When all has been written, so long is left for more to gather, unless it is much or the process ends: so a line costs
/// neither a write of its own nor, as a rule, waking the thread that writes, which is more work than the line itself.
const GATHERING: Duration = Duration::from_millis(10);

/// How long the end of the process waits for what is still to be written.
const TIME_TO_DRAIN: Duration = Duration::from_secs(1);

/// How often the end of the process looks for room in a queue that is full, and for how long.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(1);
const LOOKS: u32 = 1000;

/// Stderr is one for the whole process, and so is its writer.
static WRITER: OnceLock<Writer> = OnceLock::new();

/// Pieces that wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Whether the process ends: there is nothing to wait for any more.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

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
        let writer = writer();
        let waiting = WAITING.fetch_add(1, Ordering::Relaxed);
        if writer.sender.try_send(Message::Text(text.to_vec())).is_err() {
            // Dropped where it can't be kept: see above.
            WAITING.fetch_sub(1, Ordering::Relaxed);
        } else if waiting == MANY {
            writer.thread.unpark();
        }
        Ok(text.len())
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
    IS_ENDING.store(true, Ordering::Relaxed);
    let (sender, receiver) = channel();
    let mut message = Message::Written(sender);
    for _ in 0..LOOKS {
        let sent = writer.sender.try_send(message);
        writer.thread.unpark();
        match sent {
            Ok(()) => {
                // Whether it came in time or not, there is nothing further to do.
                let _ = receiver.recv_timeout(TIME_TO_DRAIN);
                return;
            }
            Err(TrySendError::Full(unsent)) => message = unsent,
            Err(TrySendError::Disconnected(_)) => return,
        }
        thread::park_timeout(LOOK_FOR_ROOM);
    }
}

fn writer() -> &'static Writer {
    WRITER.get_or_init(|| {
        let (sender, receiver) = sync_channel(QUEUE);
        let gather = || {
            if !IS_ENDING.load(Ordering::Relaxed) {
                thread::park_timeout(GATHERING);
            }
        };
        let write = move || write_all(&receiver, io::stderr(), gather);
        Writer { sender, thread: thread::spawn(write).thread().clone() }
    })
}

/// Writes what comes. `gather` is called whenever nothing waits any more.
fn write_all(messages: &Receiver<Message>, mut out: impl Write, mut gather: impl FnMut()) {
    let mut together = Vec::new();
    while let Ok(first) = messages.recv() {
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Text(text) => {
                    WAITING.fetch_sub(1, Ordering::Relaxed);
                    together.extend_from_slice(&text);
                    if together.len() >= TOGETHER {
                        write_out(&mut together, &mut out);
                    }
                }
                Message::Written(done) => {
                    write_out(&mut together, &mut out);
                    // Whoever waited may have given up.
                    let _ = done.send(());
                }
            }
            next = messages.try_recv().ok();
        }
        write_out(&mut together, &mut out);
        gather();
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
        write_all(&messages, Writes(&mut written, told), || {});
        assert_eq!(written, [("a\nb\n".to_owned(), false), (long, true), ("d\n".to_owned(), false)]);
    }

    #[test]
    fn more_is_waited_for_only_when_all_has_been_written() {
        let (sender, messages) = sync_channel(QUEUE);
        for _ in 0..QUEUE {
            sender.send(Message::Text(vec![b'x'; TOGETHER / 8])).unwrap();
        }
        drop(sender);
        let (_, told) = channel();
        let (mut written, mut waits) = (Vec::new(), 0);
        write_all(&messages, Writes(&mut written, told), || waits += 1);
        let bytes: usize = written.iter().map(|(text, _)| text.len()).sum();
        assert_eq!((bytes, written.len(), waits), (QUEUE * TOGETHER / 8, QUEUE / 8, 1));
    }
}
