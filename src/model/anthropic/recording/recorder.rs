//! Writes exchanges into a folder, one file each.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::{Builder, NamedTempFile};
use thiserror::Error;

use super::file::RecordingFile;
use super::folder::{MAX_FILE_BYTES, has_recordings, name_of};
use super::open_exchange::OpenExchange;
use super::request::RecordedRequest;
use super::scrubber::Scrubber;

/// Why nothing can be recorded into a folder.
#[derive(Debug, Error)]
pub enum RecorderError {
    /// It can't be made, read or written to.
    #[error("can't record into {}: {error}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It holds recordings already, and those of two runs would be mixed.
    #[error("{} holds recordings already", .0.display())]
    Taken(PathBuf),
    /// Another process is recording into it.
    #[error("another process is recording into {}", .0.display())]
    Busy(PathBuf),
}

/// Writes down every exchange of a client.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    exchanges: AtomicU32,
    failure: Mutex<Option<String>>,
    /// Keeps others out of the folder. The system lets go of it when the process ends, however it does.
    _lock: Option<File>,
}

impl Recorder {
    /// Records into `folder`, which is made if it isn't there.
    ///
    /// # Errors
    /// If it can't be written to, holds recordings already, or is being recorded into.
    pub fn create(folder: &Path) -> Result<Self, RecorderError> {
        // By the kind alone: the error itself may name a temporary file.
        let io =
            |error: io::Error| RecorderError::Io { folder: folder.to_owned(), error: error.kind().into() };
        fs::create_dir_all(folder).map_err(io)?;
        let lock = lock(folder)?;
        if has_recordings(folder).map_err(io)? {
            return Err(RecorderError::Taken(folder.to_owned()));
        }
        // Now rather than after a call that has been paid for.
        file_beside(folder).map_err(io)?.close().map_err(io)?;
        Ok(Self {
            folder: folder.to_owned(),
            exchanges: AtomicU32::new(0),
            failure: Mutex::default(),
            _lock: lock,
        })
    }

    /// Why something that has happened isn't on record; `None` if all of it is.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A request is about to be sent. Exchanges are numbered in this order, from 1.
    pub(in crate::model::anthropic) fn begin(
        self: &Arc<Self>,
        request: RecordedRequest,
        scrubber: Scrubber,
    ) -> OpenExchange {
        let number = self.exchanges.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        OpenExchange::new(Arc::clone(self), number, request, scrubber)
    }

    /// Writes an exchange that has ended, at once and without a task of its own: it may have ended because
    /// the program does. What can't be written is told by [`failure`](Self::failure).
    pub(super) fn write(&self, number: u32, file: &RecordingFile) {
        let name = name_of(number, file.request.short_hash());
        if let Err(error) = self.try_write(&name, file) {
            let failure = format!("{}: {}", self.folder.join(&name).display(), io::Error::from(error.kind()));
            tracing::error!(error = failure, error_type = "recording", "A recording can't be written");
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        }
    }

    fn try_write(&self, name: &str, file: &RecordingFile) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(file)?;
        text.push(b'\n');
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_FILE_BYTES) {
            // Nobody could read it again.
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut beside = file_beside(&self.folder)?;
        beside.write_all(&text)?;
        beside.persist_noclobber(self.folder.join(name)).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Takes the folder for this process alone; `None` where its file system knows no locks.
fn lock(folder: &Path) -> Result<Option<File>, RecorderError> {
    let Ok(file) = lockable(folder) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(RecorderError::Busy(folder.to_owned())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// The folder itself, so that nothing is left behind.
#[cfg(unix)]
fn lockable(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// A file in the folder, which can't be opened itself.
#[cfg(not(unix))]
fn lockable(folder: &Path) -> io::Result<File> {
    File::create(folder.join(".promptchain-lock"))
}

/// A file that nobody else may read: prompts and replies are nobody else's business.
fn file_beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".promptchain-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    builder.tempfile_in(folder)
}
