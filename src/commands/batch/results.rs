//! Where results go: to stdout or a file, each whole, in the order in which they come or that of the input.
//!
//! A thread of its own writes, so that a slow reader holds up no run; how much waits for it is for the batch
//! to watch.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use tokio::sync::oneshot;

use crate::error::{Error, ErrorCode};

/// How a line of results begins.
const BEGINNING: &[u8; 8] = b"{\"line\":";

/// Results that may wait for a slow reader before no further run begins.
const MOST_WAITING: usize = 256;

/// Where results go.
pub(super) struct Results {
    /// Of results in the order of the input: those that can't go out yet, and which is next.
    held: Option<Held>,
    queue: Sender<String>,
    waiting: Arc<AtomicUsize>,
    /// `None` once it has been heard.
    end: Option<oneshot::Receiver<io::Result<()>>>,
}

struct Held {
    next: u64,
    /// `None` for a line without a result.
    ready: BTreeMap<u64, Option<String>>,
}

impl Results {
    /// Writes to the file at `path`, or to stdout.
    /// `goes_on` says whether an earlier batch has written there what its journal has too.
    pub(super) fn open(path: Option<&Path>, goes_on: bool, in_order: bool) -> Result<Self, Error> {
        let out: Box<dyn Write + Send> = match path {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(open(path, goes_on)?),
        };
        let (queue, results) = channel();
        let (told, end) = oneshot::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("results".into());
        thread
            .spawn(move || {
                // Nobody waits any more where a signal has ended the batch.
                let _ = told.send(write(out, &results, &left));
            })
            .map_err(|error| Error::new(ErrorCode::Internal, "can't start a thread").because(error))?;
        let held = in_order.then(|| Held { next: 1, ready: BTreeMap::new() });
        Ok(Self { held, queue, waiting, end: Some(end) })
    }

    /// The result of that line, or that it has none.
    pub(super) fn put(&mut self, line: u64, result: Option<String>) {
        let Some(held) = &mut self.held else {
            if let Some(result) = result {
                self.send(result);
            }
            return;
        };
        held.ready.insert(line, result);
        let mut ready = Vec::new();
        while let Some(result) = held.ready.remove(&held.next) {
            held.next += 1;
            ready.extend(result);
        }
        for result in ready {
            self.send(result);
        }
    }

    /// Whether there is room for the result of that line.
    pub(super) fn have_room_for(&self, line: u64) -> bool {
        let is_near = self.held.as_ref().is_none_or(|held| {
            line.saturating_sub(held.next) < u64::try_from(MOST_WAITING).unwrap_or(u64::MAX)
        });
        is_near && self.waiting.load(Ordering::Relaxed) < MOST_WAITING
    }

    /// Why nothing is written any more; told once.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        let end = self.end.as_mut()?.try_recv().ok()?;
        self.end = None;
        end.err()
    }

    /// Waits until all is written.
    pub(super) async fn finish(self) -> io::Result<()> {
        let Self { held, queue, end, .. } = self;
        // What waits for a line that has no result stands behind it all the same.
        for result in held.into_iter().flat_map(|held| held.ready.into_values()).flatten() {
            let _ = queue.send(result);
        }
        drop(queue);
        match end {
            Some(end) => end.await.unwrap_or(Ok(())),
            None => Ok(()),
        }
    }

    fn send(&self, result: String) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A writer that has failed says so at its end.
        let _ = self.queue.send(result);
    }
}

fn write(out: Box<dyn Write + Send>, results: &Receiver<String>, waiting: &AtomicUsize) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    loop {
        let result = match results.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => {
                out.flush()?;
                match results.recv() {
                    Ok(result) => result,
                    Err(_) => return Ok(()),
                }
            }
            Err(TryRecvError::Disconnected) => return out.flush(),
        };
        out.write_all(result.as_bytes())?;
        out.write_all(b"\n")?;
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Results are paid for: those in a file are only written over by a batch that has them in its journal.
fn open(path: &Path, goes_on: bool) -> Result<File, Error> {
    let shown = path.display();
    let cannot = |error: io::Error| {
        Error::new(ErrorCode::Usage, format!("can't write to {shown}")).because(io::Error::from(error.kind()))
    };
    let there = path.metadata().ok();
    let holds_something = there.as_ref().is_some_and(|there| there.is_file() && there.len() > 0);
    if holds_something && !(goes_on && holds_results(path)) {
        let message = format!("{shown} holds something that the journal doesn't have");
        return Err(Error::new(ErrorCode::Usage, message).hint("move it away, or name another file with -o"));
    }
    let is_regular = there.is_none_or(|there| there.is_file());
    let mut options = OpenOptions::new();
    options.create(is_regular);
    if is_regular {
        options.write(true).truncate(true)
    } else {
        options.append(true)
    };
    options.open(path).map_err(cannot)
}

/// Whether the file begins as results do.
fn holds_results(path: &Path) -> bool {
    let mut beginning = [0; BEGINNING.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
    read.is_ok() && beginning == *BEGINNING
}
