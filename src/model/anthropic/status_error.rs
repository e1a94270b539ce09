//! An HTTP answer that isn't a reply becomes a [`CallError`], without reading more of it, or
//! waiting longer for it, than an error message is worth.

use std::time::{Duration, SystemTime};

use reqwest::{Response, StatusCode};
use tokio::time::timeout;

use super::encoding::encoding;
use super::error_text::ErrorText;
use super::retry_headers::{request_id, retry_after, should_retry};
use super::wire::ApiError;
use crate::model::{CallError, CallErrorKind};

/// How much of an error's body is read, in bytes.
const MAX_ERROR_BODY_BYTES: usize = 64 * 1024;
/// How long an error's body may take.
const ERROR_BODY_TIME: Duration = Duration::from_secs(5);
/// How much of a body that isn't the API's error object is quoted, in characters: enough to tell
/// a proxy's page from a server's complaint.
const MAX_QUOTED_CHARS: usize = 300;

/// Reads what `response`, which isn't a success, says.
pub(super) async fn status_error(mut response: Response, texts: &ErrorText) -> CallError {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    // What is encoded says nothing to anybody.
    let body = if encoding(&headers).is_some() { Vec::new() } else { start_of_body(response).await };
    let said = ApiError::of(&body).unwrap_or_else(|| ApiError {
        error_type: None,
        message: texts.clean(&String::from_utf8_lossy(&body), MAX_QUOTED_CHARS),
        request_id: None,
    });
    let message = if said.message.is_empty() { no_words(status) } else { said.message };
    CallError {
        kind: CallErrorKind::Status { status: status.as_u16(), error_type: said.error_type, message },
        request_id: request_id(&headers).or(said.request_id),
        retry_after: retry_after(&headers, SystemTime::now()),
        should_retry: should_retry(&headers),
    }
}

/// As much of the body as comes within the limits; an error that is cut short is still an error.
async fn start_of_body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = MAX_ERROR_BODY_BYTES.saturating_sub(body.len());
            body.extend(chunk.iter().take(room));
            if chunk.len() >= room {
                break;
            }
        }
    };
    // Running out of time is no failure: what has come by then will do.
    let _ = timeout(ERROR_BODY_TIME, reading).await;
    body
}

/// What to say of an error without a body.
fn no_words(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("no reason given");
    if status.is_redirection() { format!("{reason}; redirects aren't followed") } else { reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_waited_for_five_seconds_and_what_came_is_kept() {
        let stalling = stream::iter([Ok::<_, std::io::Error>("half a sen")]).chain(stream::pending());
        let response = hyper::Response::builder().status(500).body(reqwest::Body::wrap_stream(stalling));
        let began = Instant::now();
        let error = status_error(response.unwrap().into(), &ErrorText::new(None)).await;
        assert_eq!(error.to_string(), "upstream answered 500: half a sen");
        assert_eq!(began.elapsed(), ERROR_BODY_TIME);
    }
}
