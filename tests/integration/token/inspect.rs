//! `token inspect`: valid or not, and what is shown.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{ALGORITHMS, OTHER_SECRET, SECRET, key, made, signed, token};
use crate::support::{Command, Ran, promptchain};

fn inspect(args: &[&str]) -> Command {
    let mut command = promptchain(&["token", "inspect"]);
    command.args(args).env("JWT_SECRET_KEY", SECRET);
    command
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A token with exactly these claims, signed with that secret.
fn signed_claims(claims: &Value, secret: &str) -> String {
    // Fails only if it was installed before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[test]
fn a_valid_token_is_shown_with_all_that_it_claims() {
    let args = ["--subject", "alice", "--expires-in", "2d", "--issuer", "us", "--claim", "team=search"];
    let ran = inspect(&[&made(&args)]).run().exits(0);
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.starts_with("valid\n"), "{}", ran.stdout);
    for line in ["subject     \"alice\"\n", "issuer      \"us\"\n", "\"team\": \"search\"\n"] {
        assert!(ran.stdout.contains(line), "no {line:?}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("Z, in 2d\n") || ran.stdout.contains("Z, in 1d 23h\n"), "{}", ran.stdout);
}

#[test]
fn a_token_is_read_from_stdin_with_what_stands_round_it() {
    let token = made(&["--subject", "alice", "--expires-in", "1h"]);
    for given in [format!("{token}\n"), format!("  Bearer {token}\r\n"), format!("bearer  {token}")] {
        for args in [&[][..], &["-"]] {
            let mut command = inspect(args);
            command.stdin(given.clone());
            command.run().exits(0);
        }
        inspect(&[&given]).run().exits(0);
    }
    for nothing in ["", " \n", "Bearer \n"] {
        let mut command = inspect(&[]);
        command.stdin(nothing);
        command.run().exits(2).says_nothing().complains("there is no token to inspect");
        inspect(&[nothing]).run().exits(2).says_nothing().complains("there is no token to inspect");
    }
    let mut command = inspect(&["-"]);
    command.stdin("x".repeat(70_000));
    command.run().exits(2).says_nothing().complains("stdin has more than 65536 bytes");
}

#[test]
fn every_algorithm_is_verified_with_its_key() {
    for (algorithm, keys) in ALGORITHMS {
        let token = signed(algorithm, keys);
        let args = ["--algorithm", &algorithm.to_lowercase(), &token];
        let by_flag = match keys {
            None => inspect(&args),
            Some((_, public)) => {
                let mut command = inspect(&args);
                command.args(&["--public-key-file", &key(public)]);
                command
            }
        };
        let mut by_variable = inspect(&[&token]);
        by_variable.env("JWT_ALGORITHM", algorithm);
        if let Some((_, public)) = keys {
            by_variable.env("JWT_PUBLIC_KEY_FILE", &key(public));
        }
        for command in [by_flag, by_variable] {
            command.run().exits(0);
        }
    }
}

#[test]
fn the_secret_before_and_a_secret_from_a_file_are_used_too() {
    let old = signed_claims(&json!({"sub": "alice"}), OTHER_SECRET);
    inspect(&[&old]).run().exits(1).complains("signature").complains("hint: check that JWT_SECRET_KEY");
    let mut command = inspect(&[&old]);
    command.env("JWT_SECRET_KEY_PREVIOUS", OTHER_SECRET);
    command.run().exits(0);
    let mut command = inspect(&[&old, "--secret-file", "secret"]);
    command.file("secret", OTHER_SECRET);
    command.run().exits(0);
}

/// What is found of a token with these claims and arguments, as JSON.
fn found(claims: &Value, args: &[&str]) -> Ran {
    let token = signed_claims(claims, SECRET);
    inspect(&[&["--json", token.as_str()][..], args].concat()).run()
}

#[test]
fn what_the_server_would_refuse_is_refused_for_the_same_reason() {
    let now = now();
    let cases: [(Value, &[&str], &str); 7] = [
        (json!({"sub": "alice", "exp": now - 60}), &[], "expired"),
        (json!({"sub": "alice", "nbf": now + 3600}), &[], "not_yet_valid"),
        (json!({"sub": "alice", "iss": "them"}), &["--issuer", "us"], "issuer"),
        (json!({"sub": "alice", "aud": ["that"]}), &["--audience", "this"], "audience"),
        (json!({"sub": " "}), &[], "subject"),
        (json!({"sub": "alice", "exp": "soon"}), &[], "malformed"),
        (json!({"sub": "alice"}), &["--algorithm", "HS512"], "algorithm"),
    ];
    for (claims, args, reason) in cases {
        let ran = found(&claims, args).exits(1);
        let report = ran.json();
        assert_eq!((&report["valid"], &report["reason"]), (&json!(false), &json!(reason)));
        assert_eq!(report["claims"], claims, "they are shown all the same");
        let error = ran.error_json();
        assert_eq!(
            (&error["code"], &error["message"]),
            (&json!("check_failed"), &json!("the token is not valid"))
        );
        assert_eq!(error["causes"][0], report["message"]);
    }
    let fine = json!({"sub": "alice", "iss": "us", "aud": ["that", "this"], "exp": now + 60, "nbf": now});
    found(&fine, &["--issuer", "us", "--audience", "this"]).exits(0);
    let late = signed_claims(&json!({"sub": "alice", "exp": now - 60}), SECRET);
    let mut command = inspect(&[&late]);
    command.env("JWT_LEEWAY_SECONDS", "300");
    command.run().exits(0);
}

#[test]
fn json_has_every_member_whatever_the_token_is() {
    let members = [
        "version",
        "valid",
        "reason",
        "message",
        "algorithm",
        "header",
        "claims",
        "issued_at",
        "expires_at",
        "not_before",
        "warnings",
    ];
    let valid = found(&json!({"sub": "a", "iat": 0, "nbf": 0.5, "exp": 4_000_000_000_u64}), &[]).exits(0);
    assert_eq!(valid.stderr, "");
    let report = valid.json();
    assert_eq!(report.as_object().unwrap().keys().collect::<Vec<_>>(), members);
    assert_eq!(report["header"], json!({"typ": "JWT", "alg": "HS256"}));
    assert_eq!(
        (&report["valid"], &report["reason"], &report["version"]),
        (&json!(true), &json!(null), &json!(1))
    );
    let times =
        ["issued_at", "not_before", "expires_at"].map(|time| report[time].as_str().unwrap().to_owned());
    assert_eq!(times, ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.5Z", "2096-10-02T07:06:40Z"]);

    for (bad, reason) in
        [("no token", "malformed"), ("a.b.c", "malformed"), ("x".repeat(9000).leak(), "too_large")]
    {
        let ran = inspect(&["--json", bad]).run().exits(1);
        let report = ran.json();
        assert_eq!(report.as_object().unwrap().keys().collect::<Vec<_>>(), members);
        assert_eq!(
            (&report["reason"], &report["claims"], &report["algorithm"]),
            (&json!(reason), &json!(null), &json!(null))
        );
    }
}

#[test]
fn an_unsigned_token_is_shown_as_unverified() {
    // {"alg":"none"} and {"sub":"mallory"}
    let ran = inspect(&["eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5In0."]).run().exits(1);
    let (head, shown) = ran.stdout.split_once("What it says, unverified:").unwrap();
    assert!(head.starts_with("not valid: ") && shown.contains("\"mallory\"") && shown.contains("\"none\""));
    assert!(!ran.stderr.contains("mallory"), "{}", ran.stderr);
    ran.complains("error: the token is not valid\ncaused by: ");
}

#[test]
fn no_character_of_a_token_that_a_terminal_obeys_is_written() {
    let evil = "a\u{1b}]0;title\u{7}\r\nvalid\n\u{9b}2J\u{202e}\u{7f}";
    let claims = json!({"sub": evil, "iss": evil, evil: [{evil: evil}], "iat": evil});
    for secret in [SECRET, OTHER_SECRET] {
        let token = signed_claims(&claims, secret);
        for args in [&[token.as_str()][..], &[token.as_str(), "--json"]] {
            let ran = inspect(args).run();
            let said = ran.stdout.clone() + &ran.stderr;
            let is_obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!said.chars().any(is_obeyed), "{said:?}");
            let is_valid = said.lines().filter(|line| *line == "valid").count();
            assert!(is_valid <= usize::from(secret == SECRET), "{said}");
        }
    }
}

#[test]
fn flags_of_the_one_command_are_none_of_the_other() {
    let token_of_alice = made(&["--subject", "alice"]);
    let ran = token(&["--subject", "alice", "inspect", &token_of_alice]).run().exits(2).says_nothing();
    ran.complains("inspect");
    inspect(&["--subject", "alice", &token_of_alice]).run().exits(2).says_nothing().complains("--subject");
    inspect(&["--private-key-file", "x", &token_of_alice]).run().exits(2).says_nothing();
}
