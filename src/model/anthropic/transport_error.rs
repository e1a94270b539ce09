//! Failures of the connection, in plain words. URLs are left out of them, because credentials
//! may stand in a URL.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::model::{CallErrorKind, NOT_HTTP};

/// Why a request got no answer.
pub(super) fn no_answer(error: reqwest::Error, upstream: &str, connect_timeout: Duration) -> CallErrorKind {
    if is_not_http(&error) {
        return CallErrorKind::Interrupted(format!("{NOT_HTTP} ({})", innermost_cause(error)));
    }
    if !error.is_connect() {
        return interrupted(error);
    }
    let reason = if error.is_timeout() {
        format!("no connection within {connect_timeout:?}")
    } else {
        innermost_cause(error)
    };
    CallErrorKind::Connect { upstream: upstream.to_owned(), reason }
}

/// Whether the beginning of an answer came, and was none of HTTP.
fn is_not_http(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(deeper) = cause {
        if deeper.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return true;
        }
        cause = deeper.source();
    }
    false
}

/// A connection that broke after the request had been sent.
pub(super) fn interrupted(error: reqwest::Error) -> CallErrorKind {
    CallErrorKind::Interrupted(innermost_cause(error))
}

/// The cause that has no further cause: the layers above it only say that there was an error.
pub(super) fn innermost_cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
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
