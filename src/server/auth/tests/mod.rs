//! Tokens of every kind, good and bad, as a verifier sees them.

use std::time::{Duration, SystemTime};

use axum::http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::SecretString;
use serde_json::value::RawValue;

use super::*;
use crate::settings::{Jwt, JwtAlgorithm};

mod algorithms;
mod arbitrary;
mod claims;
mod forgeries;
mod keys;

const SECRET: &str = "a secret of thirty-two characters";
const OTHER_SECRET: &str = "another secret of enough characters";

/// The time of every verification, in seconds since the Unix epoch.
const NOW: u64 = 1_800_000_000;

const GOOD: &str = r#"{"sub":"alice"}"#;

// Made with openssl for these tests; they protect nothing.
const RSA_PRIVATE: &str = include_str!("../test_keys/rsa_2048_private.pem");
const RSA_PUBLIC: &str = include_str!("../test_keys/rsa_2048_public.pem");
const EC_PRIVATE: &str = include_str!("../test_keys/ec_p256_private.pem");
const EC_PUBLIC: &str = include_str!("../test_keys/ec_p256_public.pem");
const ED_PRIVATE: &str = include_str!("../test_keys/ed25519_private.pem");
const ED_PUBLIC: &str = include_str!("../test_keys/ed25519_public.pem");

fn jwt(algorithm: JwtAlgorithm) -> Jwt {
    let public_key = match algorithm {
        JwtAlgorithm::Rs256 => Some(RSA_PUBLIC),
        JwtAlgorithm::Es256 => Some(EC_PUBLIC),
        JwtAlgorithm::EdDsa => Some(ED_PUBLIC),
        _ => None,
    };
    Jwt {
        algorithm,
        secret: algorithm.is_symmetric().then(|| SecretString::from(SECRET)),
        previous_secret: None,
        public_key: public_key.map(str::to_owned),
        issuer: None,
        audience: None,
        leeway: Duration::ZERO,
    }
}

/// The key of ours that tokens of that algorithm are signed with.
fn signing_key(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::RS256 | Algorithm::RS384 | Algorithm::PS256 => {
            EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).unwrap()
        }
        Algorithm::ES256 => EncodingKey::from_ec_pem(EC_PRIVATE.as_bytes()).unwrap(),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(ED_PRIVATE.as_bytes()).unwrap(),
        _ => EncodingKey::from_secret(SECRET.as_bytes()),
    }
}

/// A token with these claims, to the letter.
fn token(header: &Header, claims: &str, key: &EncodingKey) -> String {
    encode(header, &RawValue::from_string(claims.to_owned()).unwrap(), key).unwrap()
}

/// An HS256 token of ours with these claims.
fn hs256(claims: &str) -> String {
    token(&Header::default(), claims, &signing_key(Algorithm::HS256))
}

/// JSON as a part of a token.
fn part(json: &str) -> String {
    hs256(json).split('.').nth(1).unwrap().to_owned()
}

/// An HS256 token of ours with this header, to the letter.
fn with_header(header: &str) -> String {
    let message = format!("{}.{}", part(header), part(GOOD));
    let key = signing_key(Algorithm::HS256);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// What comes of a token: the subject, or the failure.
fn verify(jwt: &Jwt, token: &str) -> Result<String, AuthFailure> {
    let header = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let identity = TokenVerifier::new(jwt).unwrap().verify(Some(&header), now)?;
    Ok(identity.subject)
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what verifying returns")]
fn alice() -> Result<String, AuthFailure> {
    Ok("alice".to_owned())
}
