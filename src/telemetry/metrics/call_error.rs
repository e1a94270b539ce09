//! What went wrong with a request to the upstream, in a few words.

use prometheus_client::encoding::EncodeLabelValue;

use crate::chain::AttemptFailure;
use crate::model::CallErrorKind;

/// What went wrong with a request to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub(super) enum CallErrorLabel {
    /// No connection was made, or it broke off.
    connection,
    /// Nothing came for too long.
    silence,
    /// Our time was over.
    timeout,
    /// 429.
    rate_limited,
    /// 503 or 529.
    overloaded,
    /// Any other 5xx.
    server_error,
    /// 401 or 403.
    credentials,
    /// Any other status.
    refused,
    /// What came isn't the Messages API's protocol.
    protocol,
    /// There is no recording of it.
    recording,
}

impl CallErrorLabel {
    /// `None` for a cancelled request: nothing went wrong with it.
    pub(super) fn of(failure: &AttemptFailure) -> Option<Self> {
        let error = match failure {
            AttemptFailure::Cancelled => return None,
            AttemptFailure::Silence { .. } => return Some(Self::silence),
            AttemptFailure::TimedOut(_) => return Some(Self::timeout),
            AttemptFailure::Call(error) => error,
        };
        Some(match (&error.kind, error.status()) {
            (_, Some(429)) => Self::rate_limited,
            (_, Some(503 | 529)) => Self::overloaded,
            (_, Some(500..)) => Self::server_error,
            (_, Some(401 | 403)) => Self::credentials,
            (_, Some(_)) => Self::refused,
            (CallErrorKind::Unrecorded(_), None) => Self::recording,
            (
                CallErrorKind::Malformed(_)
                | CallErrorKind::TooLarge { .. }
                | CallErrorKind::TooManyValues { .. },
                None,
            ) => Self::protocol,
            (CallErrorKind::TimedOut { .. }, None) => Self::timeout,
            (
                CallErrorKind::Connect { .. }
                | CallErrorKind::Interrupted(_)
                | CallErrorKind::Truncated
                | CallErrorKind::Status { .. }
                | CallErrorKind::ErrorEvent { .. },
                None,
            ) => Self::connection,
        })
    }
}
