//! How the values of flags are read.

use std::time::Duration;

use crate::settings::{Override, parse_duration};
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

/// `[step:]fault[=parameter][@calls]`.
pub(super) fn fault_rule(text: &str) -> Result<FaultRule, String> {
    text.parse().map_err(|error: FaultRuleError| error.to_string())
}
