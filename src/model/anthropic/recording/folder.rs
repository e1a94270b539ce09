//! A folder of recordings: which files they are, and reading all of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::file::{RecordingFile, VERSION};
use super::playable::Playable;
use crate::small_file::read_small_file;

/// The largest recording that is written and read, in bytes: a reply of the largest size that is accepted,
/// each of its bytes written as an escape, and a request of a like size.
pub(super) const MAX_FILE_BYTES: u64 = 256 << 20;

/// Why a folder can't be replayed.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It can't be read.
    #[error("can't read recordings from {}: {error}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There are no recordings in it.
    #[error("{} holds no recordings", .0.display())]
    Empty(PathBuf),
    /// Some of them can't be used.
    #[error("{} can't be replayed", folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// Each such file, and what is wrong with it.
        files: Vec<String>,
    },
}

/// What tells the versions of the format apart.
#[derive(Deserialize)]
struct Versioned {
    version: Value,
}

/// The name of a recording.
pub(super) fn name_of(number: u32, short_hash: &str) -> String {
    format!("{number:04}-{short_hash}.json")
}

/// Whether something in `folder` may be a recording.
pub(super) fn has_recordings(folder: &Path) -> io::Result<bool> {
    Ok(!names(folder)?.is_empty())
}

/// All recordings in `folder`, in the order of their numbers.
pub(super) fn read_all(folder: &Path) -> Result<Vec<Playable>, FolderError> {
    let io = |error| FolderError::Io { folder: folder.to_owned(), error };
    let mut names = names(folder).map_err(io)?;
    if names.is_empty() {
        return Err(FolderError::Empty(folder.to_owned()));
    }
    names.sort_by_cached_key(|name| (number(name), name.clone()));
    let (mut recordings, mut files) = (Vec::new(), Vec::new());
    for name in names {
        match read(&folder.join(&name), &name) {
            Ok(recording) => recordings.push(recording),
            Err(problem) => files.push(format!("{name} {problem}")),
        }
    }
    if files.is_empty() {
        Ok(recordings)
    } else {
        Err(FolderError::Damaged { folder: folder.to_owned(), files })
    }
}

/// The names of what looks like a recording: the others are somebody else's.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && number(&name).is_some()
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// The number in a recording's name: `12` of `0012-….json`.
fn number(name: &str) -> Option<u32> {
    let (number, _) = name.strip_suffix(".json")?.split_once('-')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()
}

fn read(path: &Path, name: &str) -> Result<Playable, String> {
    let text = read_small_file(path, MAX_FILE_BYTES).map_err(|error| error.to_string())?;
    parse(&text, name)
}

/// The recording that `text` is.
pub(super) fn parse(text: &str, name: &str) -> Result<Playable, String> {
    let damaged = |error: serde_json::Error| format!("is damaged: {error}");
    let Versioned { version } = serde_json::from_str(text).map_err(damaged)?;
    if version != VERSION {
        return Err(format!("is of version {version}, and this program reads version {VERSION}"));
    }
    let file: RecordingFile = serde_json::from_str(text).map_err(damaged)?;
    Playable::new(name.to_owned(), file).map_err(|problem| format!("is damaged: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_known_by_its_name() {
        assert_eq!(number(&name_of(7, "0123456789ab")), Some(7));
        assert_eq!(number(&name_of(12_345, "0123456789ab")), Some(12_345));
        for other in ["notes.json", "a-b.json", "-1.json", "0001-a.json~", ".promptchain-x", "0001.json"] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
