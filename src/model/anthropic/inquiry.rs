//! Asks the upstream what costs nothing: which models it has, and how many tokens a request is.

use std::time::Duration;

use jiff::civil::Date;
use reqwest::{Method, Request, Response};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::AnthropicClient;
use super::lenient::count;
use super::request_body::RequestBody;
use super::transport_error::innermost_cause;
use crate::model::{CallError, CallErrorKind, ModelRequest};

/// How long an answer may take as a whole.
pub(super) const TIME: Duration = Duration::from_secs(15);
/// The most bytes of an answer: a thousand models have far fewer.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// Models on a page, the most that the API allows.
const PAGE: &str = "1000";
/// The most pages that are turned.
const MAX_PAGES: usize = 10;

/// A model as the upstream lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    /// Its id.
    pub id: String,
    /// The day on which it retires, or did, if the upstream says so.
    pub retires: Option<Date>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Listed>,
    #[serde(default)]
    has_more: bool,
    last_id: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    retires_at: Value,
}

#[derive(Deserialize)]
struct Counted<'a> {
    #[serde(borrow)]
    input_tokens: &'a serde_json::value::RawValue,
}

impl AnthropicClient {
    /// All models that the upstream lists.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses to answer, or answers something else.
    pub async fn list_models(&self) -> Result<Vec<ListedModel>, CallError> {
        let mut models = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut url = self.url_beside("models")?;
            url.query_pairs_mut().append_pair("limit", PAGE);
            if let Some(id) = &after {
                url.query_pairs_mut().append_pair("after_id", id);
            }
            let answer = self.ask(self.request(Method::GET, url), TIME).await?;
            let page: Page =
                serde_json::from_slice(&answer).map_err(|error| self.clean(malformed(&error)))?;
            models.extend(page.data.into_iter().map(ListedModel::from));
            after = page.last_id.filter(|_| page.has_more);
            if after.is_none() {
                break;
            }
        }
        Ok(models)
    }

    /// How many tokens the upstream counts in the prompt of `request`.
    ///
    /// # Errors
    /// If the upstream can't be asked, refuses the request, or answers something else.
    pub async fn count_tokens(&self, request: &ModelRequest) -> Result<u64, CallError> {
        let body = RequestBody::to_be_counted(request).to_json();
        let url = self.url_beside("messages/count_tokens")?;
        let mut inquiry = self.request(Method::POST, url);
        *inquiry.body_mut() = Some(body.into());
        let answer = self.ask(inquiry, TIME).await?;
        let counted: Counted<'_> =
            serde_json::from_slice(&answer).map_err(|error| self.clean(malformed(&error)))?;
        count(Some(counted.input_tokens))
            .ok_or_else(|| CallError::new(CallErrorKind::Malformed("input_tokens is no number".to_owned())))
    }

    /// The whole body of the answer to `request`, which must be complete within `time`.
    pub(super) async fn ask(&self, request: Request, time: Duration) -> Result<Vec<u8>, CallError> {
        let asking = async {
            let response = self.exchange(request).await?;
            whole_body(response).await.map_err(|error| self.clean(error))
        };
        let late = |_| CallError::new(CallErrorKind::TimedOut { limit: time });
        timeout(time, asking).await.map_err(late)?
    }

    /// The URL of what stands beside the messages.
    pub(super) fn url_beside(&self, path: &str) -> Result<Url, CallError> {
        let joined = self.messages_url().join(path);
        joined.map_err(|error| CallError::new(CallErrorKind::Malformed(error.to_string())))
    }
}

async fn whole_body(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(CallError::new(CallErrorKind::Interrupted(innermost_cause(error)))),
        }
        if body.len() > MAX_ANSWER_BYTES {
            return Err(CallError::new(CallErrorKind::TooLarge {
                what: "an answer",
                limit: MAX_ANSWER_BYTES,
            }));
        }
    }
}

fn malformed(error: &serde_json::Error) -> CallError {
    CallError::new(CallErrorKind::Malformed(error.to_string()))
}

impl From<Listed> for ListedModel {
    fn from(listed: Listed) -> Self {
        // A time such as 2026-11-30T00:00:00Z, of which the day is enough.
        let day = listed.retires_at.as_str().and_then(|time| time.get(..10)?.parse().ok());
        Self { id: listed.id, retires: day }
    }
}
