//! What must be there, and what mustn't, where the chain is to be served.

use super::*;

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c";

fn serving(variables: &[(&str, &str)]) -> Sources {
    Sources { for_server: true, ..environment(variables) }
}

fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    match Settings::resolve_to_serve(&serving(variables), &[]) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn everything_that_is_missing_or_wrong_is_told_at_once() {
    let problems = problems(&[("API_PORT", "x"), ("CHAIN_REPAIR_ATTEMPTS", "9")]);
    assert_eq!(problems.len(), 4, "{problems:?}");
    for name in [
        "API_PORT=x",
        "CHAIN_REPAIR_ATTEMPTS=9",
        "JWT_SECRET_KEY: is not set",
        "ANTHROPIC_API_KEY: is not set",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(name)), "no {name} in {problems:?}");
    }
}

#[test]
fn what_is_wrong_is_not_said_to_be_missing_too() {
    let problems = problems(&[("JWT_SECRET_KEY", "too short"), ("ANTHROPIC_API_KEY", "with space")]);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_public_key_that_is_not_used_is_a_warning_and_in_production_a_problem() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/validation/unused-key/bad/key.pem");
    let variables = |environment, algorithm| {
        [
            ("JWT_SECRET_KEY", SECRET),
            ("ANTHROPIC_API_KEY", "sk-1"),
            ("JWT_PUBLIC_KEY_FILE", key),
            ("JWT_ALGORITHM", algorithm),
            ("ENVIRONMENT", environment),
        ]
    };
    let (_, warnings) = Settings::resolve_to_serve(&serving(&variables("staging", "HS256")), &[]).unwrap();
    let rules: Vec<Rule> = warnings.iter().map(|warning| warning.rule).collect();
    assert_eq!(rules, [Rule::UnusedKey]);
    let told = problems(&variables("production", "HS512"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("JWT_ALGORITHM=HS512") && told[0].contains("production"), "{told:?}");
    assert_eq!(problems(&variables("production", "ES256")), [""; 0]);
}

#[test]
fn a_key_of_checkpoints_that_is_alone_or_can_be_guessed_is_told_of() {
    let variables = |name, value| [("JWT_SECRET_KEY", SECRET), ("ANTHROPIC_API_KEY", "sk-1"), (name, value)];
    let alone = problems(&variables("CHECKPOINT_KEY_PREVIOUS", SECRET));
    assert_eq!(alone, ["CHECKPOINT_KEY: is not set, and CHECKPOINT_KEY_PREVIOUS is of no use without it"]);
    let short = problems(
        &[&variables("CHECKPOINT_KEY_PREVIOUS", SECRET)[..], &[("CHECKPOINT_KEY", "short")]].concat(),
    );
    assert_eq!(short.len(), 1, "{short:?}");
    let weak = [
        &variables("CHECKPOINT_KEY", "changeme-changeme-changeme-changeme")[..],
        &[("ENVIRONMENT", "production")],
    ];
    let weak = problems(&weak.concat());
    assert_eq!(weak.len(), 1, "{weak:?}");
    assert!(
        weak[0].starts_with("CHECKPOINT_KEY=") && weak[0].contains("can read and change the steps"),
        "{weak:?}"
    );
}

#[test]
fn an_upstream_that_takes_no_key_needs_none() {
    let fine = [("JWT_SECRET_KEY", SECRET), ("ANTHROPIC_BASE_URL", "http://localhost:11434")];
    assert_eq!(problems(&fine), [""; 0]);
    let offline = Sources { without_credentials: true, ..serving(&[("JWT_SECRET_KEY", SECRET)]) };
    assert!(Settings::resolve_to_serve(&offline, &[]).is_ok());
}

#[test]
fn what_makes_a_server_unsafe_is_a_warning_and_in_production_a_problem() {
    let variables = |environment| {
        [
            ("JWT_SECRET_KEY", SECRET),
            ("ANTHROPIC_API_KEY", "sk-1"),
            ("CORS_ORIGINS", "*"),
            ("ENVIRONMENT", environment),
        ]
    };
    for environment in ["development", "staging", "test"] {
        let (_, warnings) = Settings::resolve_to_serve(&serving(&variables(environment)), &[]).unwrap();
        assert!(
            warnings.iter().any(|warning| warning.to_string().contains("CORS_ORIGINS=*")),
            "{warnings:?}"
        );
    }
    let refused = problems(&variables("production"));
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].ends_with("which ENVIRONMENT=production (environment) forbids"), "{refused:?}");
}
