//! Answers that are compressed although nobody has asked for that: what would be read of them is noise, and asking
//! again is no help.

use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::error_text::{ErrorText, MAX_WORD_CHARS};
use super::retry_headers::request_id;
use crate::model::{CallError, CallErrorKind};

/// How the body is encoded, if the answer's headers say that it is.
pub(super) fn encoding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let named: Vec<String> =
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    let is_plain = |word: &str| matches!(word.trim(), "") || word.trim().eq_ignore_ascii_case("identity");
    let is_encoded = !named.iter().flat_map(|value| value.split(',')).all(is_plain);
    is_encoded.then(|| named.join(", "))
}

/// # Errors
/// If the body is encoded: it isn't read then.
pub(super) fn refuse_encoded(headers: &HeaderMap, texts: &ErrorText) -> Result<(), CallError> {
    let Some(named) = encoding(headers) else { return Ok(()) };
    let named = texts.clean(&named, MAX_WORD_CHARS);
    let kind = CallErrorKind::Malformed(format!("the content encoding is {named}, which wasn't asked for"));
    Err(CallError { request_id: request_id(headers), ..CallError::new(kind) })
}
