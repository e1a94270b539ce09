//! A token that was made, and what there is to know of it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::WIRE_VERSION;

/// A token that was made.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Token")]
pub struct TokenReport {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// The token, to be sent as `Authorization: Bearer <token>`.
    pub token: String,
    /// The algorithm of its signature, as in its header.
    pub algorithm: String,
    /// What it claims, as it stands in it.
    pub claims: Map<String, Value>,
    /// When it expires, in RFC 3339; `null` if it never does.
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Timestamp>,
    /// What should be known before it is used.
    pub warnings: Vec<String>,
}

impl TokenReport {
    /// The report of a token that expires then.
    #[must_use]
    pub fn new(
        token: String,
        algorithm: &str,
        claims: Map<String, Value>,
        expires_at: Option<Timestamp>,
        warnings: Vec<String>,
    ) -> Self {
        let algorithm = algorithm.to_owned();
        Self { version: WIRE_VERSION, token, algorithm, claims, expires_at, warnings }
    }
}
