//! The keys that tokens are verified with: read once, and refused at the start rather than token by token.

use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::errors::Error as JwtError;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::settings::{Jwt, JwtAlgorithm};

/// The sizes of RSA keys that signatures are verified with, in bytes of the modulus: 2048 to 8192 bits.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A point on P-256, uncompressed: a marker and two coordinates.
const P256_POINT_BYTES: usize = 65;

/// The algorithm identifier of a P-256 key, and the beginning of its uncompressed point, in base64.
const P256_BEGINNING: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";

/// A key is missing or of no use. The key itself is never in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{variable} {problem}")]
pub struct KeyError {
    /// The variable that holds the key, or names its file.
    pub variable: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// The keys for the configured algorithm, and no others; the current one comes first.
pub(super) fn verification_keys(jwt: &Jwt) -> Result<Vec<DecodingKey>, KeyError> {
    if !jwt.algorithm.is_symmetric() {
        return public_key(jwt).map(|key| vec![key]);
    }
    let problem = "is not set, and HS algorithms need it";
    let secret = jwt.secret.as_ref().ok_or(KeyError { variable: "JWT_SECRET_KEY", problem })?;
    let from_secret = |secret: &SecretString| DecodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok([secret].into_iter().chain(&jwt.previous_secret).map(from_secret).collect())
}

fn public_key(jwt: &Jwt) -> Result<DecodingKey, KeyError> {
    let error = |problem| KeyError { variable: "JWT_PUBLIC_KEY_FILE", problem };
    let pem =
        jwt.public_key.as_ref().ok_or(error("is not set, and only HS algorithms need no public key"))?;
    let (key, expected) = match jwt.algorithm {
        JwtAlgorithm::Es256 => (p256_key(pem), "must hold a P-256 public key as PEM, for ES256"),
        JwtAlgorithm::EdDsa => (ed25519_key(pem), "must hold an Ed25519 public key as PEM, for EdDSA"),
        _ => (rsa_key(pem), "must hold an RSA public key of 2048 to 8192 bits as PEM, for RS256"),
    };
    key.ok_or(error(expected))
}

/// Reading a PEM also takes private keys and other sizes, with which every signature would be refused.
fn rsa_key(pem: &str) -> Option<DecodingKey> {
    checked(DecodingKey::from_rsa_pem(pem.as_bytes()), |der| {
        (aws_lc::DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key)(der)
            .is_ok_and(|(modulus, _)| RSA_MODULUS_BYTES.contains(&modulus.len()))
    })
}

/// Reading a PEM also takes other curves, and not all of them have points of another length: the key must
/// begin as RFC 5480 has keys of this curve begin.
fn p256_key(pem: &str) -> Option<DecodingKey> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).map(str::trim).collect();
    if !base64.starts_with(P256_BEGINNING) {
        return None;
    }
    checked(DecodingKey::from_ec_pem(pem.as_bytes()), |point| point.len() == P256_POINT_BYTES)
}

fn ed25519_key(pem: &str) -> Option<DecodingKey> {
    DecodingKey::from_ed_pem(pem.as_bytes()).ok()
}

fn checked(key: Result<DecodingKey, JwtError>, is_fit: impl FnOnce(&[u8]) -> bool) -> Option<DecodingKey> {
    key.ok().filter(|key| key.try_get_as_bytes().is_ok_and(is_fit))
}
