//! What a token whose signature is good must claim, and whom it names.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::AuthFailure;
use crate::settings::Jwt;

/// A token's claims, as they came.
pub(super) type Claims = Map<String, Value>;

/// Who is calling.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The token's `sub`; not blank.
    pub subject: String,
    /// The most that it may spend in a day, in US dollars: its `budget_usd`, if it has one.
    pub budget_usd: Option<f64>,
}

/// What is asked of the claims.
#[derive(Debug)]
pub(super) struct ClaimRules {
    issuer: Option<String>,
    audience: Option<String>,
    leeway: Duration,
}

impl ClaimRules {
    pub(super) fn new(jwt: &Jwt) -> Self {
        Self { issuer: jwt.issuer.clone(), audience: jwt.audience.clone(), leeway: jwt.leeway }
    }

    /// Whom the claims name. `exp` comes last, so that only who needs nothing but a fresh token is told
    /// to get one.
    pub(super) fn identity(&self, claims: &Claims, now: SystemTime) -> Result<Identity, AuthFailure> {
        let subject = match claims.get("sub") {
            Some(Value::String(subject)) if !subject.trim().is_empty() => subject.clone(),
            _ => return Err(AuthFailure::Subject),
        };
        let issuer = claims.get("iss").and_then(Value::as_str);
        if self.issuer.as_deref().is_some_and(|expected| issuer != Some(expected)) {
            return Err(AuthFailure::Issuer);
        }
        if self.audience.as_deref().is_some_and(|expected| !is_meant_for(claims.get("aud"), expected)) {
            return Err(AuthFailure::Audience);
        }
        self.check_times(claims, now)?;
        Ok(Identity { subject, budget_usd: budget(claims)? })
    }

    /// RFC 7519: good from `nbf` on, and no longer at `exp`.
    fn check_times(&self, claims: &Claims, now: SystemTime) -> Result<(), AuthFailure> {
        let (not_before, expires) = (numeric_date(claims, "nbf")?, numeric_date(claims, "exp")?);
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let leeway = self.leeway.as_secs_f64();
        if not_before.is_some_and(|not_before| now + leeway < not_before) {
            return Err(AuthFailure::NotYetValid);
        }
        if expires.is_some_and(|expires| now - leeway >= expires) {
            return Err(AuthFailure::Expired);
        }
        Ok(())
    }
}

/// `aud` is one audience or a list of them.
fn is_meant_for(audience: Option<&Value>, expected: &str) -> bool {
    match audience {
        Some(Value::String(audience)) => audience == expected,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == expected),
        _ => false,
    }
}

/// One that is no amount must not pass for none.
fn budget(claims: &Claims) -> Result<Option<f64>, AuthFailure> {
    let amount = |value: &Value| value.as_f64().filter(|usd| *usd >= 0.0).ok_or(AuthFailure::Malformed);
    claims.get("budget_usd").map(amount).transpose()
}

/// Seconds since the Unix epoch, not necessarily whole; `None` if there is no such claim. One that is no
/// number must not pass for none.
fn numeric_date(claims: &Claims, name: &str) -> Result<Option<f64>, AuthFailure> {
    claims.get(name).map(|value| value.as_f64().ok_or(AuthFailure::Malformed)).transpose()
}
