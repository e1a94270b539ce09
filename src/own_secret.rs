//! Where a client's own secret stands in what others wrote: as it is, or escaped as JSON does it, also
//! several times over, because a gateway that quotes it may do so in JSON within JSON; in what people are told, also
//! disguised or in part. Every client that tells what it was answered asks here first.

mod disguise;

use std::ops::Range;

use memchr::memchr2;
use secrecy::{ExposeSecret, SecretString};

use disguise::find_disguised;

/// What stands in a secret's place.
pub const SECRET_PLACEHOLDER: &str = "[secret]";

/// Digits of `\u002f`.
const HEX_DIGITS: usize = 4;

/// `text` without any of `secrets`, also if it is split by what isn't seen, percent-encoded, in hex or in base64;
/// and without any twelve characters in a row of one, beyond what all keys begin with.
#[must_use]
pub fn without_secrets<'a>(text: &str, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        let mut bytes = text.into_bytes();
        // From the last to the first, so that the earlier places stay where they are.
        for place in find_secret(secret, &bytes).into_iter().rev() {
            drop(bytes.splice(place, SECRET_PLACEHOLDER.bytes()));
        }
        // What is cut out begins and ends with whole characters.
        text = String::from_utf8_lossy(&bytes).into_owned();
        for place in find_disguised(secret.expose_secret(), &text).into_iter().rev() {
            text.replace_range(place, SECRET_PLACEHOLDER);
        }
    }
    text
}

/// Where `secret` stands in `bytes`: in order, none over another. Backslashes within it don't count, so that
/// any escape of it is it; those before it belong to it where its first character may be escaped by them.
#[must_use]
pub fn find_secret(secret: &SecretString, bytes: &[u8]) -> Vec<Range<usize>> {
    let text: String = secret.expose_secret().chars().filter(|c| *c != '\\').collect();
    let Some(first) = text.chars().next() else { return Vec::new() };
    let first_byte = first.encode_utf8(&mut [0; 4]).as_bytes().first().copied().unwrap_or_default();
    let backslashes_before = secret.expose_secret().starts_with('\\') || !first.is_alphanumeric();
    let backslashes_after = secret.expose_secret().ends_with('\\');
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = memchr2(first_byte, b'\\', rest(bytes, at)) {
        let start = at + next;
        let backslashes = leading_backslashes(rest(bytes, start));
        let body = start + backslashes;
        let Some(length) = matching(rest(bytes, body), backslashes > 0, &text) else {
            // A run of backslashes is passed over as a whole: looked at from each, it would take ages.
            at = if backslashes > 0 { body } else { start + 1 };
            continue;
        };
        let is_escape =
            backslashes > 0 && (backslashes_before || escaped(rest(bytes, body), first).is_some());
        let mut end = body + length;
        if backslashes_after {
            // An odd one escapes what follows, unless it is alone.
            let after = leading_backslashes(rest(bytes, end));
            end += if after == 1 { 1 } else { after - after % 2 };
        }
        found.push(if is_escape { start..end } else { body..end });
        at = end;
    }
    found
}

/// How many bytes at the beginning of `bytes` are `text`, however it is escaped. `is_escaped` says that a
/// backslash came before them.
fn matching(bytes: &[u8], is_escaped: bool, text: &str) -> Option<usize> {
    let (mut at, mut is_escaped) = (0, is_escaped);
    for (index, c) in text.chars().enumerate() {
        if index > 0 {
            let backslashes = leading_backslashes(rest(bytes, at));
            (at, is_escaped) = (at + backslashes, backslashes > 0);
        }
        let here = rest(bytes, at);
        at += escaped(here, c).filter(|_| is_escaped).or_else(|| plain(here, c))?;
    }
    Some(at)
}

fn plain(bytes: &[u8], c: char) -> Option<usize> {
    bytes.starts_with(c.encode_utf8(&mut [0; 4]).as_bytes()).then(|| c.len_utf8())
}

/// `u002f` for a slash; a character that takes two of them has a backslash or more between.
fn escaped(bytes: &[u8], c: char) -> Option<usize> {
    let mut at = 0;
    for (index, unit) in c.encode_utf16(&mut [0; 2]).iter().enumerate() {
        if index > 0 {
            at += Some(leading_backslashes(rest(bytes, at))).filter(|backslashes| *backslashes > 0)?;
        }
        let digits = rest(bytes, at).strip_prefix(b"u")?.get(..HEX_DIGITS)?;
        let value = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if value != *unit {
            return None;
        }
        at += 1 + HEX_DIGITS;
    }
    Some(at)
}

fn leading_backslashes(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == b'\\').count()
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn without(secret: &str, text: &str) -> String {
        without_secrets(text, [&secret.into()])
    }

    #[test]
    fn a_secret_is_found_however_it_is_escaped() {
        let secret = "CANARYkey-0123456789/abc+def";
        for escaped in [
            secret,
            r"CANARYkey-0123456789\/abc+def",
            r"CANARYkey-0123456789\\/abc+def",
            r"CANARYkey-0123456789\\\/abc+def",
            r"CANARYkey-0123456789\u002Fabc\u002bdef",
            r"CANARYkey-0123456789\\u002fabc+def",
            r"\u0043ANARYkey\u002d0123456789/abc+de\u0066",
        ] {
            assert_eq!(without(secret, &format!(r#"{{"a":"\"{escaped}\""}}"#)), r#"{"a":"\"[secret]\""}"#);
            let twice = format!("{escaped}{escaped}, \\{escaped}");
            let shown = without(secret, &twice);
            assert!(shown.starts_with("[secret][secret], ") && shown.ends_with("[secret]"), "{shown}");
        }
    }

    #[test]
    fn what_is_not_the_whole_secret_is_left_alone_if_it_is_short() {
        for text in ["secret-1234", r"secret-123\u0034", r"ecret-12u0033456789", r"\secret-12\n4567890"] {
            assert_eq!(without("secret-123456789", text), text);
        }
        assert_eq!(without(r"\\\\\\\\", r"a\\\\\\\\b"), r"a\\\\\\\\b", "backslashes alone are no secret");
    }

    #[test]
    fn a_text_full_of_backslashes_takes_no_ages() {
        // Where each were looked at from each, this would not come to an end.
        let text = "s\\".repeat(500_000) + &"\\".repeat(1_000_000);
        assert!(find_secret(&"ssssssss-0123456789".into(), text.as_bytes()).is_empty());
    }

    proptest! {
        #[test]
        fn a_secret_leaves_no_trace_in_json_within_json_and_json_stays_json(
            secret in r"[ -~]{0,4}[a-z0-9]{8,16}[ -~]{0,2}",
            depth in 0_usize..4,
        ) {
            let mut text = format!("your key {secret} is bad");
            for _ in 0..depth {
                text = Value::from(text).to_string();
            }
            let mut shown = without(&secret, &text);
            for _ in 0..depth {
                shown = serde_json::from_str(&shown).unwrap();
            }
            prop_assert_eq!(shown, "your key [secret] is bad");
        }
    }
}
