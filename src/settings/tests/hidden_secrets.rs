//! That no secret is ever shown, however the sources, the settings or what is wrong is formatted.

use std::fmt::{Debug, Display};

use super::*;
use crate::diagnostic::Diagnostic;

const CANARY: &str = "sk-canary-7f3a";

/// All that could be shown of the sources and of what comes of them.
fn all_that_is_shown(sources: &Sources) -> String {
    let mut shown = [debug(sources), debug(&sources.env_file), debug(&sources.environment)].concat();
    if let Some(file) = &sources.env_file {
        shown.push_str(&debug(&(&file.problems, file.warnings(|_| true))));
    }
    match Settings::resolve(sources, &[]) {
        Ok((settings, warnings)) => {
            shown.push_str(&debug(&(&settings, &settings.upstream.credential, &warnings)));
            shown.push_str(&debug(&settings.server.check_key()));
            shown.extend(settings.values.iter().filter_map(|value| value.text.clone()));
            shown.extend(warnings.iter().map(displayed));
        }
        Err(problems) => {
            shown.push_str(&debug(&problems));
            shown.push_str(&displayed(&problems));
            shown.extend(problems.iter().map(displayed));
        }
    }
    let (settings, problems) = Settings::resolve_with_defaults(sources, &[], Demands::Serving);
    shown.push_str(&debug(&(settings, &problems)));
    shown.push_str(&debug(&problems.iter().map(Diagnostic::from).collect::<Vec<_>>()));
    shown
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}\n")
}

fn displayed(value: &impl Display) -> String {
    format!("{value}\n")
}

fn check_that_nothing_shows(sources: &Sources) {
    let shown = all_that_is_shown(sources);
    let leaks: Vec<&str> = shown.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// The same variable in each source in turn.
fn in_each_source(name: &str, value: &str) -> [Sources; 4] {
    let line = format!("{name}='{value}'");
    [
        Sources { overrides: vec![flag(name, value)], ..Sources::default() },
        environment(&[(name, value)]),
        only(found_file(&line)),
        only(named_file(&line)),
    ]
    .map(served)
}

#[test]
fn a_credential_in_use_is_never_shown() {
    for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"] {
        for sources in in_each_source(name, CANARY) {
            let used = credential(&settings(&sources)).unwrap();
            assert!(used.ends_with(CANARY), "it is there to be shown");
            check_that_nothing_shows(&sources);
        }
    }
}

#[test]
fn a_signing_secret_in_use_is_never_shown() {
    let secret = format!("{CANARY} 0123456789abcdef0123456789abcdef");
    for name in ["JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS"] {
        for sources in in_each_source(name, &secret) {
            let jwt = settings(&sources).server.jwt;
            let used = [jwt.secret, jwt.previous_secret].into_iter().flatten().next().unwrap();
            assert_eq!(used.expose_secret(), secret, "it is there to be shown");
            check_that_nothing_shows(&sources);
        }
    }
}

#[test]
fn a_key_of_checkpoints_in_use_is_never_shown() {
    let key = format!("{CANARY} 0123456789abcdef0123456789abcdef");
    for sources in in_each_source("CHECKPOINT_KEY", &key) {
        assert_eq!(exposed(settings(&sources).server.checkpoints.key.as_ref()), Some(key.as_str()));
        check_that_nothing_shows(&sources);
    }
    for sources in in_each_source("CHECKPOINT_KEY_PREVIOUS", &key) {
        check_that_nothing_shows(&sources);
    }
}

#[test]
fn the_password_of_a_store_in_use_is_never_shown() {
    for name in ["REDIS_URL", "RATE_LIMIT_STORAGE_URI"] {
        for scheme in ["redis", "rediss+cluster"] {
            for sources in in_each_source(name, &format!("{scheme}://alice:{CANARY}@host")) {
                let address = settings(&sources).server.store.rate_limits.unwrap();
                assert_eq!(exposed(address.password.as_ref()), Some(CANARY), "it is there to be shown");
                check_that_nothing_shows(&sources);
            }
        }
    }
}

