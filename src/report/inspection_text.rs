//! What was found of a token, for people. Whoever wrote the token chose its words: they are shown as JSON
//! without any character that a terminal obeys.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::json::{Layout, render};
use super::wire::InspectionReport;

/// The claims that have a line of their own, each with what it is called.
const OWN_LINES: [(&str, &str); 6] = [
    ("sub", "subject"),
    ("iss", "issuer"),
    ("aud", "audience"),
    ("iat", "issued"),
    ("nbf", "not before"),
    ("exp", "expires"),
];

/// The report as lines of text; times are told from `now`.
#[must_use]
pub fn inspection_text(report: &InspectionReport, now: Timestamp) -> String {
    let mut text = if report.valid {
        "valid\n\n".to_owned()
    } else {
        format!("not valid: {}\n\nWhat it says, unverified:\n\n", report.message)
    };
    let algorithm = report.header.as_ref().map(|header| match header.get("alg") {
        Some(algorithm) => json(algorithm),
        None => "none is named".to_owned(),
    });
    text.push_str(&line("algorithm", &algorithm.unwrap_or_else(|| "its header can't be read".to_owned())));
    match &report.claims {
        Some(claims) => text.push_str(&claim_lines(report, claims, now)),
        None => text.push_str(&line("claims", "they can't be read")),
    }
    text
}

fn claim_lines(report: &InspectionReport, claims: &Map<String, Value>, now: Timestamp) -> String {
    let mut lines = String::new();
    for (claim, called) in OWN_LINES {
        let time = match claim {
            "iat" => report.issued_at,
            "nbf" => report.not_before,
            "exp" => report.expires_at,
            _ => None,
        };
        let value = match (claims.get(claim), time) {
            (_, Some(time)) => format!("{time}, {}", from_now(time, now)),
            (Some(value), None) => json(value),
            (None, None) if claim == "exp" => "never".to_owned(),
            (None, None) => continue,
        };
        lines.push_str(&line(called, &value));
    }
    let others: Vec<_> =
        claims.iter().filter(|(name, _)| OWN_LINES.iter().all(|(own, _)| own != name)).collect();
    if !others.is_empty() {
        lines.push_str("\nFurther claims:\n\n");
    }
    for (name, value) in others {
        lines.push_str(&format!("{}: {}\n", json(name), json(value)));
    }
    lines
}

fn line(called: &str, value: &str) -> String {
    format!("{called:<12}{value}\n")
}

/// A value as JSON on one line.
fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // Neither a string nor a JSON value can fail to be written.
    render(&value, Layout::Line).unwrap_or_default().trim_end().to_owned()
}

/// `in 23h 59m`, `2d 4h ago`, `now`: the two largest units.
fn from_now(time: Timestamp, now: Timestamp) -> String {
    let seconds = time.as_second().saturating_sub(now.as_second());
    let mut left = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        let count = left / length;
        left %= length;
        // After the largest unit comes the next smaller one, though there be none of it.
        if count > 0 || !parts.is_empty() {
            parts.push((count, unit));
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("in {}", parts.join(" ")),
        _ => format!("{} ago", parts.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn text(failure: Option<(&str, String)>, header: Value, claims: Value) -> String {
        let object = |value: Value| match value {
            Value::Object(members) => Some(members),
            _ => None,
        };
        let report = InspectionReport::new(failure, object(header), object(claims), Vec::new());
        inspection_text(&report, Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn a_valid_token_is_shown_with_its_times_and_its_further_claims_apart() {
        let claims = json!({
            "sub": "alice", "iat": NOW - 65, "exp": NOW + 86_400, "iss": "us", "aud": ["this", "that"],
            "team": "search", "expires": "never",
        });
        insta::assert_snapshot!(text(None, json!({"typ": "JWT", "alg": "HS256"}), claims), @r#"
        valid

        algorithm   "HS256"
        subject     "alice"
        issuer      "us"
        audience    ["this","that"]
        issued      2027-01-15T07:58:55Z, 1m 5s ago
        expires     2027-01-16T08:00:00Z, in 1d

        Further claims:

        "team": "search"
        "expires": "never"
        "#);
    }

    #[test]
    fn what_an_invalid_token_says_is_said_to_be_unverified() {
        let failure = || Some(("signature", "The signature is not valid.".to_owned()));
        let claims = json!({"sub": 5, "nbf": "soon"});
        insta::assert_snapshot!(text(failure(), json!({}), claims), @r#"
        not valid: The signature is not valid.

        What it says, unverified:

        algorithm   none is named
        subject     5
        not before  "soon"
        expires     never
        "#);
        insta::assert_snapshot!(text(failure(), Value::Null, Value::Null), @r"
        not valid: The signature is not valid.

        What it says, unverified:

        algorithm   its header can't be read
        claims      they can't be read
        ");
    }

    #[test]
    fn no_word_of_a_token_reaches_the_terminal_raw() {
        let evil = "a\u{1b}[2J\nvalid\r\u{9b}31m\u{202e}\u{7f}\0";
        let claims = json!({"sub": evil, "exp": evil, evil: {evil: [evil]}});
        let shown = text(None, json!({"alg": evil}), claims);
        assert!(shown.chars().all(|c| !c.is_control() || c == '\n'), "{shown:?}");
        assert!(!shown.contains('\u{202e}'), "{shown:?}");
        assert_eq!(shown.matches("\nvalid").count(), 0, "{shown}");
    }

    #[test]
    fn times_are_told_in_the_two_largest_units() {
        let now = Timestamp::from_second(NOW).unwrap();
        for (seconds, expected) in [
            (0, "now"),
            (1, "in 1s"),
            (-59, "59s ago"),
            (3_600, "in 1h"),
            (3_605, "in 1h"),
            (-3_660, "1h 1m ago"),
            (86_399, "in 23h 59m"),
            (90_000, "in 1d 1h"),
            (-864_000, "10d ago"),
        ] {
            assert_eq!(from_now(Timestamp::from_second(NOW + seconds).unwrap(), now), expected);
        }
    }
}
