//! How the values of flags are read.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};

use crate::nearest::nearest;
use crate::rule::Rule;
use crate::settings::{Override, parse_duration, sections};
use crate::simulator::{FaultRule, FaultRuleError};

/// A duration: `20ms`, `90s`, `1h30m`, `30d`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .ok_or_else(|| "expected a duration such as 90s, 1h30m or 30d; a bare number is seconds".to_owned())
}

/// A duration longer than nothing.
pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be longer than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// The most runs at a time: as many as a batch upstream takes.
const MOST_RUNS: usize = 100_000;

/// A whole number above 0.
pub(super) fn at_least_one(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number above 0".to_owned())
}

/// How many runs there may be at a time.
pub(super) fn concurrency(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_RUNS).contains(number));
    number.ok_or_else(|| format!("must be a whole number from 1 to {MOST_RUNS}"))
}

/// How many times as fast: a number above 0.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "expected a number above 0, such as 1 or 2.5".to_owned())
}

/// `name=value`.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected name=value".to_owned()),
    }
}

/// `step.key=value`.
pub(super) fn step_setting(text: &str) -> Result<Override, String> {
    Override::from_set_flag(text).map_err(|error| error.to_string())
}

/// Text that says something: an empty value, as of a variable that a script hasn't set, is a mistake.
pub(super) fn said(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// The name of a rule.
pub(super) fn rule(text: &str) -> Result<Rule, String> {
    Rule::parse(text).map_err(|nearest| match nearest {
        Some(name) => format!("there is no such rule; did you mean {name}?"),
        None => "there is no such rule; --list-rules lists them".to_owned(),
    })
}

/// The name of a variable that there is.
pub(super) fn variable_name(text: &str) -> Result<String, String> {
    let known = || sections().iter().flat_map(|section| section.variables).map(|variable| variable.name);
    if known().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(match nearest(&text.to_ascii_uppercase(), known()) {
        Some(name) => format!("there is no such variable; did you mean {name}?"),
        None => "there is no such variable; `promptchain config` lists all".to_owned(),
    })
}

/// A path that names something: a blank value would mean that the flag isn't there.
pub(super) fn path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.to_str() {
        Some(text) if text.trim().is_empty() => Err("must not be empty"),
        _ => Ok(path),
    })
}

/// `[step:]fault[=parameter][@calls]`.
pub(super) fn fault_rule(text: &str) -> Result<FaultRule, String> {
    text.parse().map_err(|error: FaultRuleError| error.to_string())
}
