//! A SARIF 2.1.0 log, as code scanning takes it.
//!
//! What isn't in a file is told as a notification about the tool's configuration and not as a result:
//! GitHub refuses a whole log if one result in it has no file.

use std::io;
use std::path::{MAIN_SEPARATOR, Path};

use serde_json::{Value, json};
use url::Url;

use super::ValidationReport;
use super::source_name::{file, place_name, without_dot};
use crate::diagnostic::{Diagnostic, Place};
use crate::report::json::{self, Layout};
use crate::rule::Rule;

/// Where the format is defined.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(report: &ValidationReport) -> io::Result<String> {
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for diagnostic in &report.diagnostics {
        match file(diagnostic) {
            Some(path) => results.push(result(diagnostic, path)),
            None => notifications.push(notification(diagnostic)),
        }
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "promptchain",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Rule::all().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{
                // All was checked, whatever was found; GitHub passes over logs that deny it.
                "executionSuccessful": true,
                "toolConfigurationNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(json::render(&log, Layout::Indented)?)
}

fn rule(rule: Rule) -> Value {
    json!({
        "id": rule.name(),
        "shortDescription": {"text": rule.summary()},
        "defaultConfiguration": {"level": rule.severity().as_str()},
    })
}

fn result(diagnostic: &Diagnostic, path: &Path) -> Value {
    let mut location = json!({"artifactLocation": {"uri": uri(path)}});
    if let Some(Place { line, col, len }) = diagnostic.place {
        let region = json!({"startLine": line, "startColumn": col, "endColumn": col.saturating_add(len)});
        if let Some(location) = location.as_object_mut() {
            location.insert("region".to_owned(), region);
        }
    }
    json!({
        "ruleId": diagnostic.rule.name(),
        "ruleIndex": index(diagnostic.rule),
        "level": diagnostic.severity.as_str(),
        "message": {"text": message(diagnostic)},
        "locations": [{"physicalLocation": location}],
    })
}

fn notification(diagnostic: &Diagnostic) -> Value {
    let message = message(diagnostic);
    let text = place_name(diagnostic).map_or(message.clone(), |place| format!("{place}: {message}"));
    json!({
        "level": diagnostic.severity.as_str(),
        "message": {"text": text},
        "associatedRule": {"id": diagnostic.rule.name(), "index": index(diagnostic.rule)},
    })
}

/// With the hint in a paragraph of its own. Braces aren't doubled, as they would have to be in a message
/// with arguments: viewers show one without as it is.
fn message(diagnostic: &Diagnostic) -> String {
    match &diagnostic.hint {
        Some(hint) => format!("{}\n\nhint: {hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

fn index(rule: Rule) -> Option<usize> {
    Rule::all().position(|other| other == rule)
}

/// The path as a URI: relative where it is relative.
fn uri(path: &Path) -> String {
    if let Ok(absolute) = Url::from_file_path(path) {
        return absolute.into();
    }
    let mut uri = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match char::from(byte) {
            MAIN_SEPARATOR => uri.push('/'),
            // A colon among the first would be the end of a scheme.
            c if c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=@".contains(c) => uri.push(c),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    without_dot(&uri).to_owned()
}
