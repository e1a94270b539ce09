//! What values a variable takes: how they are read, what is allowed, and which setting they become.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::certificates::certificates_in_file;
use super::fingerprint::Fingerprint;
use super::list::{LIST, split_list};
use super::misplaced::holds_secret;
use super::public_key::public_key_in_file;
use super::{RateLimit, SecretForm, Settings, StoreAddress, parse_duration};

/// Where what is kept in memory is.
const MEMORY: &str = "memory://";

/// What values a variable takes. Each kind knows, as `set`, which setting its value becomes.
#[derive(Debug)]
#[expect(missing_docs, reason = "`set` is told above, `min` and `max` are inclusive")]
pub enum Kind {
    /// A whole number.
    Whole { min: u32, max: u32, set: fn(&mut Settings, u32) },
    /// A TCP port, or 0.
    Port { set: fn(&mut Settings, u16) },
    /// A number.
    Decimal { min: f64, max: f64, set: fn(&mut Settings, f64) },
    /// An amount of US dollars, above 0.
    UsDollars { set: fn(&mut Settings, f64) },
    /// A duration: seconds, or a number with units. The limits are in seconds.
    Seconds { min: u32, max: u32, set: fn(&mut Settings, Duration) },
    /// A duration: whole milliseconds, or a number with units. The limits are in milliseconds.
    Milliseconds { min: u32, max: u32, set: fn(&mut Settings, Duration) },
    /// Yes or no.
    Switch { set: fn(&mut Settings, bool) },
    /// One of a few words, in upper or lower case.
    Choice(&'static [Choice]),
    /// Text that `check` accepts; `allowed` says in words which that is.
    Text { allowed: &'static str, check: fn(&str) -> bool, set: fn(&mut Settings, String) },
    /// Several of what `items` says in words. `set` says which item isn't allowed, and why.
    List { items: &'static str, set: fn(&mut Settings, &[String]) -> Result<(), String> },
    /// Limits on the rate of requests.
    RateLimits { set: fn(&mut Settings, Vec<RateLimit>) },
    /// A path; whether there is something is found out by whoever uses it.
    Path { set: fn(&mut Settings, PathBuf) },
    /// Where an HTTP server is.
    Url { set: fn(&mut Settings, Url) },
    /// Where a Redis or Valkey is; `None` is memory, where that is allowed.
    Store { or_memory: bool, set: fn(&mut Settings, Option<StoreAddress>) },
    /// A secret.
    Secret { form: SecretForm, set: fn(&mut Settings, SecretString) },
    /// The path of a file that holds a secret and nothing else.
    SecretFile { form: SecretForm, set: fn(&mut Settings, SecretString) },
    /// The path of a file that holds a public key as PEM.
    PublicKeyFile { set: fn(&mut Settings, String) },
    /// The path of a file that holds certificates as PEM.
    CertificatesFile { set: fn(&mut Settings, String) },
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
            Self::Port { .. } => format!("a whole number from 0 to {}", u16::MAX),
            Self::Decimal { min, max, .. } => format!("a number from {min} to {max}"),
            Self::UsDollars { .. } => "an amount of US dollars above 0".to_owned(),
            Self::Seconds { min, max, .. } => format!("a number of seconds from {min} to {max}"),
            Self::Milliseconds { min, max, .. } => format!("a number of milliseconds from {min} to {max}"),
            Self::Switch { .. } => "true or false (or 1, 0, yes, no, on, off)".to_owned(),
            Self::Choice(choices) => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Text { allowed, .. } => (*allowed).to_owned(),
            Self::List { items, .. } => format!("{items}; {LIST}"),
            Self::RateLimits { .. } => RateLimit::ALLOWED.to_owned(),
            Self::Path { .. } => "a path".to_owned(),
            Self::Url { .. } => {
                "an http or https URL with a host, and without user name, query or fragment".to_owned()
            }
            Self::Store { or_memory: false, .. } => StoreAddress::ALLOWED.to_owned(),
            Self::Store { or_memory: true, .. } => format!("{MEMORY}, or {}", StoreAddress::ALLOWED),
            Self::Secret { form, .. } => form.allowed(),
            Self::SecretFile { .. } => "the path of a file that holds the secret and nothing else".to_owned(),
            Self::PublicKeyFile { .. } => "the path of a file that holds a public key as PEM".to_owned(),
            Self::CertificatesFile { .. } => "the path of a file that holds certificates as PEM".to_owned(),
        }
    }

    /// Reads `value`, which isn't empty, and puts it where it belongs; or tells what is wrong with it.
    pub(super) fn apply(&self, value: &OsStr, settings: &mut Settings) -> Result<Fingerprint, String> {
        let mut fingerprint = Fingerprint::of(value.as_encoded_bytes());
        match self {
            // Whoever finds nothing of that name would tell it.
            Self::Path { .. } | Self::Text { .. } if holds_secret(&value.to_string_lossy()) => {
                return Err(format!("{}, on one line and without a key or token", self.must_be()));
            }
            Self::Path { set } => set(settings, PathBuf::from(value)),
            Self::SecretFile { form, set } => {
                let secret = form.secret_in_file(Path::new(value))?;
                fingerprint = Fingerprint::of(secret.expose_secret().as_bytes());
                set(settings, secret);
            }
            Self::PublicKeyFile { set } => {
                let key = public_key_in_file(Path::new(value))?;
                fingerprint = Fingerprint::of(key.as_bytes());
                set(settings, key);
            }
            Self::CertificatesFile { set } => {
                let certificates = certificates_in_file(Path::new(value))?;
                fingerprint = Fingerprint::of(certificates.as_bytes());
                set(settings, certificates);
            }
            Self::Store { or_memory: true, set } if value == MEMORY => set(settings, None),
            Self::Store { set, .. } => {
                let address = StoreAddress::parse(&value.to_string_lossy());
                let address = address.map_err(|wrong| format!("{}; {wrong}", self.must_be()))?;
                set(settings, Some(address));
            }
            Self::List { set, .. } => {
                let items = value.to_str().and_then(split_list).ok_or_else(|| self.must_be())?;
                set(settings, &items).map_err(|wrong| {
                    let has_secret = self.may_hold_secret(value);
                    if has_secret { self.must_be() } else { format!("{}; {wrong}", self.must_be()) }
                })?;
            }
            _ => value
                .to_str()
                .and_then(|text| self.apply_text(text, settings))
                .ok_or_else(|| self.must_be())?,
        }
        Ok(fingerprint)
    }

    fn must_be(&self) -> String {
        format!("must be {}", self.allowed())
    }

    /// How to come by a value that is allowed.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Secret { form, .. } => form.hint().map(str::to_owned),
            Self::Store { .. } => Some(StoreAddress::HINT.to_owned()),
            _ => None,
        }
    }

    /// Whether its values are secrets.
    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Secret { .. })
    }

    /// Whether the value names a file that holds a secret or a key.
    pub(super) fn is_file_of_keys(&self) -> bool {
        matches!(self, Self::SecretFile { .. } | Self::PublicKeyFile { .. } | Self::CertificatesFile { .. })
    }

    /// Whether there can be several values in one, which need not be quoted in a `.env` file.
    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List { .. } | Self::RateLimits { .. })
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
            Self::Port { set } => set(settings, text.parse().ok()?),
            Self::UsDollars { set } => {
                set(settings, text.parse().ok().filter(|usd: &f64| usd.is_finite() && *usd > 0.0)?);
            }
            Self::Seconds { min, max, set } => {
                let limits = Duration::from_secs((*min).into())..=Duration::from_secs((*max).into());
                set(settings, parse_duration(text).filter(|duration| limits.contains(duration))?);
            }
            Self::Milliseconds { min, max, set } => {
                let limits = Duration::from_millis((*min).into())..=Duration::from_millis((*max).into());
                set(settings, parse_milliseconds(text).filter(|duration| limits.contains(duration))?);
            }
            Self::Switch { set } => set(settings, switch(text)?),
            Self::Choice(choices) => {
                let choice = choices.iter().find(|choice| choice.word.eq_ignore_ascii_case(text))?;
                (choice.set)(settings);
            }
            Self::Text { check, set, .. } => set(settings, check(text).then(|| text.to_owned())?),
            Self::Url { set } => set(settings, http_url(text)?),
            Self::RateLimits { set } => set(settings, RateLimit::parse_list(text)?),
            Self::Secret { form, set } => set(settings, form.secret(text)?),
            Self::List { .. }
            | Self::Path { .. }
            | Self::Store { .. }
            | Self::SecretFile { .. }
            | Self::PublicKeyFile { .. }
            | Self::CertificatesFile { .. } => return None,
        }
        Some(())
    }

    /// Whether `value`, right or wrong, may have a secret in it.
    pub(super) fn may_hold_secret(&self, value: &OsStr) -> bool {
        let text = value.to_string_lossy();
        match self {
            Self::Secret { .. } => true,
            // A password before the @, or a key in the query.
            Self::Url { .. } | Self::Store { .. } if text.contains(['@', '?']) => true,
            // A password alone, where its URL belongs.
            Self::Store { .. } if !text.contains("://") => true,
            // A secret where the path of its file belongs.
            Self::SecretFile { form: SecretForm::Signing, .. } if !looks_like_path(&text) => true,
            // A key that was put into the wrong variable, or such a URL; or a line that the next has run into.
            _ => {
                text.starts_with("sk-")
                    || holds_secret(&text)
                    || (text.contains("://") && text.contains(['@', '?']))
                    || ["_KEY", "_TOKEN"].iter().any(|name| text.contains(name))
            }
        }
    }
}

/// Whether it is rather a path than a secret. Secrets are long, and of letters and digits first.
fn looks_like_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~']) || SecretForm::Signing.secret(text).is_none()
}

/// A bare number is whole milliseconds; otherwise as [`parse_duration`].
fn parse_milliseconds(text: &str) -> Option<Duration> {
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.parse().ok().map(Duration::from_millis);
    }
    parse_duration(text)
}

/// Yes or no, in any of the usual words.
pub(super) fn switch(text: &str) -> Option<bool> {
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
