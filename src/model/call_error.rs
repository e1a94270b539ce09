//! What can go wrong in one call, and what that means for trying again.

use std::time::Duration;

use thiserror::Error;

use super::Unrecorded;

/// How the reason of an interruption begins where what came of an answer isn't HTTP.
pub(crate) const NOT_HTTP: &str = "its answer isn't HTTP";

/// A failed call: what happened, and what the upstream said about trying again.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{kind}")]
pub struct CallError {
    /// What happened.
    pub kind: CallErrorKind,
    /// The upstream's id of the request, if it gave one.
    pub request_id: Option<String>,
    /// How long the upstream asks to wait (`retry-after-ms`, `retry-after`).
    pub retry_after: Option<Duration>,
    /// The upstream's own word on retrying (`x-should-retry`).
    pub should_retry: Option<bool>,
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallErrorKind {
    /// No connection was made, so nothing was sent.
    #[error("can't connect to {upstream}: {reason}")]
    Connect {
        /// The upstream's origin.
        upstream: String,
        /// Why, in the transport's words.
        reason: String,
    },
    /// The connection broke after the request had been sent.
    #[error("the connection broke off: {0}")]
    Interrupted(String),
    /// The upstream answered with an HTTP error.
    #[error("upstream answered {status}{}: {message}", error_type.as_ref().map(|t| format!(" {t}")).unwrap_or_default())]
    Status {
        /// The HTTP status, 300–599.
        status: u16,
        /// The API's `error.type`, if the body had one.
        error_type: Option<String>,
        /// The API's `error.message`, or the start of the body, cut to a readable length.
        message: String,
    },
    /// The upstream sent an `error` event within a reply that had begun with status 200.
    #[error("upstream broke the reply off with {error_type}: {message}")]
    ErrorEvent {
        /// The API's `error.type`.
        error_type: String,
        /// The API's `error.message`.
        message: String,
    },
    /// The reply ended without its closing event.
    #[error("the reply ended before it was complete")]
    Truncated,
    /// What came isn't the Messages API's protocol.
    #[error("upstream doesn't speak the Messages API: {0}")]
    Malformed(String),
    /// An event or the reply is larger than we accept.
    #[error("upstream sent {what} of more than {limit} bytes")]
    TooLarge {
        /// `an event`, `a reply`.
        what: &'static str,
        /// The limit, in bytes.
        limit: usize,
    },
    /// There is more JSON in the reply than is read.
    #[error("upstream sent a reply of more than {limit} JSON values")]
    TooManyValues {
        /// The limit.
        limit: usize,
    },
    /// An answer that is waited for as a whole wasn't complete in time.
    #[error("there was no complete answer within {limit:?}")]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The upstream wasn't asked: replies come from recordings, and there is none of this request.
    #[error(transparent)]
    Unrecorded(#[from] Unrecorded),
}

impl CallError {
    /// A failure about which the upstream said nothing more.
    #[must_use]
    pub fn new(kind: CallErrorKind) -> Self {
        Self { kind, request_id: None, retry_after: None, should_retry: None }
    }

    /// The failure that the upstream tells of by an error object alone, in the place of an HTTP error of its
    /// own: it has the status that the API pairs with that type.
    #[must_use]
    pub fn of_type(error_type: Option<String>, message: String) -> Self {
        let status = error_type.as_deref().map_or(500, status_of_type);
        Self::new(CallErrorKind::Status { status, error_type, message })
    }

    /// The HTTP status that the failure has or stands for; `None` where there was no answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            CallErrorKind::Status { status, .. } => Some(*status),
            CallErrorKind::ErrorEvent { error_type, .. } => Some(status_of_type(error_type)),
            _ => None,
        }
    }

