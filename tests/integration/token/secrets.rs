//! Where the secret comes from, and which secrets are refused.

use super::{OTHER_SECRET, SECRET, token};
use crate::support::promptchain;

/// Asserts that the token is signed with that secret.
#[track_caller]
fn is_signed_with(token: &str, secret: &str) {
    let mut command = promptchain(&["token", "inspect", token]);
    command.env("JWT_SECRET_KEY", secret);
    command.run().exits(0);
}

#[test]
fn the_secret_comes_from_the_environment_a_file_or_dot_env() {
    for env_file in [format!("JWT_SECRET_KEY={SECRET}"), "JWT_SECRET_KEY_FILE=secret".to_owned()] {
        let mut command = promptchain(&["token", "--subject", "alice", "-q"]);
        command.file(".env", env_file).file("secret", format!("{SECRET}\n"));
        is_signed_with(command.run().exits(0).stdout.trim(), SECRET);
    }
}

#[test]
fn the_file_that_a_flag_names_wins_over_every_variable() {
    let mut command = token(&["--subject", "alice", "-q", "--secret-file", "secret"]);
    command.file("secret", format!("{OTHER_SECRET}\n"));
    is_signed_with(command.run().exits(0).stdout.trim(), OTHER_SECRET);
}

#[test]
fn without_a_secret_nothing_is_made_or_verified() {
    for args in [&["token", "--subject", "alice"][..], &["token", "inspect", "a.b.c"]] {
        let ran = promptchain(args).run().exits(3).says_nothing();
        ran.complains("JWT_SECRET_KEY").complains("openssl rand -hex 32");
    }
}

#[test]
fn a_weak_secret_is_refused_in_every_environment_and_never_shown() {
    let weak = [
        ("canary, too short", "at least 32 characters"),
        ("canary".repeat(6).leak(), "repeats a short pattern"),
        ("canary-change-me-to-something-of-your-own", "placeholder"),
        ("canary_jwt_secret_key_minimum_32_characters", "placeholder"),
        ("canary-your-256-bit-secret-goes-here-0123", "placeholder"),
    ];
    for (secret, about) in weak {
        for environment in ["development", "test", "production"] {
            let from_environment = {
                let mut command = promptchain(&["token", "--subject", "alice"]);
                command.env("JWT_SECRET_KEY", secret).env("ENVIRONMENT", environment);
                command.run()
            };
            let from_file = {
                let mut command = promptchain(&["token", "--subject", "alice", "--secret-file", "secret"]);
                command.file("secret", secret).env("ENVIRONMENT", environment);
                command.run()
            };
            for (ran, name) in [(from_environment, "JWT_SECRET_KEY"), (from_file, "--secret-file: ")] {
                let ran = ran.exits(3).says_nothing().complains(about).complains(name);
                assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
            }
        }
    }
}

#[test]
fn what_only_a_server_must_not_do_is_no_matter_here() {
    let mut command = token(&["--subject", "alice", "--expires-in", "1h"]);
    command.env("ENVIRONMENT", "production").env("CORS_ORIGINS", "*");
    assert_eq!(command.run().exits(0).stderr, "");
}

#[test]
fn a_secret_in_place_of_its_file_is_not_shown() {
    let secret = "canary0123456789abcdef0123456789abcdef";
    let ran = token(&["--subject", "alice", "--secret-file", secret]).run().exits(3).says_nothing();
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
}
