//! `promptchain token` and `promptchain token inspect`.

mod claims;
mod inspect;
mod keys;
mod make;
mod secrets;
#[cfg(unix)]
mod terminal;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::support::{Command, promptchain};

const SECRET: &str = "5e1c0f9b7a2d48636b3e8d1c5f7a9b30c4d2";
const OTHER_SECRET: &str = "b0a4d6c81f3e5972e4c6a8091b2d3f58a7c9";

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/auth/test_keys");

/// Each algorithm with the key that signs and the one that verifies, where that isn't the secret.
const ALGORITHMS: [(&str, Option<(&str, &str)>); 6] = [
    ("HS256", None),
    ("HS384", None),
    ("HS512", None),
    ("RS256", Some(("rsa_2048_private.pem", "rsa_2048_public.pem"))),
    ("ES256", Some(("ec_p256_private.pem", "ec_p256_public.pem"))),
    ("EdDSA", Some(("ed25519_private.pem", "ed25519_public.pem"))),
];

fn key(name: &str) -> String {
    format!("{KEYS}/{name}")
}

/// `promptchain token` with these arguments and a good secret.
fn token(args: &[&str]) -> Command {
    let mut command = promptchain(&["token"]);
    command.args(args).env("JWT_SECRET_KEY", SECRET);
    command
}

/// A token that these arguments lead to.
#[track_caller]
fn made(args: &[&str]) -> String {
    let mut command = token(args);
    command.args(&["-q"]);
    command.run().exits(0).stdout.trim().to_owned()
}

/// A token of that algorithm, made by the program.
#[track_caller]
fn signed(algorithm: &str, keys: Option<(&str, &str)>) -> String {
    let mut command = token(&["-q", "--subject", "alice", "--expires-in", "1h", "--algorithm", algorithm]);
    if let Some((private, _)) = keys {
        command.args(&["--private-key-file", &key(private)]);
    }
    command.run().exits(0).stdout.trim().to_owned()
}

/// A part of a token as JSON: 0 is its header, 1 are its claims.
fn part(token: &str, number: usize) -> Value {
    let part = token.trim().split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