    /// Whether the same request may succeed a little later.
    ///
    /// The upstream's `x-should-retry` wins; else connection failures, cut replies, 408, 409,
    /// 429 and every status from 500 up.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.should_retry.unwrap_or_else(|| match &self.kind {
            CallErrorKind::Connect { .. }
            | CallErrorKind::Interrupted(_)
            | CallErrorKind::Truncated
            | CallErrorKind::TimedOut { .. } => true,
            CallErrorKind::Malformed(_)
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::TooManyValues { .. }
            | CallErrorKind::Unrecorded(_) => false,
            CallErrorKind::Status { .. } | CallErrorKind::ErrorEvent { .. } => {
                matches!(self.status(), Some(408 | 409 | 429 | 500..))
            }
        })
    }

    /// Whether the failure says that the upstream is unwell, rather than that our request is
    /// wrong: what a circuit breaker counts.
    #[must_use]
    pub fn is_upstream_fault(&self) -> bool {
        match self.status() {
            Some(status) => matches!(status, 408 | 409 | 429 | 500..),
            None => !self.is_unrecorded(),
        }
    }

    /// Whether nobody was asked, because a request isn't among the recordings that are replayed. Nothing
    /// mends that, and nothing may cover it up.
    #[must_use]
    pub fn is_unrecorded(&self) -> bool {
        matches!(self.kind, CallErrorKind::Unrecorded(_))
    }

    /// Whether it is certain that nothing was billed: there was no connection, or the upstream
    /// answered with an HTTP error.
    #[must_use]
    pub fn is_certainly_unbilled(&self) -> bool {
        matches!(
            self.kind,
            CallErrorKind::Connect { .. } | CallErrorKind::Status { .. } | CallErrorKind::Unrecorded(_)
        )
    }
}

impl From<CallErrorKind> for CallError {
    fn from(kind: CallErrorKind) -> Self {
        Self::new(kind)
    }
}

/// The HTTP status that the Messages API pairs with an error type; 500 for one we don't know.
fn status_of_type(error_type: &str) -> u16 {
    match error_type {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "conflict_error" => 409,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> CallError {
        CallErrorKind::Status { status, error_type: None, message: String::new() }.into()
    }

    #[test]
    fn the_documented_statuses_are_retried_and_no_other() {
        let retried: Vec<u16> = (300..=599).filter(|s| status(*s).is_retryable()).collect();
        let expected: Vec<u16> = [408, 409, 429].into_iter().chain(500..=599).collect();
        assert_eq!(retried, expected);
    }

    #[test]
    fn the_upstreams_word_on_retrying_wins() {
        assert!(!CallError { should_retry: Some(false), ..status(529) }.is_retryable());
        assert!(CallError { should_retry: Some(true), ..status(400) }.is_retryable());
    }

    #[test]
    fn an_error_object_alone_is_the_http_error_of_its_type() {
        let error = |t: Option<&str>| CallError::of_type(t.map(str::to_owned), "no".into());
        assert_eq!(error(Some("overloaded_error")).to_string(), "upstream answered 529 overloaded_error: no");
        for (error_type, is_retryable) in
            [(Some("overloaded_error"), true), (Some("invalid_request_error"), false), (None, true)]
        {
            let error = error(error_type);
            assert_eq!(error.is_retryable(), is_retryable, "{error}");
            assert!(error.is_certainly_unbilled(), "{error}");
        }
    }

    #[test]
    fn a_request_that_is_not_recorded_is_nobodys_fault_and_not_tried_again() {
        let summary = "the request isn't recorded".to_owned();
        let error =
            CallError::new(CallErrorKind::Unrecorded(Unrecorded { summary, differences: Vec::new() }));
        assert!(!error.is_retryable() && !error.is_upstream_fault() && error.is_certainly_unbilled());
        assert_eq!(error.to_string(), "the request isn't recorded");
    }

    #[test]
    fn an_error_event_counts_as_the_status_it_stands_for() {
        let event = |t: &str| {
            CallError::new(CallErrorKind::ErrorEvent { error_type: t.into(), message: String::new() })
        };
        assert_eq!(event("overloaded_error").status(), Some(529));
        assert!(event("overloaded_error").is_retryable());
        assert!(!event("invalid_request_error").is_retryable());
        assert!(!event("invalid_request_error").is_upstream_fault());
        assert!(event("a_type_of_tomorrow").is_retryable());
        assert!(!event("overloaded_error").is_certainly_unbilled(), "a reply that has begun may be billed");
    }
}
