//! `--claim`.

use serde_json::{Value, json};

use super::{made, part, token};

fn claims(args: &[&str]) -> Value {
    part(&made(&[&["--subject", "alice"][..], args].concat()), 1)
}

#[test]
fn further_claims_are_json_where_they_can_be_and_else_strings() {
    let found = claims(&[
        "--claim",
        "team=search",
        "--claim",
        "level=5",
        "--claim",
        "id=\"5\"",
        "--claim",
        "admin=false",
        "--claim",
        "roles=[\"a\",\"b\"]",
        "--claim",
        "nested={\"a\":{\"b\":null}}",
        "--claim",
        "note=a=b c",
    ]);
    let expected = json!({
        "team": "search", "level": 5, "id": "5", "admin": false,
        "roles": ["a", "b"], "nested": {"a": {"b": null}}, "note": "a=b c",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name}");
    }
}

#[test]
fn a_claim_that_is_set_otherwise_is_refused_with_the_flag_for_it() {
    let cases = [
        ("sub=a", "--subject"),
        ("exp=1", "--expires-in"),
        ("iss=a", "--issuer"),
        ("aud=a", "--audience"),
        ("iat=1", "can't be set"),
    ];
    for (claim, about) in cases {
        let ran = token(&["--subject", "alice", "--claim", claim]).run().exits(2).says_nothing();
        ran.complains(about);
    }
}

#[test]
fn what_is_no_claim_or_is_given_twice_is_refused() {
    for bad in ["team", "=search", " =search", ""] {
        token(&["--subject", "alice", "--claim", bad]).run().exits(2).says_nothing().complains("name=value");
    }
    let ran = token(&["--subject", "alice", "--claim", "team=a", "--claim", "team=a"]).run();
    ran.exits(2).says_nothing().complains("--claim team is given twice").complains("hint: ");
}

#[test]
fn nbf_is_a_number_of_seconds_before_the_token_expires() {
    // Long after any test.
    let later = 4_000_000_000_i64;
    assert_eq!(
        claims(&["--claim", &format!("nbf={later}")])["nbf"],
        later,
        "one that isn't valid yet is made"
    );
    for bad in ["nbf=tomorrow", "nbf=\"5\"", "nbf=1800000000000"] {
        token(&["--subject", "alice", "--claim", bad]).run().exits(2).says_nothing().complains("nbf must be");
    }
    let args = ["--subject", "alice", "--expires-in", "1h", "--claim", &format!("nbf={later}")];
    token(&args).run().exits(2).says_nothing().complains("expire before the time in its `nbf`");
}

#[test]
fn what_a_server_could_not_read_is_refused() {
    let deep = format!("x={}{}", "[".repeat(127), "]".repeat(127));
    token(&["--subject", "alice", "--claim", &deep]).run().exits(2).says_nothing().complains("too deeply");
    let shallow = format!("x={}{}", "[".repeat(100), "]".repeat(100));
    assert!(claims(&["--claim", &shallow])["x"].is_array());
    let ran = token(&["--subject", "alice", "--claim", "id=99999999999999999999"]).run();
    ran.exits(2).says_nothing().complains("would be rounded");
}
