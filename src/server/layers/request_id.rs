//! The id by which a request is found in the logs, here and upstream.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries it, in and out.
pub(in crate::server) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters of a client's own id.
const MAX_LENGTH: usize = 128;

/// A request's id: the client's own, or ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct RequestId(Arc<str>);

impl RequestId {
    /// A new id of ours.
    pub(in crate::server) fn new() -> Self {
        Self(format!("req_{}", Uuid::new_v4().simple()).into())
    }

    /// The client's id, if it is one of 1 to 128 visible ASCII characters; else a new one.
    pub(in crate::server) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let usable = given.filter(|id| {
            (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        });
        usable.map_or_else(Self::new, |id| Self(id.into()))
    }

    pub(in crate::server) fn as_str(&self) -> &str {
        &self.0
    }

    /// As a header's value.
    pub(super) fn to_header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(given: Option<&[u8]>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given).unwrap());
        }
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_clients_id_is_kept_if_it_is_short_and_visible() {
        let longest = "x".repeat(128);
        for fine in ["a", "req_1", "~!{}", longest.as_str()] {
            assert_eq!(id(Some(fine.as_bytes())), fine);
        }
    }

    #[test]
    fn any_other_id_is_replaced_by_one_of_ours() {
        let too_long = "x".repeat(129);
        let unfit = [None, Some(""), Some("a b"), Some("a\tb"), Some("é"), Some(too_long.as_str())];
        for unfit in unfit {
            let id = id(unfit.map(str::as_bytes));
            assert!(id.starts_with("req_") && id.len() == 36, "{unfit:?} became {id}");
        }
        assert_ne!(id(None), id(None));
    }
}
