//! An error in the midst of a stream, where there is no status any more.

use serde::Serialize;
use utoipa::ToSchema;

use crate::server::api_error::ApiError;

/// An error in the midst of a stream. `[DONE]` follows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StreamError {
    /// For people.
    pub message: String,
    /// The kind, such as `streaming_timeout_error`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Always `null`: no field of the request is to blame.
    #[schema(value_type = Option<String>)]
    pub param: (),
    /// The kind, for programs.
    pub code: &'static str,
    /// The step in which it happened; `null` if it isn't a step's.
    pub step: Option<&'static str>,
    /// The phase that timed out: `worker coordination` or `synthesis`.
    pub phase: Option<&'static str>,
    /// The time limit that was reached.
    pub timeout_seconds: Option<f64>,
}

impl From<&ApiError> for StreamError {
    fn from(error: &ApiError) -> Self {
        Self {
            message: error.message.clone(),
            kind: error.kind,
            param: (),
            code: error.code,
            step: None,
            phase: None,
            timeout_seconds: None,
        }
    }
}
