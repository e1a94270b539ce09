//! `promptchain token`: what it prints, and when it refuses.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

use crate::support::{Command, promptchain};

const SECRET: &str = "a-signing-secret-for-tests-of-40-chars!!";

fn token(args: &[&str]) -> Command {
    let mut command = promptchain(&["token"]);
    command.args(args).env("JWT_SECRET_KEY", SECRET);
    command
}

/// The claims of a token that was signed with that secret.
fn claims(token: &str, algorithm: Algorithm) -> Value {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    decode::<Value>(token.trim(), &key, &validation).unwrap().claims
}

#[test]
fn the_token_is_all_that_goes_to_stdout() {
    let ran = token(&["--subject", "alice", "--expires-in", "1h30m"]).run().exits(0);
    assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""));
    let claims = claims(&ran.stdout, Algorithm::HS256);
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 90 * 60);
    assert_eq!((claims.get("iss"), claims.get("aud")), (None, None));
}

#[test]
fn a_token_that_never_expires_is_warned_of() {
    let ran = token(&["--subject", "alice"]).run().exits(0).complains("never expires");
    assert_eq!(claims(&ran.stdout, Algorithm::HS256).get("exp"), None);
    assert_eq!(token(&["--subject", "alice", "-q"]).run().exits(0).stderr, "");
}

#[test]
fn it_says_what_the_server_will_ask_for() {
    let mut command = token(&["--subject", "alice", "-q"]);
    command.env("JWT_ALGORITHM", "HS512").env("JWT_ISSUER", "us").env("JWT_AUDIENCE", "them");
    let claims = claims(&command.run().exits(0).stdout, Algorithm::HS512);
    assert_eq!((&claims["iss"], &claims["aud"]), (&"us".into(), &"them".into()));
}

#[test]
fn the_secret_comes_from_the_environment_a_file_or_dot_env() {
    for env_file in [format!("JWT_SECRET_KEY={SECRET}"), "JWT_SECRET_KEY_FILE=secret".to_owned()] {
        let mut command = promptchain(&["token", "--subject", "alice", "-q"]);
        command.file(".env", env_file).file("secret", format!("{SECRET}\n"));
        assert_eq!(claims(&command.run().exits(0).stdout, Algorithm::HS256)["sub"], "alice");
    }
}

#[test]
fn what_is_missing_or_wrong_is_refused_with_nothing_on_stdout() {
    promptchain(&["token", "--subject", "alice"]).run().exits(3).says_nothing().complains("JWT_SECRET_KEY");
    let mut short = promptchain(&["token", "--subject", "alice"]);
    short.env("JWT_SECRET_KEY", "short");
    short.run().exits(3).says_nothing().complains("at least 32 characters");
    token(&[]).run().exits(2).says_nothing().complains("--subject");
    token(&["--subject", " "]).run().exits(2).says_nothing().complains("must not be empty");
    for time in ["0", "-5s", "soon"] {
        token(&["--subject", "alice", "--expires-in", time]).run().exits(2).says_nothing();
    }
    let mut asymmetric = token(&["--subject", "alice"]);
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/auth/test_keys/rsa_2048_public.pem");
    asymmetric.env("JWT_ALGORITHM", "RS256").env("JWT_PUBLIC_KEY_FILE", key);
    asymmetric.run().exits(3).says_nothing().complains("private key");
}
