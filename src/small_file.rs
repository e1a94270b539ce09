//! Reads a small text file whole: the one way in which files of settings are read, so that none of them
//! can hang the program or fill its memory. Doesn't know what the files are for.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// The most bytes that such a file may have, unless its purpose says less: 1 MiB, ample for
/// settings, and for a prompt, because a model's context ends before that.
pub const MAX_SMALL_FILE_BYTES: u64 = 1 << 20;

/// By this name people say "no file": it is empty, and reading it never waits.
const NO_FILE: &str = "/dev/null";

/// Why a file can't be used. None of the texts quotes the file.
#[derive(Debug, Error)]
pub enum SmallFileError {
    /// It isn't there, or isn't ours to read.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// There is a folder in its place.
    #[error("is a folder")]
    Folder,
    /// It might never end, or never begin.
    #[error("is a device, a pipe or a socket")]
    Endless,
    /// It has more bytes than such a file can have.
    #[error("is larger than {max_bytes} bytes")]
    TooLarge {
        /// The most it may have.
        max_bytes: u64,
    },
    /// It is no text.
    #[error("isn't UTF-8 text")]
    NotUtf8 {
        /// The line, from 1, where the text ends to be UTF-8.
        line: usize,
        /// The character in that line, from 1.
        column: usize,
    },
}

/// The text of the file at `path`, without a byte order mark.
pub fn read_small_file(path: &Path, max_bytes: u64) -> Result<String, SmallFileError> {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(SmallFileError::Folder);
    }
    if !metadata.is_file() && path != Path::new(NO_FILE) {
        return Err(SmallFileError::Endless);
    }
    let mut bytes = Vec::new();
    // One byte over the limit tells that there are more, whatever the metadata said.
    let read = File::open(path)?.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read > max_bytes) {
        return Err(SmallFileError::TooLarge { max_bytes });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        not_utf8(&String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default()))
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The text is UTF-8 only so far.
fn not_utf8(so_far: &str) -> SmallFileError {
    let so_far = so_far.trim_start_matches('\u{feff}');
    let last_line = so_far.rsplit('\n').next().unwrap_or_default();
    SmallFileError::NotUtf8 { line: so_far.matches('\n').count() + 1, column: last_line.chars().count() + 1 }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    /// What comes of a file with that content, or why it can't be used.
    fn read(content: &[u8]) -> Result<String, String> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, content).unwrap();
        read_small_file(&path, 10).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_read_up_to_its_limit_without_a_byte_order_mark() {
        assert_eq!(read(b"0123456789").as_deref(), Ok("0123456789"));
        assert_eq!(read(b"0123456789a").unwrap_err(), "is larger than 10 bytes");
        assert_eq!(read("\u{feff}\u{fc}\n".as_bytes()).as_deref(), Ok("\u{fc}\n"));
    }

    #[test]
    fn the_place_where_a_text_stops_being_utf_8_is_told() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        for (content, place) in [(&b"\xff"[..], (1, 1)), (b"ok\n\xc3\xbcb\xff\xfe\n", (2, 3))] {
            fs::write(&path, content).unwrap();
            match read_small_file(&path, 10) {
                Err(SmallFileError::NotUtf8 { line, column }) => assert_eq!((line, column), place),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_file_is_refused_before_it_can_make_us_wait() {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let refused = |path: &Path| read_small_file(path, 10).unwrap_err().to_string();
        for path in [&pipe, &link, Path::new("/dev/zero")] {
            assert_eq!(refused(path), "is a device, a pipe or a socket", "{}", path.display());
        }
        assert_eq!(refused(folder.path()), "is a folder");
        assert!(refused(&folder.path().join("none")).starts_with("can't be read: No such file"));
    }

    #[test]
    fn the_null_device_is_an_empty_file() {
        assert_eq!(read_small_file(Path::new(NO_FILE), 10).unwrap(), "");
    }
}
