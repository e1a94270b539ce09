//! What must hold of tokens, whatever they are.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use axum::http::HeaderValue;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::bearer::bearer_token;
use super::{AuthFailure, Identity, MAX_TOKEN_BYTES, TokenVerifier};
use crate::settings::{Jwt, JwtAlgorithm};

/// A word for tests, which protects nothing.
const SECRET: &[u8] = b"a secret of thirty-two characters";

/// The time of every verification, in seconds since the Unix epoch.
const NOW: u64 = 1_800_000_000;

static VERIFIER: LazyLock<TokenVerifier> = LazyLock::new(|| {
    let jwt = Jwt {
        algorithm: JwtAlgorithm::Hs256,
        secret: None,
        previous_secret: None,
        public_key: None,
        issuer: None,
        audience: None,
        leeway: Duration::ZERO,
    };
    TokenVerifier::with_keys(vec![DecodingKey::from_secret(SECRET)], &jwt)
});

/// Nobody is recognised without a signature of ours over a header that names our algorithm and claims that hold now:
/// be the bytes a header's value, a token's header or its claims.
pub(crate) fn check(data: &[u8]) {
    as_authorization(data);
    as_claims(data);
    as_header(data);
}

fn verify(token: &[u8]) -> Result<Identity, AuthFailure> {
    VERIFIER.verify_token(token, SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
}

fn as_authorization(data: &[u8]) {
    let Ok(header) = HeaderValue::from_bytes(data) else { return };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let said = VERIFIER.verify(Some(&header), now);
    let token = bearer_token(Some(&header));
    if said.is_ok() {
        assert!(token.is_ok_and(is_signed), "{header:?}");
    }
    assert_eq!(said, token.and_then(verify));
}

/// The same as a verifier that knows nothing of JWT would find it.
fn is_signed(token: &[u8]) -> bool {
    let Some(last_dot) = token.iter().rposition(|byte| *byte == b'.') else { return false };
    let (message, signature) = token.split_at(last_dot);
    let Ok(signature) = BASE64.decode(signature.get(1..).unwrap_or_default()) else { return false };
    let is_short = token.len() <= MAX_TOKEN_BYTES;
    is_short && hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), message, &signature).is_ok()
}

fn signed(header: &[u8], claims: &[u8]) -> Vec<u8> {
    let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), message.as_bytes());
    format!("{message}.{}", BASE64.encode(signature)).into_bytes()
}

fn as_claims(data: &[u8]) {
    let token = signed(br#"{"alg":"HS256"}"#, data);
    let said = verify(&token);
    let Ok(identity) = said else {
        let told =
            [AuthFailure::Missing, AuthFailure::NotBearer, AuthFailure::Signature, AuthFailure::Algorithm];
        assert!(!told.contains(&said.err().unwrap_or(AuthFailure::Missing)), "only the claims may be wrong");
        return;
    };
    let claims: Map<String, Value> = serde_json::from_slice(data).unwrap_or_default();
    assert_eq!(claims.get("sub").and_then(Value::as_str), Some(identity.subject.as_str()));
    assert!(!identity.subject.trim().is_empty());
    let time = |name: &str| claims.get(name).map(|time| time.as_f64().unwrap_or(f64::NAN));
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let now = NOW as f64;
    assert!(time("exp").is_none_or(|expires| expires > now));
    assert!(time("nbf").is_none_or(|not_before| not_before <= now));
    assert_eq!(identity.budget_usd, time("budget_usd"));
    assert!(identity.budget_usd.is_none_or(|usd| usd >= 0.0));
}

fn as_header(data: &[u8]) {
    let token = signed(data, br#"{"sub":"alice"}"#);
    let Ok(identity) = verify(&token) else { return };
    let header: Map<String, Value> = serde_json::from_slice(data).unwrap_or_default();
    assert_eq!(header.get("alg").and_then(Value::as_str), Some("HS256"));
    assert!(header.get("crit").is_none_or(Value::is_null));
    assert_eq!(identity.subject, "alice");
}
