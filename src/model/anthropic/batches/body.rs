//! The body that creates a batch, gathered request by request, so that whoever has more than fit into one
//! knows where to divide them.

use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use thiserror::Error;

use super::wire::{MAX_CUSTOM_ID, is_name};
use crate::model::ModelRequest;
use crate::model::anthropic::RequestBody;

const OPENING: &[u8] = b"{\"requests\":[";
const CLOSING: &[u8] = b"]}";

/// How much a batch takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// The most requests.
    pub requests: usize,
    /// The most bytes of the body.
    pub bytes: usize,
}

impl BatchLimits {
    /// What the API takes: 100 000 requests, and 256 MB, of which the smaller reading is taken.
    pub const OF_API: Self = Self { requests: 100_000, bytes: 256_000_000 };
}

/// Why a request isn't in a batch's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAdded {
    /// No more fit in, but this one may be the first of the next batch.
    #[error("the batch is full")]
    Full,
    /// It doesn't fit into any batch.
    #[error("the request has {bytes} bytes, and a batch takes {limit}")]
    TooLarge {
        /// Its own bytes, and those that any body has.
        bytes: usize,
        /// The most that a batch takes.
        limit: usize,
    },
    /// The API wouldn't take its name.
    #[error("a request within a batch is named by 1 to 64 of the characters A-Z a-z 0-9 _ -")]
    Name,
    /// There is one of that name.
    #[error("the batch has a request of that name already")]
    Duplicate,
}

/// Gathers the requests of a batch.
pub struct BatchBodyBuilder {
    limits: BatchLimits,
    json: Vec<u8>,
    names: HashSet<String>,
}

impl BatchBodyBuilder {
    /// For a batch of at most so much.
    #[must_use]
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, json: OPENING.to_vec(), names: HashSet::new() }
    }

    /// Adds a request by a name that the batch doesn't have yet: 1–64 of the characters A-Z a-z 0-9 _ -.
    ///
    /// # Errors
    /// If it can't be added; the body is as it was before.
    pub fn add(&mut self, custom_id: &str, request: &ModelRequest) -> Result<(), NotAdded> {
        if !is_name(custom_id, MAX_CUSTOM_ID) {
            return Err(NotAdded::Name);
        }
        if self.names.contains(custom_id) {
            return Err(NotAdded::Duplicate);
        }
        let entry = serde_json::to_string(&Entry { custom_id, params: RequestBody::in_batch(request) });
        let entry = entry.unwrap_or_default();
        let comma = usize::from(!self.names.is_empty());
        if self.json.len() + comma + entry.len() + CLOSING.len() > self.limits.bytes {
            let (bytes, limit) = (OPENING.len() + entry.len() + CLOSING.len(), self.limits.bytes);
            return Err(if bytes > limit { NotAdded::TooLarge { bytes, limit } } else { NotAdded::Full });
        }
        if self.names.len() >= self.limits.requests {
            return Err(NotAdded::Full);
        }
        self.json.extend(b",".iter().take(comma));
        self.json.extend_from_slice(entry.as_bytes());
        self.names.insert(custom_id.to_owned());
        Ok(())
    }

    /// How many requests there are.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.names.len()
    }

    /// The body; `None` if there is no request in it.
    #[must_use]
    pub fn finish(mut self) -> Option<BatchBody> {
        self.json.extend_from_slice(CLOSING);
        let requests = self.names.len();
        (requests > 0).then(|| BatchBody { json: self.json.into(), requests })
    }
}

/// A request of a batch.
#[derive(Serialize)]
struct Entry<'a> {
    custom_id: &'a str,
    params: RequestBody<'a>,
}

/// The body that creates a batch. It is cheap to clone, and can be sent again.
#[derive(Clone)]
pub struct BatchBody {
    pub(super) json: Bytes,
    requests: usize,
}

impl BatchBody {
    /// How many requests there are, at least 1.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.json.len()
    }
}

