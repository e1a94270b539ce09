//! What a token that is made claims, in the order in which it is read.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::cli::SignArgs;
use crate::error::{Error, ErrorCode};
use crate::settings::Jwt;

/// What a token claims.
pub(super) struct Claims {
    pub(super) members: Map<String, Value>,
    pub(super) expires: Option<Timestamp>,
    /// When it begins to be valid: now, or at its `nbf`.
    pub(super) valid_from: SystemTime,
}

impl Claims {
    /// The claims of a token that is made at that time.
    pub(super) fn new(args: &SignArgs, jwt: &Jwt, now: Timestamp) -> Result<Self, Error> {
        // A token knows no fractions of a second.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let expires = args.expires_in.map(|time| expiry(now, time)).transpose()?;
        let mut members = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        set("sub", Some(args.subject.trim().into()));
        set("iat", Some(now.as_second().into()));
        set("exp", expires.map(|time| time.as_second().into()));
        set("iss", jwt.issuer.clone().map(Value::String));
        set("aud", jwt.audience.clone().map(Value::String));
        for claim in &args.claims {
            if members.insert(claim.name.clone(), claim.value.clone()).is_some() {
                let message = format!("--claim {} is given twice", claim.name);
                return Err(Error::new(ErrorCode::Usage, message)
                    .hint("several values can be a list: --claim 'NAME=[\"a\",\"b\"]'"));
            }
        }
        let not_before = members.get("nbf").and_then(Value::as_f64);
        Ok(Self { members, expires, valid_from: valid_from(now, not_before) })
    }
}

/// A part of a second is a whole one: what has to expire must not have expired from the beginning.
fn expiry(now: Timestamp, time: Duration) -> Result<Timestamp, Error> {
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    let time = i64::try_from(seconds).ok().map(SignedDuration::from_secs);
    time.and_then(|time| now.checked_add(time).ok()).ok_or_else(|| {
        Error::new(ErrorCode::Usage, "--expires-in reaches beyond the year 9999")
            .hint("without --expires-in the token never expires")
    })
}

fn valid_from(now: Timestamp, not_before: Option<f64>) -> SystemTime {
    let not_before = not_before.and_then(|seconds| Duration::try_from_secs_f64(seconds.ceil()).ok());
    let not_before = not_before.and_then(|time| SystemTime::UNIX_EPOCH.checked_add(time));
    not_before.map_or(now.into(), |not_before| not_before.max(now.into()))
}
