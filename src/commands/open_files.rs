//! The limit on open files, where it is too low for anything to begin.

use std::io;

use crate::error::{Error, ErrorCode};

/// Whether the system refuses to open anything more.
#[cfg(unix)]
pub(super) fn are_too_many(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let refusals = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
    error.raw_os_error().is_some_and(|code| refusals.contains(&code))
}

/// There is no such limit.
#[cfg(not(unix))]
pub(super) fn are_too_many(_: &io::Error) -> bool {
    false
}

/// What to say of it.
pub(super) fn limit_reached(error: &io::Error) -> Error {
    Error::new(ErrorCode::Configuration, "the limit on open files is too low")
        .because(error)
        .hint("raise it (ulimit -n): a server needs two for each request, and anything some ten")
}
