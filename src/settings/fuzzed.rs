//! What must hold of settings and of `.env` files, whatever they hold.

use std::ffi::OsString;
use std::path::PathBuf;

use super::problem::{Problem, Spot};
use super::table::{find, variables};
use super::{Demands, EnvFile, Kind, Origin, RateLimit, Settings, Sources, parse_duration};

/// A value of a secret that is long enough to be told from ordinary text.
const MIN_SECRET: usize = 12;

/// Each line sets a variable, `NAME=value`: what is wrong is told in bounded lines, no secret is, and what takes effect
/// does so again.
pub(crate) fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let given: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once('=')).filter(reads_no_file).collect();
    let (settings, problems) = resolve(&given);
    tells_no_secret(&settings, &problems, &given);
    problems.iter().for_each(is_told_well);
    let held: Vec<(&str, &str)> = settings
        .values
        .iter()
        .filter(|value| value.origin == Origin::Environment)
        .filter_map(|value| Some((value.variable.name, value.value.as_deref()?)))
        .collect();
    let (again, _) = resolve(&held);
    for (name, value) in &held {
        let again = again.value(name).and_then(|it| it.value.as_deref());
        assert_eq!(again, Some(*value), "{name} takes effect again");
    }
    for (_, value) in &given {
        grammars(value);
    }
}

/// Nothing is read from the disk.
fn reads_no_file((name, _): &(&str, &str)) -> bool {
    find(name).is_none_or(|variable| !variable.kind.is_file_of_keys())
}

fn resolve(given: &[(&str, &str)]) -> (Settings, Vec<Problem>) {
    let environment = given.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let sources = Sources { environment: environment.collect(), for_server: true, ..Sources::default() };
    Settings::resolve_with_defaults(&sources, &[], Demands::Serving)
}

fn is_told_well(problem: &Problem) {
    let told = problem.to_string();
    assert!(!told.chars().any(char::is_control), "{told:?}");
    assert!(told.chars().count() <= 2000, "{told}");
    if let Some(hint) = &problem.hint {
        assert!(!hint.chars().any(char::is_control) && hint.chars().count() <= 2000, "{hint:?}");
    }
}

fn tells_no_secret(settings: &Settings, problems: &[Problem], given: &[(&str, &str)]) {
    let all = variables().filter(|variable| matches!(variable.kind, Kind::Secret { .. }));
    for variable in all {
        let Some((_, secret)) = given.iter().rev().find(|(name, _)| *name == variable.name) else { continue };
        let secret = secret.trim();
        let is_elsewhere = given.iter().any(|(name, value)| *name != variable.name && value.contains(secret));
        if secret.len() < MIN_SECRET || is_elsewhere || is_ordinary(secret) {
            continue;
        }
        for problem in problems {
            let told = format!("{problem} {:?} {:?}", problem.hint, problem.value);
            assert!(!told.contains(secret), "{} is told: {told}", variable.name);
        }
        for value in &settings.values {
            let told = [&value.text, &value.value];
            assert!(told.into_iter().flatten().all(|text| !text.contains(secret)), "{}", value.variable.name);
        }
    }
}

/// Whether the program itself says such words.
fn is_ordinary(secret: &str) -> bool {
    let (settings, problems) = resolve(&[]);
    let mut words: Vec<String> =
        problems.iter().map(|problem| format!("{problem} {:?}", problem.hint)).collect();
    words.extend(settings.values.iter().filter_map(|value| value.text.clone()));
    words.extend(variables().flat_map(|variable| [variable.name.to_owned(), variable.kind.allowed()]));
    words.iter().any(|words| words.contains(secret))
}

fn grammars(value: &str) {
    if let Some(limits) = RateLimit::parse_list(value) {
        assert!(!limits.is_empty());
        for limit in limits {
            let seconds = limit.window().as_secs();
            assert!(limit.count > 0 && (1..=366 * 24 * 60 * 60).contains(&seconds), "{limit}");
            assert_eq!(limit.to_string().parse(), Ok(limit));
        }
    }
    let _ = parse_duration(value);
}

/// A `.env` file never stops the program: every line that isn't a setting is told, at a place within the file, and
/// nothing of the process's environment gets into a value.
pub(crate) fn env_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = EnvFile::parse(PathBuf::from("fuzzed.env"), text, false);
    let lines: Vec<&str> = text.lines().collect();
    for (name, origin) in file.names() {
        let value = file.find_value(name).map(|(value, _)| value).unwrap_or_default();
        assert!(value.len() <= text.len(), "nothing is added");
        assert!(!value.contains('\0'));
        let Origin::EnvFile { line, .. } = origin else { unreachable!("{origin:?}") };
        assert!((1..=lines.len()).contains(&line), "{name} on line {line}");
        if let Some(Spot { place, line: shown }) = file.spot(line, name, None) {
            assert!(usize::try_from(place.line).is_ok_and(|line| line <= lines.len()));
            let chars = shown.chars().count();
            assert!(
                place.col >= 1 && usize::try_from(place.col - 1 + place.len).is_ok_and(|end| end <= chars)
            );
        }
    }
    let reads_a_file = file.names().any(|(name, _)| !reads_no_file(&(name, "")));
    file.problems.iter().for_each(is_told_well);
    for problem in &file.problems {
        let Origin::EnvFile { line, .. } = &problem.origin else { unreachable!("{problem:?}") };
        assert!(*line <= lines.len(), "{problem:?}");
    }
    if !reads_a_file {
        let sources = Sources { env_file: Some(file), for_server: true, ..Sources::default() };
        let (_, problems) = Settings::resolve_with_defaults(&sources, &[], Demands::Serving);
        problems.iter().for_each(is_told_well);
    }
}
