//! The faults that answer a request with an HTTP error, whatever was asked.

use super::api_error::ApiError;
use super::fault::Fault;
use super::injected::Injected;
use super::request::Request;

/// The error of that fault, if it is one that answers with an error.
pub(super) fn of(injected: Injected, request: Request<'_>) -> Option<ApiError> {
    let mut error = match injected.fault {
        Fault::RateLimit => ApiError::new(429, "rate_limit_error", "The rate limit is reached (simulated)"),
        Fault::Overloaded => overloaded(),
        // Without a stream there is no place for an event.
        Fault::ErrorEvent | Fault::ErrorEventMidReply if !request.stream() => overloaded(),
        Fault::ServerError => ApiError::new(500, "api_error", "Something went wrong inside (simulated)"),
        Fault::Unavailable => ApiError::new(503, "api_error", "The service is unavailable (simulated)"),
        Fault::BadRequest => ApiError::invalid("The request is refused (simulated)"),
        Fault::Unauthorized => ApiError::new(401, "authentication_error", "The key is not valid (simulated)"),
        Fault::Forbidden => ApiError::new(403, "permission_error", "The key may not do this (simulated)"),
        Fault::NotFound => ApiError::not_found(format!("model: {}", request.model())),
        Fault::RequestTimeout => {
            ApiError::new(408, "timeout_error", "The request took too long to arrive (simulated)")
        }
        Fault::StructuredOutputRefused => {
            ApiError::invalid("output_config.format: structured output is not supported (simulated)")
        }
        _ => return None,
    };
    error.retry_after = injected.parameter.filter(|_| error.status == 429 || error.status >= 500);
    Some(error)
}

fn overloaded() -> ApiError {
    ApiError::new(529, "overloaded_error", "Overloaded (simulated)")
}