impl fmt::Debug for BatchBodyBuilder {
    /// Prompts are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, bytes) = (self.names.len(), self.json.len());
        f.debug_struct("BatchBodyBuilder")
            .field("requests", &requests)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BatchBody {
    /// Prompts are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, bytes) = (self.requests, self.json.len());
        f.debug_struct("BatchBody").field("requests", &requests).field("bytes", &bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Role, Thinking, Turn};

    fn request(text: &str) -> ModelRequest {
        ModelRequest {
            model: "m".into(),
            max_tokens: 10,
            temperature: None,
            system: Vec::new(),
            turns: vec![Turn { role: Role::User, text: text.into() }],
            schema: None,
            thinking: Thinking::Unspecified,
            request_id: "run-1".into(),
        }
    }

    #[test]
    fn a_body_has_its_requests_in_order_and_none_of_them_streams() {
        let mut builder = BatchBodyBuilder::new(BatchLimits::OF_API);
        assert_eq!(builder.add("a", &request("Hi")), Ok(()));
        assert_eq!(builder.add("b_2-Z", &request("Ho")), Ok(()));
        let body = builder.finish().unwrap();
        assert_eq!(body.requests(), 2);
        insta::assert_snapshot!(
            str::from_utf8(&body.json).unwrap(),
            @r#"{"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}},{"custom_id":"b_2-Z","params":{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"Ho"}]}}]}"#
        );
        assert!(BatchBodyBuilder::new(BatchLimits::OF_API).finish().is_none());
        assert!(!format!("{body:?}").contains("Hi"), "{body:?}");
    }

    #[test]
    fn names_are_those_that_the_api_takes_and_each_is_there_once() {
        let mut builder = BatchBodyBuilder::new(BatchLimits::OF_API);
        for name in ["", "a b", "ä", "a.b", &"x".repeat(65)] {
            assert_eq!(builder.add(name, &request("Hi")), Err(NotAdded::Name), "{name}");
        }
        assert_eq!(builder.add(&"x".repeat(64), &request("Hi")), Ok(()));
        assert_eq!(builder.add(&"x".repeat(64), &request("Ho")), Err(NotAdded::Duplicate));
        assert_eq!(builder.requests(), 1);
    }

    #[test]
    fn a_body_is_full_at_exactly_its_limits() {
        let mut whole = BatchBodyBuilder::new(BatchLimits::OF_API);
        whole.add("a", &request("Hi")).unwrap();
        let one = whole.json.len() + CLOSING.len();
        whole.add("b", &request("Hi")).unwrap();
        assert_eq!(whole.requests(), 2);
        let two = whole.finish().unwrap().bytes();

        for (bytes, second) in [(two, Ok(())), (two - 1, Err(NotAdded::Full))] {
            let mut builder = BatchBodyBuilder::new(BatchLimits { requests: 9, bytes });
            builder.add("a", &request("Hi")).unwrap();
            assert_eq!(builder.add("b", &request("Hi")), second);
            assert!(builder.finish().unwrap().bytes() <= bytes);
        }
        let mut builder = BatchBodyBuilder::new(BatchLimits { requests: 9, bytes: one - 1 });
        let too_large = NotAdded::TooLarge { bytes: one, limit: one - 1 };
        assert_eq!(builder.add("a", &request("Hi")), Err(too_large));
        let mut builder = BatchBodyBuilder::new(BatchLimits { requests: 9, bytes: one });
        builder.add("a", &request("Hi")).unwrap();
        assert_eq!(builder.add("b", &request("Hi")), Err(NotAdded::Full), "alone it would fit");

        let mut builder = BatchBodyBuilder::new(BatchLimits { requests: 1, ..BatchLimits::OF_API });
        builder.add("a", &request("Hi")).unwrap();
        assert_eq!(builder.add("b", &request("Hi")), Err(NotAdded::Full));
    }
}
