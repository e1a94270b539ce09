//! `promptchain validate`: what it finds, how it tells it, and how it ends.

mod asks_git;
mod fixtures;
mod flags;
mod live;
mod paths;

use serde_json::Value;

use crate::support::{Command, promptchain};

/// Prompts that nothing is wrong with.
const ANALYZE: &str = "Return JSON with intent, key_entities, complexity and context.\n";
const PROCESS: &str = "Return JSON with content, metadata and confidence.\n";
const SYNTHESIZE: &str = "Return JSON with final_text and formatting.\n";

/// `promptchain validate` with these arguments.
fn validate(args: &[&str]) -> Command {
    let mut command = promptchain(&["validate"]);
    command.args(args);
    command
}

/// What the command finds: `rule file:line:col`, in the order in which it is told.
fn found(mut command: Command) -> Vec<String> {
    command.args(&["--format", "json"]);
    let report = command.run().json();
    report["diagnostics"].as_array().unwrap().iter().map(told).collect()
}

fn told(diagnostic: &Value) -> String {
    let place = match (&diagnostic["line"], &diagnostic["column"]) {
        (Value::Null, _) => String::new(),
        (line, column) => format!(":{line}:{column}"),
    };
    let name = diagnostic["source"]["name"].as_str().or(diagnostic["source"]["kind"].as_str());
    format!("{} {}{place}", diagnostic["rule"].as_str().unwrap(), name.unwrap())
}
