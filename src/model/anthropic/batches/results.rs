//! Reads the results of a batch from the connection, one at a time: all of them together may be larger than
//! memory. The lines are compared with the batch's counts, because a body that ends too soon may end
//! properly.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::timeout;

use super::line_buffer::{LineBuffer, LineTooLong};
use super::wire::{self, wrong};
use crate::model::anthropic::error_text::ErrorText;
use crate::model::anthropic::retry_headers::request_id;
use crate::model::anthropic::transport_error::interrupted;
use crate::model::anthropic::{AnthropicClient, MAX_REPLY_BYTES};
use crate::model::{Batch, BatchResult, BatchResults, CallError, CallErrorKind};

/// How long the upstream may be silent, before its answer and within it. There is no limit on the whole:
/// a hundred thousand results may take long.
const SILENCE: Duration = Duration::from_mins(1);

impl AnthropicClient {
    /// The results of `batch`, as it was told of when it had ended. The stream yields as many as the batch
    /// counts, each of another request; if it ends sooner or goes on, its last item is an error. What was read
    /// before an error is true.
    ///
    /// # Errors
    /// If the upstream can't be asked, or refuses to answer, because the batch hasn't ended, for instance.
    pub async fn batch_results(&self, batch: &Batch) -> Result<BatchResults, CallError> {
        let mut request = self.request(Method::GET, self.batches_url(&[&batch.id, "results"])?);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/x-jsonl, */*"));
        let response = timeout(SILENCE, self.exchange(request)).await.map_err(|_| silent())??;
        let reader = ResultReader {
            request_id: request_id(response.headers()),
            body: Body::Open(response),
            lines: LineBuffer::new(MAX_REPLY_BYTES),
            due: batch.counts.results(),
            seen: HashSet::new(),
            texts: Arc::clone(self.texts()),
        };
        Ok(Box::pin(stream::unfold(reader, |mut reader| async { Some((reader.next().await?, reader)) })))
    }
}

struct ResultReader {
    request_id: Option<String>,
    body: Body,
    lines: LineBuffer,
    /// How many results the batch has.
    due: u64,
    /// The names of those that were read.
    seen: HashSet<String>,
    texts: Arc<ErrorText>,
}

/// How far the body has been read.
enum Body {
    Open(Response),
    /// It ended properly. Whether all results were in it is still to be seen.
    Over,
    /// Nothing more is handed out, and the connection is closed or free again.
    Done,
}

impl ResultReader {
    async fn next(&mut self) -> Option<Result<BatchResult, CallError>> {
        let read = self.read().await.transpose()?;
        Some(read.map_err(|mut error| {
            self.body = Body::Done;
            error.request_id = error.request_id.or_else(|| self.request_id.clone());
            self.texts.clean_error(error)
        }))
    }

    /// The next result; `None` after the last.
    async fn read(&mut self) -> Result<Option<BatchResult>, CallError> {
        loop {
            match &mut self.body {
                Body::Open(response) => {
                    if let Some(line) = self.lines.next_line().map_err(|LineTooLong| too_large())? {
                        return self.take(&line).map(Some);
                    }
                    match timeout(SILENCE, response.chunk()).await {
                        Ok(Ok(Some(piece))) => self.lines.feed(&piece),
                        Ok(Ok(None)) => self.body = Body::Over,
                        Ok(Err(error)) => return Err(interrupted(error).into()),
                        Err(_) => return Err(silent()),
                    }
                }
                Body::Over => {
                    if let Some(rest) = self.lines.rest() {
                        return self.take(&rest).map(Some);
                    }
                    self.body = Body::Done;
                    return if self.read_so_far() < self.due {
                        Err(CallErrorKind::Truncated.into())
                    } else {
                        Ok(None)
                    };
                }
                Body::Done => return Ok(None),
            }
        }
    }

    fn take(&mut self, line: &[u8]) -> Result<BatchResult, CallError> {
        let result = wire::result(line, &self.texts)?;
        if !self.seen.insert(result.custom_id.clone()) {
            return Err(wrong("two results have the same custom_id"));
        }
        if self.read_so_far() > self.due {
            return Err(wrong("there are more results than the batch counts"));
        }
        Ok(result)
    }

    fn read_so_far(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }
}

fn too_large() -> CallError {
    CallErrorKind::TooLarge { what: "a result", limit: MAX_REPLY_BYTES }.into()
}

fn silent() -> CallError {
    CallErrorKind::Interrupted(format!("nothing came for {SILENCE:?}")).into()
}
