//! Tells whether two values are the same without keeping either of them, which may be a secret.

use std::fmt;

use sha2::{Digest, Sha256};

/// A value's digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(value: &[u8]) -> Self {
        Self(Sha256::digest(value).into())
    }
}

impl fmt::Debug for Fingerprint {
    /// Without the digest, from which a short secret could be guessed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Fingerprint")
    }
}
