//! The value of `--claim`.

use std::str::FromStr;

use serde_json::Value;

use crate::cli::parsers::assignment;

/// A further claim of a token. It is none of those that the program sets itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl FromStr for Claim {
    type Err = String;

    /// `name=value`, where the value is JSON if it can be read as JSON, and else a string.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = assignment(text)?;
        if let Some(instead) = set_otherwise(&name) {
            return Err(format!("{name} {instead}"));
        }
        let value = match serde_json::from_str(&value) {
            Ok(number @ Value::Number(_)) if is_rounded(&number, &value) => {
                return Err(format!("the number would be rounded: write it as a string, {name}='\"…\"'"));
            }
            Ok(json) => json,
            Err(_) => Value::String(value),
        };
        if name == "nbf" && !is_time(&value) {
            return Err("nbf must be a number of seconds since 1970, up to the year 9999".to_owned());
        }
        Ok(Self { name, value })
    }
}

/// How a claim is set that isn't a further one.
fn set_otherwise(name: &str) -> Option<&'static str> {
    match name {
        "sub" => Some("is set by --subject"),
        "exp" => Some("is set by --expires-in"),
        "iss" => Some("is set by --issuer"),
        "aud" => Some("is set by --audience"),
        "iat" => Some("is the time at which the token is made, and can't be set"),
        _ => None,
    }
}

/// Whether a whole number, an id perhaps, is too large to be kept as it was written.
fn is_rounded(number: &Value, text: &str) -> bool {
    number.is_f64() && text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit())
}

/// Milliseconds, a frequent mistake, are beyond the last second.
fn is_time(value: &Value) -> bool {
    let last = 253_402_207_200.0;
    value.as_f64().is_some_and(|seconds| (0.0..=last).contains(&seconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_json_where_it_can_be_and_else_a_string() {
        for (text, value) in [
            ("x=search", json!("search")),
            ("x=\"5\"", json!("5")),
            ("x=5", json!(5)),
            ("x=-0.5", json!(-0.5)),
            ("x=true", json!(true)),
            ("x=null", json!(null)),
            ("x=[\"a\", 1]", json!(["a", 1])),
            ("x={\"a\":{}}", json!({"a": {}})),
            ("x=", json!("")),
            ("x=a=b", json!("a=b")),
            ("x={a}", json!("{a}")),
            ("x=007", json!("007")),
            ("x=18446744073709551615", json!(u64::MAX)),
        ] {
            assert_eq!(text.parse(), Ok(Claim { name: "x".to_owned(), value }), "{text}");
        }
    }

    #[test]
    fn a_claim_that_a_flag_sets_is_refused_with_the_flag() {
        for (name, flag) in
            [("sub", "--subject"), ("exp", "--expires-in"), ("iss", "--issuer"), ("aud", "--audience")]
        {
            let refused = format!("{name}=1").parse::<Claim>().unwrap_err();
            assert_eq!(refused, format!("{name} is set by {flag}"));
        }
        assert!("iat=1".parse::<Claim>().unwrap_err().contains("can't be set"));
    }

    #[test]
    fn nbf_is_a_time() {
        for good in ["nbf=0", "nbf=1800000000", "nbf=1800000000.5", "nbf=253402207200"] {
            assert!(good.parse::<Claim>().is_ok(), "{good}");
        }
        for bad in ["nbf=tomorrow", "nbf=\"1800000000\"", "nbf=-1", "nbf=null", "nbf=1800000000000"] {
            assert!(bad.parse::<Claim>().unwrap_err().contains("since 1970"), "{bad}");
        }
    }

    #[test]
    fn what_is_no_assignment_or_would_be_rounded_is_refused() {
        for bad in ["x", "=1", " =1", "x=18446744073709551616", "x=-99999999999999999999"] {
            assert!(bad.parse::<Claim>().is_err(), "{bad}");
        }
    }
}
