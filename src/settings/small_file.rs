//! Reads a small text file whole, and never more of it than that.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Why a file can't be used.
#[derive(Debug, Error)]
pub(super) enum SmallFileError {
    /// It isn't there, or isn't ours to read.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// It has more bytes than such a file can have.
    #[error("is larger than {max_bytes} bytes")]
    TooLarge {
        /// The most it may have.
        max_bytes: u64,
    },
    /// It is no text.
    #[error("isn't UTF-8 text")]
    NotUtf8,
}

/// The text of the file at `path`, without a byte order mark.
pub(super) fn read_small_file(path: &Path, max_bytes: u64) -> Result<String, SmallFileError> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read > max_bytes) {
        return Err(SmallFileError::TooLarge { max_bytes });
    }
    let text = String::from_utf8(bytes).map_err(|_| SmallFileError::NotUtf8)?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
