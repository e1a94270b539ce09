//! A file that is written whole or not at all.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::commands::beside::{Access, Beside, folder_of};
use crate::commands::new_file::refuse_dangling;
use crate::error::{Error, ErrorCode};

/// Where names stand for what a process has open.
const DEVICES: [&str; 2] = ["/dev", "/proc"];

/// Names of stdout.
const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// What is being written; it takes its place when it is [kept](OutFile::keep), and vanishes otherwise.
pub(super) struct OutFile {
    target: PathBuf,
    written: Written,
}

enum Written {
    /// Beside the target, to be renamed.
    Beside(Beside),
    /// To a pipe or a device, which can't be replaced.
    Directly(File),
}

impl OutFile {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        // A device's name may be a link to a file that somebody else has open, and must not be replaced.
        let is_device = DEVICES.iter().any(|folder| path.starts_with(folder));
        // Through links: it is the file that is replaced, not the link to it.
        let target =
            if is_device { None } else { path.canonicalize().ok() }.unwrap_or_else(|| path.to_owned());
        if !is_device {
            refuse_dangling(path)?;
        }
        let existing = target.metadata().ok();
        let cannot_write = |error: io::Error| {
            // The kind alone: the error itself may name the temporary file.
            Error::new(ErrorCode::Usage, format!("can't write to {}", path.display()))
                .because(io::Error::from(error.kind()))
                .hint("choose a file in a folder that exists and that you may write to")
        };
        if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) || path.to_string_lossy().ends_with('/') {
            return Err(cannot_write(io::ErrorKind::IsADirectory.into()));
        }
        let written = match &existing {
            _ if STDOUT.contains(&path.to_string_lossy().as_ref()) => {
                Written::Directly(stdout().map_err(cannot_write)?)
            }
            Some(metadata) if is_device || !metadata.is_file() => {
                Written::Directly(File::options().append(true).open(&target).map_err(cannot_write)?)
            }
            existing => {
                let access = existing.as_ref().map_or(Access::New(0o666), |it| Access::Of(it.permissions()));
                Written::Beside(Beside::create(folder_of(&target), access).map_err(cannot_write)?)
            }
        };
        Ok(Self { target, written })
    }

    pub(super) fn writer(&self) -> Result<tokio::fs::File, Error> {
        let file = match &self.written {
            Written::Beside(file) => file.as_file(),
            Written::Directly(file) => file,
        };
        let file = file.try_clone().map_err(|error| self.failed(error))?;
        Ok(tokio::fs::File::from_std(file))
    }

    /// Puts what was written into its place, safely on the disk.
    pub(super) fn keep(self) -> Result<(), Error> {
        match self.written {
            Written::Beside(file) => file.replace(&self.target).map_err(|error| failed(&self.target, error)),
            Written::Directly(_) => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        failed(&self.target, error)
    }
}

/// Stdout as it is, with its place in the file that it may be redirected to.
#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn stdout() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

fn failed(target: &Path, error: io::Error) -> Error {
    Error::new(ErrorCode::Output, format!("can't write {}", target.display())).because(error)
}
