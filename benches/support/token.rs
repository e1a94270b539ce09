//! Tokens that a server takes.

use jsonwebtoken::errors::Result;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

/// What they are signed with.
pub(crate) const SECRET: &str = "a secret of thirty-two characters";

/// A token without an end.
pub(crate) fn token(subject: &str) -> Result<String> {
    token_with(&json!({ "sub": subject }), SECRET)
}

/// A token that claims that, signed with `secret`.
pub(crate) fn token_with(claims: &Value, secret: &str) -> Result<String> {
    encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes()))
}
