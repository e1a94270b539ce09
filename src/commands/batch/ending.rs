//! What a batch says when it ends otherwise than well.

use crate::error::{Error, ErrorCode};

/// What to do about it, and how to go on.
pub(super) fn hint(error: &Error, goes_on: bool) -> Option<String> {
    let own = match error.code {
        ErrorCode::MaxCostExceeded => {
            Some("raise --max-cost, for which all that was spent counts".to_owned())
        }
        _ => error.hint.clone(),
    };
    // What a journal doesn't fit can't be gone on with.
    if !goes_on || error.code == ErrorCode::StateFile {
        return own;
    }
    Some(match own {
        Some(own) if own.contains("--resume") => own,
        Some(own) => format!("{own}; --resume goes on from here"),
        None => "--resume goes on from here".to_owned(),
    })
}

pub(super) fn failed(lines: u64) -> Error {
    let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    Error::new(ErrorCode::BatchFailed, format!("{lines} failed"))
        .hint("their results say why; --resume tries them again")
}

pub(super) fn too_many_failures(lines: u64) -> Error {
    let failures = if lines == 1 { "1 failure".to_owned() } else { format!("{lines} failures") };
    Error::new(ErrorCode::BatchFailed, format!("ended after {failures}, as --max-failures says"))
}
