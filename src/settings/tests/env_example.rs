//! That `.env.example` is what the table says, and harmless.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.example")
}

#[test]
fn the_file_is_up_to_date() {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path(), env_example()).unwrap();
    }
    let file = fs::read_to_string(path()).unwrap_or_default();
    assert!(file == env_example(), ".env.example is stale: run UPDATE=1 cargo test env_example");
}

#[test]
fn copied_to_env_it_changes_nothing_and_nothing_is_wrong_with_it() {
    let copy = served(only(found_file(&env_example())));
    assert_eq!(warnings(&copy), "");
    let (copied, defaults) = (settings(&copy), settings(&Sources::default()));
    for SettingValue { variable, .. } in &defaults.values {
        assert_eq!(value(&copied, variable.name), value(&defaults, variable.name));
    }
}

#[test]
fn every_variable_has_one_line_and_only_what_is_needed_is_not_commented_out() {
    let text = env_example();
    let assignments: Vec<String> =
        text.lines().filter(|line| is_assignment(line)).map(str::to_owned).collect();
    let expected: Vec<String> = sections()
        .iter()
        .flat_map(|section| section.variables)
        .map(|variable| {
            let is_needed = ["ANTHROPIC_API_KEY", "JWT_SECRET_KEY"].contains(&variable.name);
            let sign = if is_needed { "" } else { "# " };
            format!("{sign}{}={}", variable.name, variable.default().unwrap_or_default())
        })
        .collect();
    assert_eq!(assignments, expected);
}

fn is_assignment(line: &str) -> bool {
    let name = line.trim_start_matches("# ").split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

#[test]
fn with_every_comment_sign_before_a_default_taken_away_it_still_changes_nothing() {
    let text = env_example();
    let uncommented: String = text
        .lines()
        .map(|line| if is_assignment(line) { line.trim_start_matches("# ") } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    let sources = served(only(found_file(&uncommented)));
    assert_eq!(warnings(&sources), "");
    let (copied, defaults) = (settings(&sources), settings(&Sources::default()));
    for SettingValue { variable, text, .. } in &defaults.values {
        assert_eq!(copied.value(variable.name).unwrap().text, *text, "{}", variable.name);
    }
    assert_eq!(copied.value("LOG_FORMAT").unwrap().origin.to_string().split(':').next(), Some(".env"));
}

#[test]
fn its_lines_fit_a_terminal_and_have_no_blanks_at_the_end() {
    for line in env_example().lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn a_file_to_start_from_sets_what_it_was_given_and_nothing_else() {
    let secret = "0123456789abcdef0123456789abcdef";
    let values = [("JWT_SECRET_KEY", secret), ("CHAIN_PROMPTS_DIR", "prompts"), ("ANTHROPIC_API_KEY", "")];
    let sources = served(only(found_file(&env_to_start(&values))));
    assert_eq!(warnings(&sources), "");
    let settings = settings(&sources);
    assert_eq!(exposed(settings.server.jwt.secret.as_ref()), Some(secret));
    let set = settings.values.iter().filter(|value| value.origin != Origin::Default);
    let set: Vec<&str> = set.map(|value| value.variable.name).collect();
    assert_eq!(set, ["CHAIN_PROMPTS_DIR", "JWT_SECRET_KEY"]);
}

#[test]
fn a_key_of_any_characters_comes_back_from_it_as_it_went_in() {
    let all: String = ('!'..='~').collect();
    let without_apostrophe = all.replace('\'', "");
    for key in ["sk-ant-api03-Ab_9", "a#b", "$HOME", r"a\b", "'", "\"'\"", &all, &without_apostrophe] {
        let sources = only(found_file(&env_to_start(&[("ANTHROPIC_API_KEY", key)])));
        assert_eq!(credential(&settings(&sources)), Some(format!("key {key}")));
    }
}
