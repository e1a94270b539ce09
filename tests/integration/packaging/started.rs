//! The settings that these files give: a server starts with them.

use super::{COMPOSE, CONFIG_MAP, UNIT, UNIT_SETTINGS, read};
use crate::support::{SECRET, promptchain};

/// `NAME: value` or `NAME=value` on lines of their own, indented or not; comments aren't.
fn settings(text: &str, separator: &str) -> Vec<(String, String)> {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_uppercase() || it == b'_');
    let pairs = text.lines().filter_map(|line| line.trim().split_once(separator));
    let ours = pairs.filter(|(name, _)| is_name(name) && !name.starts_with("GF_"));
    ours.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

/// `serve --check` takes them. Files of secrets are put where the test may.
#[track_caller]
fn are_taken(mut settings: Vec<(String, String)>, least: usize) {
    // Nobody is called.
    settings.retain(|(name, _)| name != "REDIS_URL");
    assert!(settings.len() >= least, "they are found: {settings:?}");
    let mut command = promptchain(&["serve", "--check"]);
    command.file("anthropic-api-key", "sk-ant-api03-4kR9wq7Zt1").file("jwt-secret-key", SECRET);
    let mut files = 0;
    for (name, value) in &settings {
        let file = value.rsplit('/').next().unwrap();
        let is_file = name.ends_with("_FILE");
        command.env(name, if is_file { file } else { value });
        files += usize::from(is_file);
    }
    assert_eq!(files, 2, "a key and a secret: {settings:?}");
    let ran = command.run().exits(0);
    assert_eq!(ran.stderr.matches("warning").count(), 0, "{}", ran.stderr);
}

#[test]
fn a_server_starts_with_the_settings_of_compose_and_of_kubernetes() {
    are_taken(settings(&read(COMPOSE), ": "), 5);
    are_taken(settings(&read(CONFIG_MAP), ": "), 5);
}

#[test]
fn a_server_starts_with_the_settings_of_the_unit() {
    let unit = read(UNIT).replace("Environment=", "");
    are_taken([settings(&read(UNIT_SETTINGS), "="), settings(&unit, "=")].concat(), 6);
}

#[test]
fn the_settings_of_the_unit_stand_where_it_is_said_when_they_are_read() {
    let config = promptchain(&["config", "--json"]).run().exits(0).json();
    let file = read(UNIT_SETTINGS);
    let (at_the_start, at_a_reload) = file.split_once("# Read again at each reload").unwrap();
    for (text, reloadable) in [(at_the_start, false), (at_a_reload, true)] {
        let settings = settings(text, "=");
        assert!(!settings.is_empty());
        for (name, _) in settings {
            let known = config["settings"].as_array().unwrap().iter().find(|it| it["name"] == name.as_str());
            assert_eq!(known.unwrap()["reloadable"], reloadable, "{name}");
        }
    }
}
