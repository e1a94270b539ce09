//! Bearer tokens, verified.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, SystemTime};

use jsonwebtoken::{EncodingKey, Header, encode};
use promptchain::server::auth::{TokenVerifier, jws_algorithm};
use promptchain::settings::{Jwt, JwtAlgorithm};
use serde_json::json;

use super::operation::{Operation, Prepared};

const SECRET: &str = "a secret of thirty-two characters";
// Those of the tests; they protect nothing.
const RSA: [&str; 2] = [
    include_str!("../../src/server/auth/test_keys/rsa_2048_private.pem"),
    include_str!("../../src/server/auth/test_keys/rsa_2048_public.pem"),
];
const P256: [&str; 2] = [
    include_str!("../../src/server/auth/test_keys/ec_p256_private.pem"),
    include_str!("../../src/server/auth/test_keys/ec_p256_public.pem"),
];
/// When they are verified, in seconds of unix time.
const NOW: u64 = 1_800_000_000;

/// Of each algorithm one.
pub(crate) const OPERATIONS: &[Operation] = &[
    operation("jwt-hs256", || {
        verified(JwtAlgorithm::Hs256, &EncodingKey::from_secret(SECRET.as_bytes()), None)
    }),
    operation("jwt-rs256", || {
        let [private, public] = RSA;
        verified(JwtAlgorithm::Rs256, &EncodingKey::from_rsa_pem(private.as_bytes())?, Some(public))
    }),
    operation("jwt-es256", || {
        let [private, public] = P256;
        verified(JwtAlgorithm::Es256, &EncodingKey::from_ec_pem(private.as_bytes())?, Some(public))
    }),
];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "token", passes: 200, prepare }
}

fn verified(
    algorithm: JwtAlgorithm,
    key: &EncodingKey,
    public: Option<&str>,
) -> Result<Prepared, Box<dyn Error>> {
    let claims =
        json!({ "sub": "alice", "iss": "issuer", "aud": ["promptchain"], "iat": NOW, "exp": NOW + 60 });
    let verifier = TokenVerifier::new(&Jwt {
        algorithm,
        secret: algorithm.is_symmetric().then(|| SECRET.into()),
        previous_secret: None,
        public_key: public.map(str::to_owned),
        issuer: Some("issuer".to_owned()),
        audience: Some("promptchain".to_owned()),
        leeway: Duration::ZERO,
    })?;
    let token = encode(&Header::new(jws_algorithm(algorithm)), &claims, key)?;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let verify = move || verifier.verify_token(token.as_bytes(), now);
    let identity = verify().map_err(|failure| format!("the token isn't taken: {failure:?}"))?;
    assert_eq!(identity.subject, "alice");
    let pass = move || {
        let _ = black_box(verify());
    };
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}
