//! A bug in a handler is one request's failure, not the server's.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

use crate::server::api_error::ApiError;

/// Answers a panic with 500. What the panic says stays in the log.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct AnswerPanic;

pub(in crate::server) fn catch_panic() -> CatchPanicLayer<AnswerPanic> {
    CatchPanicLayer::custom(AnswerPanic)
}

impl ResponseForPanic for AnswerPanic {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, _panic: Box<dyn Any + Send + 'static>) -> Response {
        internal_error().into_response()
    }
}

/// A bug here.
pub(in crate::server) fn internal_error() -> ApiError {
    ApiError {
        // The same request would meet the same bug.
        should_retry: Some(false),
        ..ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "internal_error",
            "The server has failed; its log says more under this request's id",
        )
    }
}
