//! What a token says of itself, for people who look for what is wrong with it. Nothing may be decided by
//! it: anyone can have written it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The parts of a token that can be read without any key.
#[derive(Debug, PartialEq)]
pub(super) struct Unverified {
    /// `None` if it isn't JSON in base64url, or no object; the same holds for the claims.
    pub(super) header: Option<Map<String, Value>>,
    pub(super) claims: Option<Map<String, Value>>,
}

impl Unverified {
    pub(super) fn read(token: &[u8]) -> Self {
        let mut parts = token.split(|byte| *byte == b'.');
        Self { header: parts.next().and_then(object), claims: parts.next().and_then(object) }
    }
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: &str) -> (bool, bool) {
        let read = Unverified::read(token.as_bytes());
        (read.header.is_some(), read.claims.is_some())
    }

    #[test]
    fn each_part_is_read_as_far_as_it_can_be() {
        let good = "eyJhIjoxfQ";
        for (token, expected) in [
            (format!("{good}.{good}.x"), (true, true)),
            (format!("{good}.{good}"), (true, true)),
            (good.to_owned(), (true, false)),
            (format!("{good}.x.x"), (true, false)),
            (format!("x.{good}.x"), (false, true)),
            // An array, a number, and what isn't base64url.
            (format!("WzFd.{good}."), (false, true)),
            (format!("MQ.{good}="), (false, false)),
            (String::new(), (false, false)),
        ] {
            assert_eq!(read(&token), expected, "{token}");
        }
    }
}
