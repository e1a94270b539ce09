//! An error as clients of the API get it: a status, a body that both `FastAPI`'s and OpenAI's clients
//! understand, and the headers that make them do the right thing.

use std::time::Duration;

use axum::Json;
use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Tells OpenAI's clients whether to send the same request again; it wins over the status.
const X_SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// An error as clients of the API get it. Nothing in it comes from the upstream or from our files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The status.
    pub status: StatusCode,
    /// The kind, in OpenAI's words where it has one: `error.type`.
    pub kind: &'static str,
    /// The kind, for programs: `error.code`.
    pub code: &'static str,
    /// What is wrong, for people: `error.message`.
    pub message: String,
    /// Which field of the request is wrong, such as `messages[0].content`: `error.param`.
    pub param: Option<String>,
    /// `detail`, where it isn't the message.
    pub detail: Option<String>,
    /// How long to wait before another request.
    pub retry_after: Option<Duration>,
    /// Whether the same request may be sent again; `None` leaves that to the status.
    pub should_retry: Option<bool>,
    /// The challenge of a 401.
    pub challenge: Option<&'static str>,
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What is wrong, in one string.
    pub detail: String,
    /// The same in parts.
    pub error: ErrorObject,
}

/// What is wrong, in parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorObject {
    /// For people.
    pub message: String,
    /// The kind, such as `invalid_request_error`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The field of the request that is wrong.
    pub param: Option<String>,
    /// The kind, for programs, such as `model_not_found`.
    pub code: &'static str,
}

impl ApiError {
    /// An error of that status and kind.
    #[must_use]
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            param: None,
            detail: None,
            retry_after: None,
            should_retry: None,
            challenge: None,
        }
    }

    /// A request that can't be honoured: 400 `invalid_request_error`.
    #[must_use]
    pub fn invalid_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", code, message)
    }

    /// The same, about that field of the request.
    #[must_use]
    pub fn about(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            detail: self.detail.clone().unwrap_or_else(|| self.message.clone()),
            error: ErrorObject {
                message: self.message.clone(),
                kind: self.kind,
                param: self.param.clone(),
                code: self.code,
            },
        }
    }

    /// The headers beside it.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        if let Some(should_retry) = self.should_retry {
            let word = if should_retry { "true" } else { "false" };
            headers.insert(X_SHOULD_RETRY, HeaderValue::from_static(word));
        }
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        headers
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, self.headers(), Json(self.body())).into_response()
    }
}

/// Whole seconds, rounded up; at least 1, because clients take 0 for no wait.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}
