//! Makes what a collector says fit to be told: on one line, not too long, and without the headers that it was sent,
//! which some gateways quote.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::OtlpConfig;
use crate::own_secret::without_secrets;

/// The most characters that are told.
const MAX_TOLD: usize = 200;

/// A shorter value is no secret, and taking it out would tear ordinary words.
const MIN_SECRET_BYTES: usize = 8;

/// Makes what a collector says fit to be told.
#[derive(Debug, Clone)]
pub(super) struct CollectorWords {
    /// The values of headers, the longest first.
    secrets: Vec<SecretString>,
}

impl CollectorWords {
    pub(super) fn of(config: &OtlpConfig) -> Self {
        let values = config.headers.iter().flat_map(|(_, value)| forms(value.expose_secret()));
        let mut secrets: Vec<String> = values.filter(|secret| secret.len() >= MIN_SECRET_BYTES).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets: secrets.into_iter().map(SecretString::from).collect() }
    }

    /// The beginning of `text`.
    pub(super) fn told(&self, text: &str) -> String {
        let text = without_secrets(text.trim(), &self.secrets);
        let one_line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
        one_line.take(MAX_TOLD).collect()
    }

    /// The same behind a colon; what isn't text says nothing.
    pub(super) fn behind_colon(&self, text: &str) -> String {
        if text.trim().is_empty() || text.contains([char::REPLACEMENT_CHARACTER, '\0']) {
            return String::new();
        }
        format!(": {}", self.told(text))
    }
}

/// A header's value, what stands behind its scheme, and what that is in base64: user name and password.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    if let Some((scheme, credentials)) = value.split_once(' ') {
        forms.push(credentials.to_owned());
        let basic = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(credentials).ok());
        let basic = basic.flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        forms.extend(basic.iter().filter_map(|basic| Some(basic.split_once(':')?.1.to_owned())));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::traces::otlp::{OtlpLimits, OtlpProtocol};

    fn words(headers: &[(&str, &str)]) -> CollectorWords {
        CollectorWords::of(&OtlpConfig {
            endpoint: "http://collector/".parse().unwrap(),
            protocol: OtlpProtocol::Http,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
            resource: Vec::new(),
            limits: OtlpLimits::default(),
        })
    }

    #[test]
    fn headers_that_are_quoted_are_told_of_and_not_told() {
        let words = words(&[
            ("authorization", "Basic YWRhOnMzY3JldC9wYXNz"),
            ("api-key", "key-0123456789"),
            ("team", "a"),
        ]);
        for (said, told) in [
            ("no Basic YWRhOnMzY3JldC9wYXNz", "no [secret]"),
            ("who is YWRhOnMzY3JldC9wYXNz?", "who is [secret]?"),
            (r#"{"password": "s3cret\/pass"}"#, r#"{"password": "[secret]"}"#),
            ("key-0123456789 of team a\nis bad", "[secret] of team a is bad"),
        ] {
            assert_eq!(words.told(said), told);
        }
        assert_eq!(words.behind_colon(" no\u{1b} "), ": no ");
        assert_eq!(words.behind_colon("\0\u{1}"), "");
    }

    #[test]
    fn a_secret_at_the_end_of_what_is_told_is_not_cut_in_half() {
        let words = words(&[("api-key", "key-0123456789")]);
        let told = words.told(&format!("{}key-0123456789", "x".repeat(195)));
        assert_eq!(told, format!("{}[secr", "x".repeat(195)));
    }
}
