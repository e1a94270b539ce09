//! A recording that has been checked, so that playing it can't fail.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::file::{Ending, RecordedResponse, RecordingFile};
use super::request::RecordedRequest;

/// A recording, ready to be played.
#[derive(Debug, Clone)]
pub(super) struct Playable {
    /// The file's name.
    pub(super) name: String,
    pub(super) request: RecordedRequest,
    pub(super) head: Option<Head>,
    /// The body's pieces, each with its milliseconds.
    pub(super) pieces: Vec<(u64, Bytes)>,
    pub(super) end: Ending,
}

/// The head of a response.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) ms: u64,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

impl Playable {
    /// Checks what is in a file, and says what is wrong with it.
    pub(super) fn new(name: String, file: RecordingFile) -> Result<Self, String> {
        let RecordingFile { version: _, request, response, end } = file;
        let fresh = request.fresh_hash();
        if request.hash != fresh {
            return Err(format!("/request/hash isn't that of its request, which is {fresh}"));
        }
        if !end.fits(response.is_some()) {
            return Err("/end doesn't fit to whether there is a /response".to_owned());
        }
        let (mut head, mut pieces) = (None, Vec::new());
        if let Some(response) = response {
            for (index, piece) in response.body.iter().enumerate() {
                let bytes = piece.bytes().ok_or_else(|| format!("/response/body/{index} isn't base64"))?;
                pieces.push((piece.ms, bytes));
            }
            head = Some(checked_head(&response)?);
        }
        Ok(Self { name, request, head, pieces, end })
    }
}

fn checked_head(response: &RecordedResponse) -> Result<Head, String> {
    let status = StatusCode::from_u16(response.status)
        .map_err(|_| format!("/response/status: there is no status {}", response.status))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let unfit = || format!("/response/headers/{name} can't be a header");
        let header: HeaderName = name.parse().map_err(|_| unfit())?;
        // From bytes: beyond ASCII a header may hold anything, and so may a recording.
        headers.insert(header, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unfit())?);
    }
    Ok(Head { ms: response.ms, status, headers })
}
