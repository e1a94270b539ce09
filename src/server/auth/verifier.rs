//! Verifies tokens: one algorithm, our own keys, and nothing that a token says about how to verify it.

use std::collections::HashSet;
use std::time::SystemTime;

use axum::http::HeaderValue;
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

use super::algorithm::jws_algorithm;
use super::bearer::bearer_token;
use super::claims::{ClaimRules, Claims};
use super::keys::verification_keys;
use super::{AuthFailure, Identity, KeyError};
use crate::settings::{Jwt, JwtAlgorithm};

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Verifies tokens.
#[derive(Debug)]
pub struct TokenVerifier {
    /// The current key, then the one before it.
    keys: Vec<DecodingKey>,
    validation: Validation,
    rules: ClaimRules,
}

impl TokenVerifier {
    /// # Errors
    /// [`KeyError`] if the key that the algorithm needs is missing or of no use.
    pub fn new(jwt: &Jwt) -> Result<Self, KeyError> {
        Ok(Self::with_keys(verification_keys(jwt)?, jwt))
    }

    /// The same with these keys, whatever keys are configured; they must be fit for the algorithm.
    #[must_use]
    pub fn with_keys(keys: Vec<DecodingKey>, jwt: &Jwt) -> Self {
        // Without it, verifying panics as soon as any other crate switches on jsonwebtoken's other provider.
        // It fails only if one was installed before, which is as good.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        Self { keys, validation: signature_only(jwt.algorithm), rules: ClaimRules::new(jwt) }
    }

    /// Whom the token in the request's one `Authorization` header names.
    ///
    /// # Errors
    /// [`AuthFailure`]: nobody is to be trusted to be calling.
    pub fn verify(
        &self,
        authorization: Option<&HeaderValue>,
        now: SystemTime,
    ) -> Result<Identity, AuthFailure> {
        self.verify_token(bearer_token(authorization)?, now)
    }

    /// Whom a token names that stands alone.
    ///
    /// # Errors
    /// [`AuthFailure`], except that nothing is [missing](AuthFailure::Missing).
    pub fn verify_token(&self, token: &[u8], now: SystemTime) -> Result<Identity, AuthFailure> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthFailure::TooLarge);
        }
        self.check_header(token)?;
        self.rules.identity(&self.signed_claims(token)?, now)
    }

    /// Looks only at `alg` and `crit`: keys that a header brings or points to are not looked at.
    fn check_header(&self, token: &[u8]) -> Result<(), AuthFailure> {
        let header = decode_header(token).map_err(|error| match error.kind() {
            // JSON, but `alg` is missing, `none` or unknown.
            ErrorKind::Json(error) if error.is_data() => AuthFailure::Algorithm,
            _ => AuthFailure::Malformed,
        })?;
        if !self.validation.algorithms.contains(&header.alg) {
            return Err(AuthFailure::Algorithm);
        }
        if header.crit.is_some() {
            return Err(AuthFailure::CriticalHeader);
        }
        Ok(())
    }

    /// The claims, if one of the keys signed them.
    fn signed_claims(&self, token: &[u8]) -> Result<Claims, AuthFailure> {
        for key in &self.keys {
            match decode(token, key, &self.validation) {
                Ok(data) => return Ok(data.claims),
                Err(error) if is_wrong_key(&error) => {}
                Err(_) => return Err(AuthFailure::Malformed),
            }
        }
        Err(AuthFailure::Signature)
    }
}

fn is_wrong_key(error: &JwtError) -> bool {
    matches!(error.kind(), ErrorKind::InvalidSignature)
}

/// Checks the algorithm and the signature. The claims are ours to check, against a time that is given
/// and in a fixed order; [`ClaimRules`] does, so every field here is set rather than left to a default.
fn signature_only(algorithm: JwtAlgorithm) -> Validation {
    Validation {
        algorithms: vec![jws_algorithm(algorithm)],
        required_spec_claims: HashSet::new(),
        leeway: 0,
        reject_tokens_expiring_in_less_than: 0,
        validate_exp: false,
        validate_nbf: false,
        validate_aud: false,
        aud: None,
        iss: None,
        sub: None,
    }
}
