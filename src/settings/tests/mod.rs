//! Settings as their callers meet them: sources in; settings, warnings and problems out.

mod certificates;
mod contract;
mod cors;
mod credentials;
mod cross_checks;
mod env_example;
mod env_file;
mod hidden_secrets;
mod key_files;
mod list_lines;
mod loki;
mod precedence;
mod problems;
mod server_checks;
mod server_keys;
mod server_scope;
mod set_flag;
mod shown_values;
mod traces;
mod unknown;
mod values;

use std::ffi::OsString;

use secrecy::{ExposeSecret, SecretString};

use super::*;
use crate::diagnostic::Place;
use crate::step::StepName;

/// The sources of an environment alone.
fn environment(variables: &[(&str, &str)]) -> Sources {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Sources { environment: variables.collect(), ..Sources::default() }
}

/// A `.env` that was merely found in the current folder.
fn found_file(text: &str) -> EnvFile {
    EnvFile::parse(".env".into(), text, true)
}

/// A file that was named by `--env-file`.
fn named_file(text: &str) -> EnvFile {
    EnvFile::parse("my.env".into(), text, false)
}

/// The same sources where the chain is served.
fn served(sources: Sources) -> Sources {
    Sources { for_server: true, ..sources }
}

fn only(file: EnvFile) -> Sources {
    Sources { env_file: Some(file), ..Sources::default() }
}

fn flag(variable: &str, value: &str) -> Override {
    Override { variable: variable.to_owned(), value: value.into(), flag: "--flag".to_owned() }
}

fn front_matter(step: StepName, key: FrontMatterKey, value: &str, line: usize) -> FrontMatterValue {
    let place = Place { line: line.try_into().unwrap(), col: 1, len: 0 };
    let spot = Spot { place, line: format!("{} = {value}", key.as_str()) };
    FrontMatterValue { step, key, value: value.to_owned(), path: "p.md".into(), spot }
}

fn resolved(sources: &Sources) -> (Settings, Vec<Problem>) {
    Settings::resolve(sources, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn settings(sources: &Sources) -> Settings {
    resolved(sources).0
}

/// The warnings, each with its hint as problems are shown with theirs.
fn warnings(sources: &Sources) -> String {
    let shown = |warning: &Problem| match &warning.hint {
        Some(hint) => format!("{warning}\n  hint: {hint}"),
        None => warning.to_string(),
    };
    resolved(sources).1.iter().map(shown).collect::<Vec<_>>().join("\n")
}

/// The problems as they are shown; fails if there are none.
fn problems(sources: &Sources) -> String {
    Settings::resolve(sources, &[]).map(|(settings, _)| settings.values).unwrap_err().to_string()
}

/// What comes of a variable that is set in the environment, with nothing else set, where the chain is
/// served.
fn with(name: &str, value: &str) -> Result<Settings, String> {
    match Settings::resolve(&served(environment(&[(name, value)])), &[]) {
        Ok((settings, _)) => Ok(settings),
        Err(problems) => Err(problems.to_string()),
    }
}

/// What a variable resolved to, and where that came from: `5 (.env:2)`.
fn value(settings: &Settings, name: &str) -> String {
    let SettingValue { text, origin, .. } = settings.value(name).unwrap();
    format!("{} ({origin})", text.as_deref().unwrap_or("unset"))
}

/// The credential in use, with the secret: `key sk-1` or `token t-1`.
fn credential(settings: &Settings) -> Option<String> {
    settings.upstream.credential.as_ref().map(|credential| match credential {
        Credential::ApiKey(key) => format!("key {}", key.expose_secret()),
        Credential::AuthToken(token) => format!("token {}", token.expose_secret()),
    })
}

/// A secret, to be looked at.
fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}
