//! Tokens by another maker.

use super::script::passes;
use super::server::Server;
use crate::support::Upstream;

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/auth/test_keys");

/// A server that is set to that algorithm, and has a token of it that the program made.
fn start(upstream: &Upstream, algorithm: &str, keys: Option<(&str, &str)>) -> Server {
    let files = keys.map(|(private, public)| (format!("{KEYS}/{private}"), format!("{KEYS}/{public}")));
    let public = files.as_ref().map(|(_, public)| ("JWT_PUBLIC_KEY_FILE", public.as_str()));
    let set: Vec<_> = [("JWT_ALGORITHM", algorithm)].into_iter().chain(public).collect();
    let private = files.as_ref().map(|(private, _)| ["--private-key-file", private.as_str()]);
    let args: Vec<_> = ["--expires-in", "1h", "--algorithm", algorithm]
        .into_iter()
        .chain(private.into_iter().flatten())
        .collect();
    Server::start(upstream, &set).with_token(&args)
}

#[test]
fn tokens_mean_the_same_to_the_server_and_to_pyjwt() {
    let upstream = Upstream::good();
    let particular = Server::start(&upstream, &[("JWT_ISSUER", "us"), ("JWT_AUDIENCE", "this")]);
    let claims = ["--claim", "nbf=1.5", "--claim", "roles=[\"a\",{\"b\":null}]", "--claim", "team=Zoë"];
    let flags = ["--expires-in", "30d", "--issuer", "us", "--audience", "this"];
    let particular = particular.with_token(&[&flags[..], &claims].concat());
    let servers = [
        ("HS256", &start(&upstream, "HS256", None)),
        ("HS384", &start(&upstream, "HS384", None)),
        ("HS512", &start(&upstream, "HS512", None)),
        ("RS256", &start(&upstream, "RS256", Some(("rsa_2048_private.pem", "rsa_2048_public.pem")))),
        ("ES256", &start(&upstream, "ES256", Some(("ec_p256_private.pem", "ec_p256_public.pem")))),
        ("EdDSA", &start(&upstream, "EdDSA", Some(("ed25519_private.pem", "ed25519_public.pem")))),
        ("particular", &particular),
    ];
    passes("tokens.py", &servers);
}
