//! Names and figures in these files: variables, flags, metrics, versions and defaults are the program's.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{COMPOSE, DEPLOYMENT, RELEASE, UNIT, number_after, packaging, read};
use crate::support::{Metrics, Upstream, promptchain};

/// Words that look like variables and belong to others.
const OF_OTHERS: [&str; 11] = [
    "AF_INET",
    "AF_INET6",
    "AF_UNIX",
    "GF_ANALYTICS_CHECK_FOR_UPDATES",
    "GF_ANALYTICS_REPORTING_ENABLED",
    "GF_SECURITY_ADMIN_PASSWORD__FILE",
    "GH_TOKEN",
    "GITHUB_REF_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_OWNER",
    "JEMALLOC_SYS_WITH_LG_PAGE",
];

/// Variables and their defaults.
fn variables() -> BTreeMap<String, Option<String>> {
    let config = promptchain(&["config", "--json"]).run().exits(0).json();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let settings = config["settings"].as_array().unwrap().iter();
    settings.map(|it| (text(&it["name"]).unwrap(), text(&it["default"]))).collect()
}

/// The words of a text that have the form of a variable.
fn words(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_of_word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter_map(move |word| {
        let is_one = word.contains('_') && word.chars().all(is_of_word) && !word.starts_with('_');
        let rest = &text[word.as_ptr() as usize - text.as_ptr() as usize + word.len()..];
        is_one.then_some((word, rest))
    })
}

#[test]
fn only_variables_that_exist_are_named() {
    let variables = variables();
    let mut count = 0;
    for file in packaging() {
        for (word, _) in words(&read(&file)) {
            let is_known = variables.contains_key(word) || OF_OTHERS.contains(&word);
            assert!(is_known, "{file}: {word} isn't a variable");
            count += 1;
        }
    }
    assert!(count > 40, "they are found");
}

#[test]
fn defaults_are_as_they_are_said() {
    let variables = variables();
    let mut checked = 0;
    for file in packaging() {
        let text = read(&file);
        for (word, rest) in words(&text) {
            let said = rest.trim_start_matches('`').strip_prefix(" (").unwrap_or_default();
            let digits: String = said.chars().take_while(char::is_ascii_digit).collect();
            if digits.is_empty() {
                continue;
            }
            let default = match word {
                // Both phases, and 5 seconds.
                "SHUTDOWN_GRACE_SECONDS" => Some(grace(&variables).to_string()),
                _ => variables[word].clone(),
            };
            assert_eq!(Some(digits), default, "{file}: {word}");
            checked += 1;
        }
    }
    assert!(checked > 2, "they are found: {checked}");
}

/// How long a drain may take by default, in seconds.
fn grace(variables: &BTreeMap<String, Option<String>>) -> u64 {
    let seconds =
        |name: &str| variables[name].as_ref().and_then(|it| it.parse::<u64>().ok()).expect("a default");
    assert_eq!(variables["SHUTDOWN_GRACE_SECONDS"], None);
    seconds("WORKER_COORDINATION_TIMEOUT") + seconds("SYNTHESIS_TIMEOUT") + 5
}

#[test]
fn whoever_ends_the_server_waits_for_its_drain() {
    // What comes after the grace: last bytes, 4 seconds, and Loki, 5.
    let drain = grace(&variables()) + 9;
    assert!(number_after(UNIT, "TimeoutStopSec=") >= drain);
    assert!(number_after(COMPOSE, "stop_grace_period: ") >= drain);
    let waits = number_after(DEPLOYMENT, "sleep: {seconds: ");
    assert!(number_after(DEPLOYMENT, "terminationGracePeriodSeconds: ") >= drain + waits);
}

#[test]
fn nginx_waits_longer_than_the_longest_run_and_takes_every_body_that_the_server_may() {
    let refuses = |name: &str, value: u64| {
        let mut command = promptchain(&["config", "--json"]);
        command.env(name, &value.to_string());
        command.run().code != Some(0)
    };
    let phase = 270;
    for name in ["WORKER_COORDINATION_TIMEOUT", "SYNTHESIS_TIMEOUT"] {
        assert!(!refuses(name, phase) && refuses(name, phase + 1), "{name} may be {phase} at most");
    }
    let conf = "deploy/nginx/promptchain.conf";
    assert!(number_after(conf, "proxy_read_timeout ") > 2 * phase);
    let body = number_after(conf, "client_max_body_size ") * 1024 * 1024;
    assert!(!refuses("MAX_REQUEST_BODY_SIZE", body) && refuses("MAX_REQUEST_BODY_SIZE", body + 1));
}

#[test]
fn only_flags_that_exist_are_given() {
    let help = promptchain(&["serve", "--help"]).run().exits(0).stdout;
    let text = read(UNIT);
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let flags: Vec<&&str> = words.iter().filter(|word| word.starts_with("--")).collect();
    assert!(!flags.is_empty() && flags.iter().all(|flag| help.contains(&format!("{flag} <"))), "{line}");
    assert!(words.contains(&"serve"));
    for file in ["Dockerfile", DEPLOYMENT] {
        assert!(read(file).contains(r#"["serve"]"#) || read(file).contains("args: [serve]"), "{file}");
    }
}

#[test]
fn only_metrics_that_exist_are_named() {
    let upstream = Upstream::good();
    let known = Metrics::of(&upstream.serve(&[])).text;
    let mut count = 0;
    for file in packaging() {
        for word in read(&file).split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if word.strip_prefix("promptchain_").is_some_and(|rest| !rest.is_empty()) {
                assert!(known.contains(&format!("# TYPE {word} ")), "{file}: {word}");
                count += 1;
            }
        }
    }
    assert!(count > 1, "they are found");
}

#[test]
fn versions_are_those_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    for (file, words) in [
        ("Dockerfile", format!("ARG VERSION={version}\n")),
        ("Dockerfile", format!("FROM rust:{rust}-")),
        (COMPOSE, format!("image: promptchain:{version}\n")),
        ("deploy/kubernetes/kustomization.yaml", format!("newTag: {version}\n")),
        (RELEASE, format!("RUST: \"{rust}\"\n")),
    ] {
        assert!(read(file).contains(&words), "{file}: {words}");
    }
}