#[test]
fn a_secret_that_is_refused_is_never_shown() {
    for (name, value) in [
        ("ANTHROPIC_API_KEY", format!("{CANARY} {CANARY}")),
        ("ANTHROPIC_AUTH_TOKEN", format!("é{CANARY}")),
        ("ANTHROPIC_API_KEY_FILE", CANARY.to_owned()),
        ("ANTHROPIC_BASE_URL", format!("https://user:{CANARY}@host")),
        ("ANTHROPIC_BASE_URL", format!("https://host/?key={CANARY}")),
        ("ANTHROPIC_BASE_URL", CANARY.to_owned()),
        ("ANTHROPIC_VERSION", CANARY.to_owned()),
        ("JWT_SECRET_KEY", CANARY.to_owned()),
        ("JWT_SECRET_KEY_PREVIOUS", CANARY.to_owned()),
        ("JWT_SECRET_KEY_FILE", format!("0123456789abcdef0123456789{CANARY}")),
        ("RATE_LIMIT_STORAGE_URI", format!("redis://:{CANARY}@host")),
        ("RATE_LIMIT_STORAGE_URI", format!("redis://host?password={CANARY}")),
        ("REDIS_URL", format!("redis://:{CANARY}@host:port")),
        ("REDIS_URL", format!("redis+sentinel://user:{CANARY}@host")),
        ("REDIS_URL", format!(":{CANARY}@host:6379")),
        ("REDIS_URL", CANARY.to_owned()),
        ("CORS_ORIGINS", format!("http://a, http://user:{CANARY}@host")),
        ("CORS_ORIGINS", format!("https://x.example,sk-ant-{CANARY}")),
        ("ANTHROPIC_BASE_URL", format!("http://h#sk-ant-{CANARY}")),
        ("ANTHROPIC_API_KEY_FILE", format!("Bearer sk-ant-{CANARY}")),
        ("ANTHROPIC_API_KEY_FILE", format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.{CANARY}")),
        ("JWT_PUBLIC_KEY_FILE", format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----")),
        ("CHAIN_PROMPTS_DIR", format!("-----BEGIN PRIVATE KEY----- {CANARY}")),
        ("CHAIN_ANALYZE_MODEL", format!("eyJhbGciOiJIUzI1NiJ9.e30.{CANARY}")),
        ("CHAIN_MODELS_FILE", format!("sk-ant-{CANARY}")),
    ] {
        for sources in in_each_source(name, &value) {
            check_that_nothing_shows(&sources);
        }
    }
}

#[test]
fn a_secret_under_a_misspelt_or_foreign_name_is_never_shown() {
    for name in ["CHAIN_API_KEY", "DATABASE_PASSWORD", "RETRY_MAX_ATTEMPT", "JWT_SECRET"] {
        for sources in in_each_source(name, CANARY) {
            check_that_nothing_shows(&sources);
        }
    }
}

#[test]
fn a_secret_on_a_line_that_can_not_be_read_is_never_shown() {
    for line in
        ["ANTHROPIC_API_KEY=CANARY oops", "ANTHROPIC_API_KEY='CANARY", "CANARY", "ANTHROPIC-KEY=CANARY"]
    {
        let file = line.replace("CANARY", CANARY);
        let sources = only(found_file(&file));
        assert!(problems(&sources).contains(".env:1"));
        check_that_nothing_shows(&sources);
    }
}

#[test]
fn secrets_that_are_set_twice_or_not_used_are_never_shown() {
    let twice = format!("ANTHROPIC_API_KEY={CANARY}\nANTHROPIC_API_KEY={CANARY}2\n");
    let both = environment(&[("ANTHROPIC_API_KEY", CANARY), ("ANTHROPIC_AUTH_TOKEN", CANARY)]);
    let confined = Sources {
        env_file: Some(found_file("ANTHROPIC_BASE_URL=http://elsewhere.example")),
        ..environment(&[("ANTHROPIC_API_KEY", CANARY)])
    };
    let refused = format!("ANTHROPIC_BASE_URL=http://elsewhere.example\nANTHROPIC_API_KEY_FILE={CANARY}");
    for sources in [only(found_file(&twice)), both, confined, only(found_file(&refused))] {
        check_that_nothing_shows(&sources);
    }
}

#[test]
fn a_secret_on_a_line_that_has_run_into_the_one_before_is_never_shown() {
    for before in
        ["API_PORT=8003", "CORS_ORIGINS=https://a.example", "LOG_LEVEL=INFO", "CHAIN_REPAIR_ATTEMPTS=1"]
    {
        for name in ["JWT_SECRET_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"] {
            let file = found_file(&format!("{before}{name}=canary-7f3a-0123456789abcdef0123456789"));
            let shown = all_that_is_shown(&Sources { for_server: true, ..only(file) });
            assert!(!shown.contains("canary"), "{before}{name}: {shown}");
            assert!(shown.contains("must be"), "it is told of: {shown}");
        }
    }
}

#[test]
fn what_an_unclosed_quote_has_swallowed_is_never_shown() {
    for name in ["LOG_LEVEL", "API_PORT", "CHAIN_PROMPTS_DIR", "JWT_PUBLIC_KEY_FILE", "CHAIN_ANALYZE_MODEL"] {
        for quote in ['\'', '"'] {
            let file = format!("{name}={quote}x\nPASSWORD=canary\nOTHER={quote}y\n");
            let shown = all_that_is_shown(&served(only(found_file(&file))));
            assert!(!shown.contains("canary"), "{name}: {shown}");
            assert!(shown.contains(&format!("{name}=[hidden]")), "it is told of: {shown}");
        }
    }
}

#[test]
fn a_secret_in_front_matter_is_shown_neither_in_the_message_nor_in_its_line() {
    let key = format!("sk-ant-{CANARY}");
    let model = front_matter(StepName::Analyze, FrontMatterKey::Model, &key, 2);
    let (_, problems) = Settings::resolve_with_defaults(&Sources::default(), &[model], Demands::None);
    assert_eq!(problems[0].spot.as_ref().unwrap().line, "model = [hidden]");
    assert!(!debug(&problems).contains(CANARY), "{problems:?}");
}
