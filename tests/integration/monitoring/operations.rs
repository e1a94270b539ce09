//! The operator's guide tells of every alert, of every error and of every line of the log.

use promptchain::error::ErrorCode;
use promptchain::telemetry::metrics::{AuthReason, RunError};

use super::{Rule, read, sources};

const GUIDE: &str = "docs/operations.md";

/// A section of the guide, without its title.
fn section(title: &str) -> String {
    let guide = read(GUIDE);
    let (_, rest) = guide.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no {title}"));
    rest.split("\n## ").next().unwrap().to_owned()
}

#[test]
fn every_alert_has_a_section_and_every_section_an_alert() {
    let alerts = section("Alerts");
    let told: Vec<&str> = alerts.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let exist: Vec<String> = Rule::alerts().into_iter().map(|rule| rule.name).collect();
    assert_eq!(told, exist, "in the order of the rules");
}

/// The row of the guide's table of errors that is about that code.
#[track_caller]
fn row_of(code: &str) -> String {
    let errors = section("Errors");
    let rows = errors.lines().filter(|line| line.starts_with("| `"));
    let mut rows = rows.filter(|row| row.split('|').nth(1).unwrap().contains(&format!("`{code}`")));
    let row = rows.next().unwrap_or_else(|| panic!("{code} isn't among the errors"));
    assert_eq!(rows.next(), None, "{code} is there twice");
    row.to_owned()
}

#[test]
fn every_error_code_has_a_row_with_its_exit_code() {
    for code in ErrorCode::ALL {
        let row = row_of(code.as_str());
        let exits = row.split('|').nth(3).unwrap().trim();
        let exit = code.exit_code().to_string();
        assert!(exits.split(", ").any(|it| it == exit), "{}: {exits}", code.as_str());
    }
    for code in RunError::ALL {
        row_of(&format!("{code:?}"));
    }
}

/// Words in quotes that can be codes: of several words, and in none of the places of a kind or a field.
fn quoted_words(code: &str) -> impl Iterator<Item = &str> {
    let is_code = |word: &&str| {
        let is_kind = word.ends_with("_error") && !["internal_error", "upstream_error"].contains(word);
        word.contains('_') && !is_kind && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    code.split('"').skip(1).step_by(2).filter(is_code)
}

#[test]
fn every_code_that_the_api_answers_has_a_row() {
    let mut found = Vec::new();
    for source in sources("src/server") {
        // Where an error is made, from its name to the end of the expression.
        for maker in
            ["ApiError::new(", "invalid_request(", "Self::new(", "unavailable(", " about(", "let code = "]
        {
            for made in source.split(maker).skip(1) {
                let end = made.find(";\n").or_else(|| made.find("\n}")).unwrap_or(made.len());
                found.extend(quoted_words(&made[..end]).map(str::to_owned));
            }
        }
    }
    for known in
        ["invalid_api_key", "rate_limit_exceeded", "shutting_down", "headers_too_large", "invalid_json"]
    {
        assert!(found.iter().any(|it| it == known), "{known} isn't found: {found:?}");
    }
    found.sort();
    found.dedup();
    for code in found {
        row_of(&code);
    }
}

#[test]
fn every_reason_to_reject_a_token_is_explained() {
    let alerts = section("Alerts");
    let (_, rest) = alerts.split_once("### PromptchainAuthFailures\n").unwrap();
    let told = rest.split("\n###").next().unwrap();
    for reason in AuthReason::ALL {
        assert!(told.contains(&format!("`{reason:?}`")), "{reason:?}");
    }
}

#[test]
fn every_line_of_the_log_from_info_up_is_listed() {
    let logs = section("Logs");
    let mut messages = Vec::new();
    for source in sources("src") {
        for level in ["info!(", "warn!(", "error!("] {
            for event in source.split(&format!("tracing::{level}")).skip(1) {
                // The message is the last text of the event.
                let event = event.split(");").next().unwrap();
                messages.extend(event.split('"').skip(1).step_by(2).last().map(str::to_owned));
            }
        }
    }
    assert!(messages.len() > 20, "{messages:?}");
    for message in messages.iter().filter(|message| !message.contains('{')) {
        assert!(logs.contains(&format!("`{message}`")), "{message:?} isn't listed");
    }
}
