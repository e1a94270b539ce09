//! A key to sign with, and the public key that verifies what it signed.

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorCode};
use crate::server::auth::jws_algorithm;
use crate::settings::JwtAlgorithm;

/// A key to sign with.
#[derive(Debug)]
pub(super) struct SigningKey {
    pub(super) private: EncodingKey,
    /// Verifies what the other signed; the same, if it is a secret.
    pub(super) public: DecodingKey,
}

impl SigningKey {
    pub(super) fn from_secret(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        Self { private: EncodingKey::from_secret(secret), public: DecodingKey::from_secret(secret) }
    }

    /// The token with these claims.
    pub(super) fn sign(&self, algorithm: JwtAlgorithm, claims: &Map<String, Value>) -> Result<String, Error> {
        // Fails only if one was installed before, which is as good.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        encode(&Header::new(jws_algorithm(algorithm)), claims, &self.private)
            .map_err(|error| Error::new(ErrorCode::Internal, "the token can't be signed").because(error))
    }
}
