//! Tokens by another maker.

use super::script::passes;
use super::server::Server;
use crate::support::Upstream;

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/auth/test_keys");

#[test]
fn tokens_mean_the_same_to_the_server_and_to_pyjwt() {
    let upstream = Upstream::good();
    let start = |algorithm: &str, key: Option<&str>| {
        let file = format!("{KEYS}/{}", key.unwrap_or_default());
        let key = key.map(|_| ("JWT_PUBLIC_KEY_FILE", file.as_str()));
        let set: Vec<_> = [("JWT_ALGORITHM", algorithm)].into_iter().chain(key).collect();
        Server::start(&upstream, &set)
    };
    let particular = Server::start(&upstream, &[("JWT_ISSUER", "us"), ("JWT_AUDIENCE", "this")]);
    let servers = [
        ("HS256", &start("HS256", None)),
        ("HS384", &start("HS384", None)),
        ("HS512", &start("HS512", None)),
        ("RS256", &start("RS256", Some("rsa_2048_public.pem"))),
        ("ES256", &start("ES256", Some("ec_p256_public.pem"))),
        ("EdDSA", &start("EdDSA", Some("ed25519_public.pem"))),
        ("particular", &particular),
    ];
    passes("tokens.py", &servers);
}
