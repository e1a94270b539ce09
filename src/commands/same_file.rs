//! Whether two paths lead to one file: what is written to one of them would be lost.

use std::path::Path;

use crate::error::{Error, ErrorCode};

/// A file by what it is for.
pub(super) type Named<'a> = (&'a str, Option<&'a Path>);

/// Checks that each is a file of its own.
pub(super) fn check_apart(files: &[Named<'_>]) -> Result<(), Error> {
    for (at, (one, path)) in files.iter().enumerate() {
        for (other, beside) in files.iter().skip(at + 1) {
            if let (Some(path), Some(beside)) = (path, beside)
                && is_same(path, beside)
            {
                let message = format!("{} would be both {one} and {other}", path.display());
                return Err(Error::new(ErrorCode::Usage, message).hint("name another file"));
            }
        }
    }
    Ok(())
}

/// Whether both lead to one regular file, or would.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => one == other,
    }
}
