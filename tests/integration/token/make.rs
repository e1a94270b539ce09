//! What `promptchain token` prints, and when it refuses.

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use super::{SECRET, made, part, token};
use crate::support::promptchain;

/// The claims of a token that was signed with the secret.
fn claims(token: &str, algorithm: Algorithm) -> Value {
    // Fails only if it was installed before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
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
fn durations_have_units_and_are_whole_seconds_in_the_token() {
    for (text, seconds) in
        [("3600", 3600), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000), ("2w", 1_209_600), ("500ms", 1)]
    {
        let claims = part(&made(&["--subject", "alice", "--expires-in", text]), 1);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), seconds, "{text}");
    }
    for bad in ["0", "0s", "-5s", "-1h", "soon", ""] {
        let ran = token(&["--subject", "alice", &format!("--expires-in={bad}")]).run();
        ran.exits(2).says_nothing().complains("--expires-in");
    }
    let ran = token(&["--subject", "alice", "--expires-in", "3000000d"]).run();
    ran.exits(2).says_nothing().complains("beyond the year 9999").complains("hint: ");
}

#[test]
fn a_token_that_never_expires_is_warned_of_and_a_long_time_hinted_at() {
    let ran = token(&["--subject", "alice"]).run().exits(0).complains("warning: the token never expires");
    assert_eq!(claims(&ran.stdout, Algorithm::HS256).get("exp"), None);
    token(&["--subject", "alice", "--expires-in", "24h1s"]).run().exits(0).complains("hint: ");
    assert_eq!(token(&["--subject", "alice", "--expires-in", "24h"]).run().exits(0).stderr, "");
    for args in [&["--subject", "alice", "-q"][..], &["--subject", "alice", "-q", "--expires-in", "30d"]] {
        assert_eq!(token(args).run().exits(0).stderr, "");
    }
}

#[test]
fn it_says_what_the_server_will_ask_for_and_flags_win() {
    let environment = [
        ("JWT_ALGORITHM", "hs512"),
        ("JWT_ISSUER", "us"),
        ("JWT_AUDIENCE", "them"),
        ("JWT_SECRET_KEY", SECRET),
    ];
    let run = |args: &[&str]| {
        let mut command = token(args);
        for (name, value) in environment {
            command.env(name, value);
        }
        command.args(&["--subject", "alice", "-q"]);
        command.run().exits(0).stdout
    };
    let claims_found = claims(&run(&[]), Algorithm::HS512);
    assert_eq!((&claims_found["iss"], &claims_found["aud"]), (&"us".into(), &"them".into()));
    let flags = ["--issuer", "me", "--audience", "you", "--algorithm", "hS384"];
    let claims_found = claims(&run(&flags), Algorithm::HS384);
    assert_eq!((&claims_found["iss"], &claims_found["aud"]), (&"me".into(), &"you".into()));
}

#[test]
fn json_has_the_token_and_what_there_is_to_know_of_it() {
    let args = ["--subject", "alice", "--expires-in", "1h", "--claim", "team=search", "--json"];
    let ran = token(&args).run().exits(0);
    assert_eq!(ran.stderr, "");
    let report = ran.json();
    let members: Vec<_> = report.as_object().unwrap().keys().collect();
    assert_eq!(members, ["version", "token", "algorithm", "claims", "expires_at", "warnings"]);
    assert_eq!((&report["version"], &report["algorithm"]), (&json!(1), &json!("HS256")));
    let claims = claims(report["token"].as_str().unwrap(), Algorithm::HS256);
    assert_eq!(report["claims"], claims);
    let expires: jiff::Timestamp = report["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(claims["exp"], expires.as_second());
    assert_eq!(report["warnings"], json!([]));

    let ran = token(&["--subject", "alice", "--json"]).run().exits(0);
    assert_eq!(ran.stderr, "", "where a program reads stderr, warnings are in the result");
    assert_eq!(ran.json()["expires_at"], Value::Null);
    assert!(ran.json()["warnings"][0].as_str().unwrap().contains("never expires"));
}

#[test]
fn with_json_an_error_is_one_object_on_stderr() {
    let cases: [(&[&str], &str, i32, &str); 4] = [
        (&["--subject", "alice", "--json", "--claim", "exp=1"], "usage", 2, "exp is set by --expires-in"),
        (&["--json"], "usage", 2, "--subject"),
        (
            &["--subject", "a", "--json", "--secret-file", "none"],
            "configuration",
            3,
            "--secret-file: `none`: the file can't be read",
        ),
        (&["--subject", "a", "--json", "--algorithm", "RS256"], "usage", 2, "no private key"),
    ];
    for (args, code, exit, about) in cases {
        let ran = token(args).run().exits(exit).says_nothing();
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        let error = ran.error_json();
        assert_eq!(error["code"], code);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(about) && !message.contains("--help"), "{message}");
    }
}

#[test]
fn what_is_missing_or_misspelt_is_refused_with_nothing_on_stdout() {
    token(&[]).run().exits(2).says_nothing().complains("--subject");
    for flag in ["--subject", "--issuer", "--audience", "--secret-file"] {
        let ran = token(&["--subject", "alice", flag, " "]).run();
        ran.exits(2).says_nothing().complains(flag);
    }
    let ran = token(&["--subject", "alice", "--algorithm", "HS257"]).run().exits(2).says_nothing();
    ran.complains("possible values: HS256, HS384, HS512, RS256, ES256, EdDSA");
    let ran = token(&["--subject", "alice", "--issuer", "a\u{1b}[2J"]).run().exits(2).says_nothing();
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    ran.complains("--issuer: `a").complains("control character");
}

#[test]
fn a_token_that_no_server_would_take_is_refused() {
    let claim = |bytes| format!("pad={}", "x".repeat(bytes));
    let ran = token(&["--subject", "alice", "--expires-in", "1h", "--claim", &claim(8000)]).run();
    ran.exits(2).says_nothing().complains("8192").complains("hint: leave claims out");
    let largest = made(&["--subject", "alice", "--expires-in", "1h", "--claim", &claim(6000)]);
    assert!(largest.len() > 8000 && largest.len() <= 8192, "{}", largest.len());
}

#[test]
fn help_begins_with_examples_and_names_the_variables() {
    for args in [&["token", "--help"][..], &["token", "inspect", "--help"]] {
        let help = promptchain(args).run().exits(0).stdout;
        assert!(help.starts_with("Examples:\n"), "{help}");
        for variable in ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_ALGORITHM", "JWT_SECRET_KEY_FILE"] {
            assert!(help.contains(&format!("[env: {variable}]")), "no {variable}: {help}");
        }
    }
}
