//! The keys by which a server knows its callers, from wherever they come.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use crate::support::{Command, Request, SECRET, Served, promptchain, token, token_for};

const OTHER_SECRET: &str = "0d9c5f7b3a28b7c1e5a90f2d48636a1e";

/// `serve --offline` without any key.
fn without_keys() -> Command {
    let mut command = promptchain(&["serve", "--offline", "--port", "0"]);
    command.env("RATE_LIMIT_ENABLED", "false");
    command
}

fn status(served: &Served, token: &str) -> u16 {
    served.ask(&Request::get("/v1/models").by(token)).status
}

#[test]
fn a_secret_is_read_from_a_file() {
    let mut command = without_keys();
    command.file("secret", format!("{SECRET}\n")).env("JWT_SECRET_KEY_FILE", "secret");
    let served = Served::start(command);
    assert_eq!(status(&served, token()), 200);
    assert_eq!(status(&served, &token_for("tester", OTHER_SECRET)), 403);
}

#[test]
fn tokens_of_the_secret_before_are_accepted_while_it_is_named() {
    let mut command = without_keys();
    command.env("JWT_SECRET_KEY", OTHER_SECRET).env("JWT_SECRET_KEY_PREVIOUS", SECRET);
    let served = Served::start(command);
    for token in [token(), &token_for("tester", OTHER_SECRET)] {
        assert_eq!(status(&served, token), 200);
    }
    let mut command = without_keys();
    command.env("JWT_SECRET_KEY", OTHER_SECRET);
    assert_eq!(status(&Served::start(command), token()), 403);
}

#[test]
fn a_public_key_verifies_tokens_that_others_sign_and_no_secret_does() {
    // Made with openssl for tests; they protect nothing.
    let private = include_bytes!("../../../src/server/auth/test_keys/rsa_2048_private.pem");
    let public = include_str!("../../../src/server/auth/test_keys/rsa_2048_public.pem");
    let mut command = without_keys();
    command
        .file("public.pem", public)
        .env("JWT_ALGORITHM", "RS256")
        .env("JWT_PUBLIC_KEY_FILE", "public.pem")
        .env("JWT_ISSUER", "https://id.example")
        .env("JWT_AUDIENCE", "promptchain");
    let served = Served::start(command);

    // Fails only if it was installed before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    let sign = |algorithm, key: &EncodingKey, audience: &str| {
        let claims = json!({"sub": "alice", "iss": "https://id.example", "aud": audience});
        encode(&Header::new(algorithm), &claims, key).unwrap()
    };
    let rsa = EncodingKey::from_rsa_pem(private).unwrap();
    assert_eq!(status(&served, &sign(Algorithm::RS256, &rsa, "promptchain")), 200);
    assert_eq!(status(&served, &sign(Algorithm::RS256, &rsa, "another")), 403);
    assert_eq!(status(&served, token()), 403);
    // The public key as if it were a secret: the oldest trick.
    let confused = EncodingKey::from_secret(public.as_bytes());
    assert_eq!(status(&served, &sign(Algorithm::HS256, &confused, "promptchain")), 403);
    served.log().wait_for_count("Token rejected", 3);
}

#[test]
fn a_key_file_that_cannot_be_used_keeps_the_server_from_starting() {
    for (name, file, content) in [
        ("JWT_SECRET_KEY_FILE", "secret", "too short"),
        ("JWT_SECRET_KEY_FILE", "missing", ""),
        ("JWT_PUBLIC_KEY_FILE", "key.pem", "not a key"),
    ] {
        let mut command = without_keys();
        if name == "JWT_PUBLIC_KEY_FILE" {
            command.env("JWT_ALGORITHM", "RS256");
        }
        if file != "missing" {
            command.file(file, content);
        }
        command.env(name, file);
        command.run().exits(3).says_nothing().complains(name);
    }
}

#[test]
fn clocks_may_differ_by_as_much_as_was_set() {
    // Fails only if it was installed before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({"sub": "tester", "exp": now - 60});
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let expired = encode(&Header::default(), &claims, &key).unwrap();
    for (leeway, expected) in [("0", 401), ("300", 200)] {
        let mut command = without_keys();
        command.env("JWT_SECRET_KEY", SECRET).env("JWT_LEEWAY_SECONDS", leeway);
        assert_eq!(status(&Served::start(command), &expired), expected, "{leeway}");
    }
}
