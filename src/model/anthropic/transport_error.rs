//! Failures of the connection, in plain words. URLs are left out of them, because credentials
//! may stand in a URL.

use std::error::Error;
use std::io;

use crate::model::{CallErrorKind, NOT_HTTP};

/// Why an exchange that had begun has no answer.
pub(super) fn unanswered(error: &(dyn Error + 'static)) -> String {
    let reason = innermost(error);
    if is_not_http(error) { format!("{NOT_HTTP} ({reason})") } else { reason }
}

/// Whether the beginning of an answer came, and was none of HTTP.
fn is_not_http(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A connection that broke after the request had been sent.
pub(super) fn interrupted(error: reqwest::Error) -> CallErrorKind {
    CallErrorKind::Interrupted(innermost_cause(error))
}

/// The cause that has no further cause: the layers above it only say that there was an error.
pub(super) fn innermost_cause(error: reqwest::Error) -> String {
    innermost(&error.without_url())
}

/// The same of any other error. There must be no URL in it.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    match cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
        // The system's own texts are like "Connection refused (os error 111)".
        Some(code) => text.trim_end_matches(&format!(" (os error {code})")).to_lowercase(),
        None => text,
    }
}
