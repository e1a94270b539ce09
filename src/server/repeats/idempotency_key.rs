//! The header by which a client says that a request is a repeat of another.

use axum::http::{HeaderMap, HeaderName};

use crate::server::api_error::ApiError;

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// The most characters of a key.
const MAX_CHARS: usize = 255;

/// A client's name for a request and its repeats: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key among the headers, if there is one.
    ///
    /// # Errors
    /// 400 if it isn't of that form, or if there are several.
    pub(in crate::server) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut all = headers.get_all(HEADER).iter();
        let Some(value) = all.next() else { return Ok(None) };
        let is_visible = |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let text = value.to_str().ok().filter(is_visible);
        let text = text.filter(|text| (1..=MAX_CHARS).contains(&text.len()) && all.next().is_none());
        text.map(|text| Some(Self(text.to_owned()))).ok_or_else(|| {
            ApiError::invalid_request(
                "invalid_idempotency_key",
                format!(
                    "The header Idempotency-Key must be one of 1 to {MAX_CHARS} visible ASCII characters"
                ),
            )
        })
    }

    pub(in crate::server) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(values: &[&[u8]]) -> Result<Option<String>, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
        }
        IdempotencyKey::of(&headers).map(|key| key.map(|key| key.0))
    }

    #[test]
    fn a_key_is_of_1_to_255_visible_ascii_characters_and_the_only_one() {
        let longest = "k".repeat(MAX_CHARS);
        assert_eq!(read(&[]), Ok(None));
        for key in ["k", "stainless-node-retry-0b3f", "!~", &longest] {
            assert_eq!(read(&[key.as_bytes()]), Ok(Some(key.to_owned())));
        }
        let too_long = format!("{longest}k");
        for wrong in
            [&[&b""[..]][..], &[b"a b"], &["é".as_bytes()], &[b"\xff"], &[too_long.as_bytes()], &[b"a", b"a"]]
        {
            assert_eq!(read(wrong).unwrap_err().code, "invalid_idempotency_key", "{wrong:?}");
        }
    }
}
