//! What was found of a token: whether it is valid, and what it says.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::WIRE_VERSION;

/// What was found of a token.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Inspection of a token")]
pub struct InspectionReport {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// Whether a server with the same settings accepts it. If not, nothing of what follows is to be trusted.
    pub valid: bool,
    /// Why it is not valid, in one stable word, as in the server's log; `null` if it is.
    pub reason: Option<String>,
    /// The same for people, as the server says it.
    pub message: String,
    /// The algorithm that its header names; `null` if it names none.
    pub algorithm: Option<String>,
    /// Its header; `null` if it can't be read.
    pub header: Option<Map<String, Value>>,
    /// What it claims; `null` if that can't be read.
    pub claims: Option<Map<String, Value>>,
    /// Its `iat` in RFC 3339; `null` if there is none, or it is no time.
    #[schemars(with = "Option<String>")]
    pub issued_at: Option<Timestamp>,
    /// Its `exp` in RFC 3339; `null` if there is none, or it is no time.
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Timestamp>,
    /// Its `nbf` in RFC 3339; `null` if there is none, or it is no time.
    #[schemars(with = "Option<String>")]
    pub not_before: Option<Timestamp>,
    /// What should be known of the settings that it was verified with.
    pub warnings: Vec<String>,
}

impl InspectionReport {
    /// The report of a token that says this. `failure` is why it isn't valid: a word, and a text for people.
    #[must_use]
    pub fn new(
        failure: Option<(&str, String)>,
        header: Option<Map<String, Value>>,
        claims: Option<Map<String, Value>>,
        warnings: Vec<String>,
    ) -> Self {
        let (reason, message) = failure.unzip();
        let time = |name| claims.as_ref().and_then(|claims| time(claims.get(name)?));
        Self {
            version: WIRE_VERSION,
            valid: reason.is_none(),
            reason: reason.map(str::to_owned),
            message: message.unwrap_or_else(|| "The token is valid.".to_owned()),
            algorithm: header.as_ref().and_then(|header| Some(header.get("alg")?.as_str()?.to_owned())),
            issued_at: time("iat"),
            expires_at: time("exp"),
            not_before: time("nbf"),
            header,
            claims,
            warnings,
        }
    }
}

/// The time that seconds since 1970, not necessarily whole, stand for; `None` if they stand for none.
fn time(seconds: &Value) -> Option<Timestamp> {
    if let Some(whole) = seconds.as_i64() {
        return Timestamp::from_second(whole).ok();
    }
    Timestamp::from_duration(jiff::SignedDuration::try_from_secs_f64(seconds.as_f64()?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_a_time_is_shown_as_one() {
        let check = |value: Value, expected: Option<&str>| {
            assert_eq!(time(&value).map(|time| time.to_string()).as_deref(), expected, "{value}");
        };
        check(json!(0), Some("1970-01-01T00:00:00Z"));
        check(json!(1_800_000_000.5), Some("2027-01-15T08:00:00.5Z"));
        check(json!(-1), Some("1969-12-31T23:59:59Z"));
        for no_time in
            [json!(1e300), json!(u64::MAX), json!(i64::MIN), json!("0"), json!(null), json!([]), json!(true)]
        {
            check(no_time, None);
        }
    }
}
