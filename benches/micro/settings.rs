//! The settings, resolved from an environment.

use std::error::Error;
use std::ffi::OsString;
use std::hint::black_box;

use promptchain::settings::{Environment, Settings, Sources};

use super::operation::{Operation, Prepared};

/// What a deployment sets, as a rule.
const VARIABLES: [(&str, &str); 12] = [
    ("ANTHROPIC_API_KEY", "sk-ant-api03-0123456789abcdef0123456789abcdef"),
    ("CHAIN_ANALYZE_TEMPERATURE", "0.2"),
    ("CHAIN_MAX_COST_USD", "0.50"),
    ("CHAIN_PROCESS_MAX_TOKENS", "6000"),
    ("JWT_AUDIENCE", "promptchain"),
    ("JWT_ISSUER", "https://login.example.com/"),
    ("JWT_SECRET_KEY", "Zk3vQ9xW2rT7yB5nM8cL1dF6gH4jK0pS"),
    ("LOG_LEVEL", "INFO"),
    ("METRICS_BIND", "127.0.0.1:9090"),
    ("RATE_LIMIT_CHAT_COMPLETIONS", "30/minute;500/day"),
    ("RATE_LIMIT_DEFAULT", "200/hour"),
    ("STREAMING_TIMEOUT", "30"),
];

/// For one run, and to serve.
pub(crate) const OPERATIONS: &[Operation] =
    &[operation("settings-run", || resolved(false)), operation("settings-serve", || resolved(true))];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "whole", passes: 20, prepare }
}

fn resolved(for_server: bool) -> Result<Prepared, Box<dyn Error>> {
    let variable = |(name, value)| (OsString::from(name), OsString::from(value));
    let environment: Environment = VARIABLES.into_iter().map(variable).collect();
    let sources = Sources { environment, for_server, ..Sources::default() };
    let resolve = move || {
        if for_server { Settings::resolve_to_serve(&sources, &[]) } else { Settings::resolve(&sources, &[]) }
    };
    resolve().map_err(|problems| format!("the settings are refused: {problems:?}"))?;
    let pass = move || {
        let _ = black_box(resolve());
    };
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}
