//! Where results go: to stdout or a file, each whole, in the order in which they come or that of the input.
//!
//! A thread of its own writes, so that a slow reader holds up no run; how much waits for it is for the batch
//! to watch.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use tokio::sync::oneshot;

use crate::commands::beside::{folder_of, sync_folder};
use crate::commands::new_file::refuse_dangling;
use crate::error::{Error, ErrorCode};

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
    /// Writes to the file at `path`, whatever is in it, or to stdout.
    pub(super) fn open(path: Option<&Path>, in_order: bool) -> Result<Self, Error> {
        let (out, kept): (Box<dyn Write + Send>, _) = match path {
            None => (Box::new(io::stdout()), None),
            Some(path) => {
                let file = open(path)?;
                let kept = Kept::of(&file, path).map_err(|error| cannot_write(path, &error))?;
                (Box::new(file), kept)
            }
        };
        let (queue, results) = channel();
        let (told, end) = oneshot::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("results".into());
        thread
            .spawn(move || {
                // Nobody waits any more where a signal has ended the batch.
                let written = write(out, &results, &left);
                let _ = told.send(written.and_then(|()| kept.map_or(Ok(()), |kept| kept.sync())));
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
            let _ = queue.send(result + "\n");
        }
        drop(queue);
        match end {
            Some(end) => end.await.unwrap_or(Ok(())),
            None => Ok(()),
        }
    }

    fn send(&self, mut result: String) {
        result.push('\n');
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
        // With its end, so that the buffer leaves between two lines.
        out.write_all(result.as_bytes())?;
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn open(path: &Path) -> Result<File, Error> {
    refuse_dangling(path)?;
    let there = path.metadata().ok();
    let is_regular = there.is_none_or(|there| there.is_file());
    let mut options = OpenOptions::new();
    options.create(is_regular);
    if is_regular {
        options.write(true).truncate(true)
    } else {
        options.append(true)
    };
    options.open(path).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let message = format!("can't write to {}", path.display());
    Error::new(ErrorCode::Usage, message).because(io::Error::from(error.kind()))
}

/// A file that results stay in.
struct Kept {
    file: File,
    folder: PathBuf,
}

impl Kept {
    /// `None` of a pipe or a device.
    fn of(file: &File, path: &Path) -> io::Result<Option<Self>> {
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        Ok(Some(Self { file: file.try_clone()?, folder: folder_of(path).to_owned() }))
    }

    /// Waits until they are safe on the disk.
    fn sync(&self) -> io::Result<()> {
        self.file.sync_all()?;
        sync_folder(&self.folder)
    }
}
