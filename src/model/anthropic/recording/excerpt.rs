//! Short pieces of long values: enough to see where two of them part.

use serde_json::Value;

/// The most characters of a value that are shown.
const MAX_CHARS: usize = 60;
/// How many of them come before the place where two texts part.
const BEFORE: usize = 20;

/// So many hexadecimal digits are a digest: it follows from other text, and differs wherever that does.
const MIN_DIGEST_CHARS: usize = 8;

/// Both values, cut to where they differ.
pub(super) fn excerpts(one: &Value, other: &Value) -> (String, String) {
    if let (Value::String(one), Value::String(other)) = (one, other) {
        let (in_one, in_other) = parting(one, other);
        return (quoted(one, in_one.saturating_sub(BEFORE)), quoted(other, in_other.saturating_sub(BEFORE)));
    }
    (shown(one), shown(other))
}

/// A value's beginning.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text, 0),
        other => cut(&other.to_string(), 0),
    }
}

/// Where two texts part, in characters of each. Digests are passed over, unless nothing else differs.
fn parting(one: &str, other: &str) -> (usize, usize) {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (mut in_one, mut in_other) = (0, 0);
    while let (Some(a), Some(b)) = (one.get(in_one), other.get(in_other)) {
        let digests = (digest(&one, in_one), digest(&other, in_other));
        if digests.0 > 0 && digests.1 > 0 {
            in_one += digests.0;
            in_other += digests.1;
        } else if a == b {
            in_one += 1;
            in_other += 1;
        } else {
            return (in_one, in_other);
        }
    }
    if in_one < one.len() || in_other < other.len() {
        return (in_one, in_other);
    }
    let common = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    (common, common)
}

/// How long the digest is that begins there; 0 if none does.
fn digest(text: &[char], start: usize) -> usize {
    let is_within =
        start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(char::is_ascii_alphanumeric);
    let digits = text.iter().skip(start).take_while(|c| matches!(c, '0'..='9' | 'a'..='f')).count();
    if is_within || digits < MIN_DIGEST_CHARS { 0 } else { digits }
}

fn quoted(text: &str, skipped: usize) -> String {
    // Line breaks and quotation marks as JSON has them.
    Value::String(cut(text, skipped)).to_string()
}

fn cut(text: &str, skipped: usize) -> String {
    let before = if skipped > 0 { "…" } else { "" };
    let mut rest = text.chars().skip(skipped);
    let shown: String = rest.by_ref().take(MAX_CHARS).collect();
    let after = if rest.next().is_some() { "…" } else { "" };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_texts_are_shown_where_they_part() {
        let common = "ä".repeat(100);
        let one = json!(format!("{common}One{}", "z".repeat(100)));
        let (one, other) = excerpts(&one, &json!(format!("{common}\nOther")));
        assert_eq!(one, format!("\"…{}One{}…\"", "ä".repeat(20), "z".repeat(37)));
        assert_eq!(other, format!("\"…{}\\nOther\"", "ä".repeat(20)));
    }

    #[test]
    fn digests_are_passed_over_unless_nothing_else_differs() {
        let text = |digest: &str, word: &str| json!(format!("<request-{digest}>\nSay {word}, and no more"));
        let (one, other) = excerpts(&text("0123456789ab", "hello"), &text("ba9876543210", "goodbye"));
        assert!(one.contains("Say hello"), "{one}");
        assert!(other.contains("Say goodbye"), "{other}");
        let (one, other) = excerpts(&text("0123456789ab", "hello"), &text("0123456789ac", "hello"));
        assert_ne!(one, other);
    }

    #[test]
    fn what_differs_is_shown_however_far_behind_the_digests_it_stands() {
        let far = "ä".repeat(200);
        let text =
            |digests: [&str; 2], word: &str| json!(format!("<{}>{far}<{}>{word}", digests[0], digests[1]));
        let digests = [["01234567", "89abcdef"], ["0a1b2c3d4e", "ffffffffff"]];
        let (one, other) = excerpts(&text(digests[0], "hello"), &text(digests[1], "goodbye"));
        assert!(
            one.ends_with("<89abcdef>hello\"") && other.ends_with("<ffffffffff>goodbye\""),
            "{one} {other}"
        );
        // Where one has more text, it begins where the other ends.
        let (one, other) = excerpts(&text(digests[0], "more"), &text(digests[1], ""));
        assert!(one.ends_with("<89abcdef>more\"") && other.ends_with("<ffffffffff>\""), "{one} {other}");
        let (one, other) = excerpts(&text(digests[0], ""), &text(digests[1], "more"));
        assert!(one.ends_with("<89abcdef>\"") && other.ends_with("<ffffffffff>more\""), "{one} {other}");
    }

    #[test]
    fn a_digest_has_eight_digits_and_begins_a_word() {
        let far = "ä".repeat(200);
        for (one, other) in [("0123456", "1234567"), ("x01234567", "x12345678")] {
            let (one, other) =
                excerpts(&json!(format!("{one}{far}hello")), &json!(format!("{other}{far}goodbye")));
            assert!(!one.contains("hello") && !other.contains("goodbye"), "{one} {other}");
        }
    }

    #[test]
    fn a_digest_in_one_of_two_texts_is_where_they_part() {
        let far = "ä".repeat(200);
        let (digest, word) = (json!(format!("{far}<01234567>{far}")), json!(format!("{far}<word>{far}")));
        let (second, first) = excerpts(&word, &digest);
        for (one, other) in [excerpts(&digest, &word), (first, second)] {
            assert!(one.starts_with(&format!("\"…{}<01234567>ä", "ä".repeat(19))), "{one}");
            assert!(other.starts_with(&format!("\"…{}<word>ä", "ä".repeat(19))), "{other}");
        }
    }

    #[test]
    fn digests_that_alone_differ_are_shown_where_they_do() {
        let far = "ä".repeat(200);
        let text = |digest: &str| json!(format!("{far}<{digest}>"));
        let (one, other) = excerpts(&text("0123456789ab"), &text("0123456789ac"));
        assert_eq!(one, format!("\"…{}<0123456789ab>\"", "ä".repeat(8)));
        assert_eq!(other, format!("\"…{}<0123456789ac>\"", "ä".repeat(8)));
    }

    #[test]
    fn other_values_are_shown_from_their_beginning() {
        assert_eq!(excerpts(&json!(10), &json!("10")), ("10".to_owned(), "\"10\"".to_owned()));
        let long = json!(vec![1000; 100]);
        assert_eq!(shown(&long).chars().count(), MAX_CHARS + 1);
    }
}
