//! Why nobody was recognised: a word for logs and metrics, and an error for the client.

use axum::http::StatusCode;
use thiserror::Error;

use crate::server::api_error::ApiError;
use crate::telemetry::metrics::AuthReason;

/// Why nobody was recognised. The text is for the client: it says what to do, and quotes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum AuthFailure {
    /// There is no `Authorization` header.
    #[error("This needs a token: send it in the header `Authorization: Bearer <token>`.")]
    Missing,
    /// There is one, but without a bearer token.
    #[error("The Authorization header must be of the form `Bearer <token>`.")]
    NotBearer,
    /// `exp` has passed.
    #[error("The token has expired: get a new one.")]
    Expired,
    /// The token has more than 8 KiB; nothing of it was decoded.
    #[error("The token is longer than 8192 bytes: get one with fewer claims.")]
    TooLarge,
    /// It isn't three parts of base64url with JSON objects in the first two, it has a claim twice, or
    /// something is of a type that it can't have, such as a time that isn't a number, or a budget below 0.
    #[error(
        "The token is not a well-formed JWT: check that it was copied whole, that its times are numbers, and that \
         budget_usd, if it has one, is a number of at least 0."
    )]
    Malformed,
    /// Its header names another algorithm than the configured one, `none` or an unknown one among
    /// them, or can't be a header for another reason.
    #[error("The token is not signed with the algorithm that this server accepts: get one that is.")]
    Algorithm,
    /// Its header has `crit`: something that whoever doesn't understand it must refuse.
    #[error("The token has a critical header (`crit`), and this server understands none: get one without.")]
    CriticalHeader,
    /// It wasn't signed with a key of ours, or was changed since.
    #[error("The token's signature is not valid: get a token that was issued for this server.")]
    Signature,
    /// `nbf` is still to come.
    #[error("The token is not valid yet: wait until the time in its `nbf`.")]
    NotYetValid,
    /// `iss` isn't the configured issuer.
    #[error("The token is not from the issuer that this server accepts (`iss`): get one that is.")]
    Issuer,
    /// `aud` isn't the configured audience, and doesn't list it.
    #[error("The token is not meant for this server (`aud`): get one that is.")]
    Audience,
    /// `sub` isn't there, isn't a string, or is blank.
    #[error("The token names no subject: get one whose `sub` is a string that is not blank.")]
    Subject,
}

impl AuthFailure {
    /// A word for logs and metrics, out of a closed set.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBearer => "not_bearer",
            Self::Expired => "expired",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::CriticalHeader => "critical_header",
            Self::Signature => "signature",
            Self::NotYetValid => "not_yet_valid",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Subject => "subject",
        }
    }

    /// What a 401 asks for; `None` where other credentials of the same kind wouldn't help: a 403.
    fn challenge(self) -> Option<&'static str> {
        match self {
            // RFC 6750: without a token there is no error code.
            Self::Missing | Self::NotBearer => Some("Bearer"),
            Self::Expired => {
                Some(r#"Bearer error="invalid_token", error_description="The token has expired""#)
            }
            _ => None,
        }
    }
}

impl From<AuthFailure> for AuthReason {
    fn from(failure: AuthFailure) -> Self {
        match failure {
            AuthFailure::Missing => Self::missing,
            AuthFailure::NotBearer => Self::not_bearer,
            AuthFailure::Expired => Self::expired,
            AuthFailure::TooLarge => Self::too_large,
            AuthFailure::Malformed => Self::malformed,
            AuthFailure::Algorithm => Self::algorithm,
            AuthFailure::CriticalHeader => Self::critical_header,
            AuthFailure::Signature => Self::signature,
            AuthFailure::NotYetValid => Self::not_yet_valid,
            AuthFailure::Issuer => Self::issuer,
            AuthFailure::Audience => Self::audience,
            AuthFailure::Subject => Self::subject,
        }
    }
}

impl From<AuthFailure> for ApiError {
    /// 401 with a challenge where a token or a fresh one is all that is missing, else 403.
    fn from(failure: AuthFailure) -> Self {
        let challenge = failure.challenge();
        let (status, kind) = match challenge {
            Some(_) => (StatusCode::UNAUTHORIZED, "authentication_error"),
            None => (StatusCode::FORBIDDEN, "permission_error"),
        };
        Self { challenge, ..Self::new(status, kind, "invalid_api_key", failure.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use AuthFailure::*;

    use super::*;

    const ALL: [AuthFailure; 12] = [
        Missing,
        NotBearer,
        Expired,
        TooLarge,
        Malformed,
        Algorithm,
        CriticalHeader,
        Signature,
        NotYetValid,
        Issuer,
        Audience,
        Subject,
    ];

    #[test]
    fn only_who_lacks_a_token_or_a_fresh_one_is_asked_for_it() {
        for failure in ALL {
            let error = ApiError::from(failure);
            let expected = match failure {
                Missing | NotBearer => (401, "authentication_error", Some("Bearer")),
                Expired => (
                    401,
                    "authentication_error",
                    Some(r#"Bearer error="invalid_token", error_description="The token has expired""#),
                ),
                _ => (403, "permission_error", None),
            };
            assert_eq!((error.status.as_u16(), error.kind, error.challenge), expected, "{failure:?}");
            assert_eq!(error.code, "invalid_api_key");
            assert_eq!(error.message, failure.to_string());
        }
    }

    #[test]
    fn reasons_are_distinct_words() {
        let mut reasons: Vec<_> = ALL.iter().map(|failure| failure.reason()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        assert_eq!(reasons.len(), ALL.len());
        assert!(ALL.iter().all(|&it| format!("{:?}", AuthReason::from(it)) == it.reason()));
        assert!(reasons.iter().all(|reason| reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
