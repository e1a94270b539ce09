//! Creates, asks after, lists and cancels batches: one exchange each, with a limit on its time.

use std::time::Duration;

use reqwest::Method;
use url::Url;

use super::BatchBody;
use super::wire::{self, is_batch_id, wrong};
use crate::model::anthropic::AnthropicClient;
use crate::model::anthropic::inquiry::TIME;
use crate::model::{Batch, BatchPage, CallError};

/// How long it may take to create a batch, beside the sending of its body.
const CREATION_TIME: Duration = Duration::from_mins(2);
/// The slowest pace at which a body is sent before it is given up, in bytes a second: 2 Mbit/s.
const SLOWEST_PACE: u64 = 256 * 1024;

impl AnthropicClient {
    /// Creates a batch. There may be one even if this fails, unless the upstream answered with an HTTP error:
    /// the answer may have been lost. [`list_batches`](Self::list_batches) shows what there is.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses the batch, or answers something else.
    pub async fn create_batch(&self, body: &BatchBody) -> Result<Batch, CallError> {
        let mut request = self.request(Method::POST, self.batches_url(&[])?);
        *request.body_mut() = Some(body.json.clone().into());
        let answer = self.ask(request, creation_time(body.bytes())).await?;
        wire::batch(&answer, self.texts())
    }

    /// How far the batch of that id is.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses to answer, or answers something else.
    pub async fn batch(&self, id: &str) -> Result<Batch, CallError> {
        let url = self.batches_url(&[id])?;
        let answer = self.ask(self.request(Method::GET, url), TIME).await?;
        self.that_batch(&answer, id)
    }

    /// A part of the list of all batches, the newest first: at most `limit` (1–1000) of those that come after
    /// the batch of the id `after`, or else the newest. One that ended long ago (a month, as of now) may not be
    /// there any more.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses to answer, or answers something else.
    pub async fn list_batches(&self, limit: u16, after: Option<&str>) -> Result<BatchPage, CallError> {
        let mut url = self.batches_url(&[])?;
        url.query_pairs_mut().append_pair("limit", &limit.to_string());
        if let Some(id) = after {
            url.query_pairs_mut().append_pair("after_id", id);
        }
        let answer = self.ask(self.request(Method::GET, url), TIME).await?;
        wire::page(&answer, after, self.texts())
    }

    /// Asks for what isn't begun yet to be left alone. The batch goes on until it has ended, and has results.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses (because the batch has ended, for instance), or answers
    /// something else.
    pub async fn cancel_batch(&self, id: &str) -> Result<Batch, CallError> {
        let url = self.batches_url(&[id, "cancel"])?;
        let answer = self.ask(self.request(Method::POST, url), TIME).await?;
        self.that_batch(&answer, id)
    }

    /// The URL of the batches, or of what lies below one of them, whose id comes first. A batch's own
    /// `results_url` isn't followed: it could lead away from the server that the credentials are for, and
    /// behind a gateway it does.
    pub(super) fn batches_url(&self, below: &[&str]) -> Result<Url, CallError> {
        if below.first().is_some_and(|id| !is_batch_id(id)) {
            return Err(wrong("a batch was asked for by what is no id"));
        }
        let mut url = self.url_beside("messages/batches")?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(below);
        }
        Ok(url)
    }

    fn that_batch(&self, answer: &[u8], id: &str) -> Result<Batch, CallError> {
        let batch = wire::batch(answer, self.texts())?;
        if batch.id == id { Ok(batch) } else { Err(wrong("another batch than the one asked for came")) }
    }
}

fn creation_time(bytes: usize) -> Duration {
    CREATION_TIME + Duration::from_secs(u64::try_from(bytes).unwrap_or(u64::MAX) / SLOWEST_PACE)
}
