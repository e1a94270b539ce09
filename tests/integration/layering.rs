//! Who may depend on whom, and what may only be done at the edge: kept by reading the sources.

use std::path::{Path, PathBuf};

/// A module, and what of this crate it may use.
const ALLOWED: [(&str, &[&str]); 19] = [
    ("resilience", &["sync"]),
    ("small_file", &[]),
    ("trace_context", &[]),
    ("diagnostic", &["excerpt", "rule"]),
    ("excerpt", &["diagnostic"]),
    ("most_told", &["diagnostic"]),
    ("own_secret", &[]),
    ("rule", &["diagnostic", "nearest"]),
    ("prompts", &["diagnostic", "excerpt", "most_told", "nearest", "rule", "small_file", "step"]),
    ("settings", &["diagnostic", "excerpt", "nearest", "profile", "rule", "small_file", "step"]),
    ("simulator", &["nearest"]),
    ("model", &["diagnostic", "own_secret", "small_file", "sync", "trace_context"]),
    ("chain", &["model", "prompts", "resilience", "step", "sync", "trace_context"]),
    (
        "validation",
        &[
            "chain",
            "diagnostic",
            "excerpt",
            "model",
            "most_told",
            "nearest",
            "prompts",
            "rule",
            "settings",
            "step",
        ],
    ),
    ("report", &["chain", "diagnostic", "excerpt", "model", "rule", "step"]),
    (
        "server",
        &["chain", "error", "model", "resilience", "settings", "step", "sync", "telemetry", "trace_context"],
    ),
    ("telemetry", &["chain", "model", "own_secret", "resilience", "step", "trace_context"]),
    ("cli", &["model", "nearest", "profile", "rule", "settings", "simulator", "step"]),
    ("manual", &["cli", "error", "nearest", "settings"]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                into.push((path, text));
            }
        }
    }
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 50, "the sources are found");
    sources
}

/// The module at the top of the tree that a file belongs to.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The lines of a file that are code, up to its tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn is_test(path: &Path) -> bool {
    let names = ["tests", "tests.rs", "fuzzing", "fuzzed.rs"];
    path.components().any(|part| names.iter().any(|name| part.as_os_str() == *name))
}

#[test]
fn modules_use_only_what_lies_below_them() {
    for (path, text) in sources() {
        let module = module(&path);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else { continue };
        if is_test(&path) {
            continue;
        }
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fine = used == module || allowed.contains(&used.as_str());
                assert!(fine, "{} uses {used}: {line}", path.display());
            }
        }
    }
}

#[test]
fn the_messages_api_is_known_only_to_its_client_and_its_simulator() {
    for (path, text) in sources() {
        if path.to_string_lossy().contains("anthropic") || module(&path) == "simulator" || is_test(&path) {
            continue;
        }
        for word in ["content_block_delta", "/v1/messages", "message_start"] {
            assert!(!code(&text).any(|line| line.contains(word)), "{} names {word}", path.display());
        }
    }
}

#[test]
fn the_environment_is_read_and_the_process_ended_only_at_the_edge() {
    for (path, text) in sources() {
        if module(&path) == "main" || is_test(&path) {
            continue;
        }
        for word in ["std::env", "env::var", "process::exit", "println!", "eprintln!"] {
            assert!(!code(&text).any(|line| line.contains(word)), "{} has {word}", path.display());
        }
    }
}

#[test]
fn one_file_decides_on_retries() {
    for (path, text) in sources() {
        if !path.ends_with("resilience/retry.rs") {
            assert!(!code(&text).any(|line| line.contains("backon")), "{} names backon", path.display());
        }
    }
}

#[test]
fn one_module_speaks_to_the_shared_store() {
    let mut found = 0;
    for (path, text) in sources() {
        let names_crate = |line: &str| {
            line.match_indices("redis::")
                .any(|(at, _)| !line[..at].ends_with(|char: char| char.is_alphanumeric() || char == '_'))
        };
        let names = code(&text).filter(|line| names_crate(line)).count();
        if path.components().any(|part| part.as_os_str() == "shared_store") {
            found += names;
        } else if !is_test(&path) {
            assert_eq!(names, 0, "{} names redis", path.display());
        }
    }
    assert!(found > 3, "it is found where it belongs");
}

#[test]
fn spans_are_known_only_to_those_who_make_them() {
    for (path, text) in sources() {
        let is_about_traces = path.components().any(|part| part.as_os_str() == "traces")
            || matches!(module(&path).as_str(), "trace_context");
        if !is_about_traces && !is_test(&path) {
            let names_it = code(&text).any(|line| line.contains("opentelemetry"));
            assert!(!names_it, "{} names OpenTelemetry", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} doesn't begin with //!", path.display());
    }
}

#[test]
fn every_error_that_is_logged_names_its_type() {
    let mut found = 0;
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let code = code(&text).collect::<Vec<_>>().join("\n");
        for event in code.split("tracing::error!(").skip(1) {
            let event = event.split(");").next().unwrap();
            assert!(event.contains("error_type"), "{}: {event}", path.display());
            found += 1;
        }
    }
    assert!(found > 3, "they are found");
}
