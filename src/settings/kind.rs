//! What values a variable takes: how they are read, what is allowed, and which setting they become.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{Settings, parse_duration};
use crate::small_file::read_small_file;

/// The longest secret, in bytes: servers refuse header lines beyond that.
const MAX_SECRET_BYTES: u64 = 8 * 1024;

/// What values a variable takes. Each kind knows, as `set`, which setting its value becomes.
#[derive(Debug)]
#[expect(missing_docs, reason = "`set` is told above, `min` and `max` are inclusive")]
pub enum Kind {
    /// A whole number.
    Whole { min: u32, max: u32, set: fn(&mut Settings, u32) },
    /// A number.
    Decimal { min: f64, max: f64, set: fn(&mut Settings, f64) },
    /// An amount of US dollars, above 0.
    UsDollars { set: fn(&mut Settings, f64) },
    /// A duration: seconds, or a number with units. The limits are in seconds.
    Seconds { min: u32, max: u32, set: fn(&mut Settings, Duration) },
    /// Yes or no.
    Switch { set: fn(&mut Settings, bool) },
    /// One of a few words, in upper or lower case.
    Choice(&'static [Choice]),
    /// Text that `check` accepts; `allowed` says in words which that is.
    Text { allowed: &'static str, check: fn(&str) -> bool, set: fn(&mut Settings, String) },
    /// A path; whether there is something is found out by whoever uses it.
    Path { set: fn(&mut Settings, PathBuf) },
    /// Where an HTTP server is.
    Url { set: fn(&mut Settings, Url) },
    /// A secret that can stand in an HTTP header.
    Secret { set: fn(&mut Settings, SecretString) },
    /// The path of a file that holds such a secret and nothing else.
    SecretFile { set: fn(&mut Settings, SecretString) },
}

/// One of the words of [`Kind::Choice`].
#[derive(Debug)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// Takes the choice.
    pub set: fn(&mut Settings),
}

impl Kind {
    /// What is allowed, to come after "must be".
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Whole { min, max, .. } => format!("a whole number from {min} to {max}"),
            Self::Decimal { min, max, .. } => format!("a number from {min} to {max}"),
            Self::UsDollars { .. } => "an amount of US dollars above 0".to_owned(),
            Self::Seconds { min, max, .. } => format!("a number of seconds from {min} to {max}"),
            Self::Switch { .. } => "true or false (or 1, 0, yes, no, on, off)".to_owned(),
            Self::Choice(choices) => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Text { allowed, .. } => (*allowed).to_owned(),
            Self::Path { .. } => "a path".to_owned(),
            Self::Url { .. } => {
                "an http or https URL with a host, and without user name, query or fragment".to_owned()
            }
            Self::Secret { .. } => {
                format!("at most {MAX_SECRET_BYTES} visible ASCII characters, without spaces or line breaks")
            }
            Self::SecretFile { .. } => "the path of a file that holds the secret and nothing else".to_owned(),
        }
    }

    /// Reads `value`, which isn't empty, and puts it where it belongs; or tells what is wrong with it.
    pub(super) fn apply(&self, value: &OsStr, settings: &mut Settings) -> Result<(), String> {
        match self {
            Self::Path { set } => set(settings, PathBuf::from(value)),
            Self::SecretFile { set } => set(settings, secret_in_file(Path::new(value))?),
            _ => value
                .to_str()
                .and_then(|text| self.apply_text(text, settings))
                .ok_or_else(|| format!("must be {}", self.allowed()))?,
        }
        Ok(())
    }

    /// `None` if `text` isn't allowed.
    fn apply_text(&self, text: &str, settings: &mut Settings) -> Option<()> {
        match self {
            Self::Whole { min, max, set } => {
                set(settings, text.parse().ok().filter(|number| (*min..=*max).contains(number))?);
            }
            Self::Decimal { min, max, set } => {
                set(settings, text.parse().ok().filter(|number| (*min..=*max).contains(number))?);
            }
            Self::UsDollars { set } => {
                set(settings, text.parse().ok().filter(|usd: &f64| usd.is_finite() && *usd > 0.0)?);
            }
            Self::Seconds { min, max, set } => {
                let limits = Duration::from_secs((*min).into())..=Duration::from_secs((*max).into());
                set(settings, parse_duration(text).filter(|duration| limits.contains(duration))?);
            }
            Self::Switch { set } => set(settings, switch(text)?),
            Self::Choice(choices) => {
                let choice = choices.iter().find(|choice| choice.word.eq_ignore_ascii_case(text))?;
                (choice.set)(settings);
            }
            Self::Text { check, set, .. } => set(settings, check(text).then(|| text.to_owned())?),
            Self::Url { set } => set(settings, http_url(text)?),
            Self::Secret { set } => set(settings, is_secret(text).then(|| SecretString::from(text))?),
            Self::Path { .. } | Self::SecretFile { .. } => return None,
        }
        Some(())
    }

    /// Whether `value`, right or wrong, may have a secret in it.
    pub(super) fn may_hold_secret(&self, value: &OsStr) -> bool {
        let text = value.to_string_lossy();
        match self {
            Self::Secret { .. } => true,
            // A password before the @, or a key in the query.
            Self::Url { .. } if text.contains(['@', '?']) => true,
            // A key that was put into the wrong variable.
            _ => text.starts_with("sk-"),
        }
    }
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare).then_some(url)
}

fn is_secret(text: &str) -> bool {
    let fits = u64::try_from(text.len()).is_ok_and(|bytes| bytes <= MAX_SECRET_BYTES);
    fits && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn secret_in_file(path: &Path) -> Result<SecretString, String> {
    // Room for the line break at the end.
    let text =
        read_small_file(path, MAX_SECRET_BYTES + 2).map_err(|problem| format!("the file {problem}"))?;
    match text.trim() {
        "" => Err("the file is empty".to_owned()),
        secret if is_secret(secret) => Ok(SecretString::from(secret)),
        _ => Err(format!(
            "the file must hold one line of at most {MAX_SECRET_BYTES} visible ASCII characters without spaces"
        )),
    }
}
