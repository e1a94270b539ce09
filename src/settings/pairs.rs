//! Names and values in one text, as OpenTelemetry's variables have them: `name=value,name=value`.

use percent_encoding::percent_decode_str;

/// What is allowed, in words.
pub(super) const PAIRS: &str = "name=value, several joined by commas, values percent-encoded";

/// The pairs in `text`; `None` if something in it is none.
pub(super) fn parse_pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), percent_decode_str(value.trim()).decode_utf8().ok()?);
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        (is_name && !value.contains(char::is_control)).then(|| (name.to_owned(), value.into_owned()))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_joined_by_commas_and_their_values_percent_encoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (text, pairs) in [
            ("a=1", vec![pair("a", "1")]),
            ("a=1,b=2", vec![pair("a", "1"), pair("b", "2")]),
            (" a = 1 , b=", vec![pair("a", "1"), pair("b", "")]),
            ("authorization=Bearer%20x%3Dy,", vec![pair("authorization", "Bearer x=y")]),
            ("a=b=c", vec![pair("a", "b=c")]),
        ] {
            assert_eq!(parse_pairs(text), Some(pairs), "{text}");
        }
        for wrong in ["a", "=1", "a b=1", "a=1,b", "a=%0a", "a=%ff"] {
            assert_eq!(parse_pairs(wrong), None, "{wrong}");
        }
    }
}
