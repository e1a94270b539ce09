//! Appends to the journal, and says when it is safe on the disk.
//!
//! A thread of its own writes: records that come while the disk is busy go out together, with one wait for
//! the disk.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

/// The most bytes that go out together.
const MOST_TOGETHER: usize = 4 << 20;

/// Appends records.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<Sender<Append>>,
    thread: Option<JoinHandle<()>>,
}

struct Append {
    text: Vec<u8>,
    safe: oneshot::Sender<io::Result<()>>,
}

impl Writer {
    /// Appends to `file`, which nobody else writes.
    pub(super) fn start(file: File) -> io::Result<Self> {
        let (queue, records) = channel();
        let thread =
            std::thread::Builder::new().name("journal".into()).spawn(move || write(file, &records))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Appends a record; resolves when it is safe on the disk.
    ///
    /// # Errors
    /// What the disk says. After that nothing is written any more: what came later could not be told from
    /// the rest of what is broken.
    pub(super) async fn append(&self, text: Vec<u8>) -> io::Result<()> {
        let (safe, is_safe) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        queue.send(Append { text, safe }).map_err(|_| io::ErrorKind::BrokenPipe)?;
        is_safe.await.map_err(|_| io::ErrorKind::BrokenPipe)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It ends once the queue is empty, and doesn't panic.
            drop(thread.join());
        }
    }
}

fn write(mut file: File, records: &Receiver<Append>) {
    let mut failure: Option<io::ErrorKind> = None;
    while let Ok(first) = records.recv() {
        let mut together = vec![first];
        let mut bytes = together.iter().map(|record| record.text.len()).sum::<usize>();
        while bytes < MOST_TOGETHER
            && let Ok(next) = records.try_recv()
        {
            bytes += next.text.len();
            together.push(next);
        }
        if failure.is_none() {
            let text: Vec<u8> = together.iter().flat_map(|record| record.text.iter().copied()).collect();
            failure = file.write_all(&text).and_then(|()| file.sync_data()).err().map(|error| error.kind());
        }
        for record in together {
            // Whoever isn't waiting any more needs no answer.
            let _ = record.safe.send(failure.map_or(Ok(()), |kind| Err(kind.into())));
        }
    }
}
