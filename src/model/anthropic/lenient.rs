//! Reads values on their own, so that no reply is lost over one that isn't what it should be: such a
//! value counts as not given. Meant for what is good to know; the reply's text isn't read so.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What can't be counted exactly by a float, and no reply has so many tokens: 2⁵³.
const MAX_FLOAT_COUNT: f64 = 9_007_199_254_740_992.0;

/// The value, if it is of that form.
pub(super) fn read_alone<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(value?.get()).ok()
}

/// The value, if it is a whole number from 0 up, perhaps written as 20.0.
pub(super) fn count(value: Option<&RawValue>) -> Option<u64> {
    let written = value?.get();
    written.parse().ok().or_else(|| {
        let number = written.parse().ok().filter(|number: &f64| number.fract() == 0.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and within the range"
        )]
        (0.0..MAX_FLOAT_COUNT).contains(&number).then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn only_whole_numbers_from_zero_up_are_counts() {
        for (json, expected) in [
            ("0", Some(0)),
            ("20", Some(20)),
            ("18446744073709551615", Some(u64::MAX)),
            ("20.0", Some(20)),
            ("2e1", Some(20)),
            ("1.5", None),
            ("-1", None),
            ("-1.0", None),
            ("1e300", None),
            ("1e999", None),
            (&"9".repeat(400), None),
            ("\"20\"", None),
            ("true", None),
            ("[]", None),
        ] {
            assert_eq!(count(Some(&raw(json))), expected, "{json}");
        }
        assert_eq!(count(None), None);
    }

    #[test]
    fn a_value_of_another_form_counts_as_not_given() {
        assert_eq!(read_alone(Some(&raw("\"word\""))), Some("word".to_owned()));
        assert_eq!(read_alone::<String>(Some(&raw("5"))), None);
        assert_eq!(read_alone::<String>(None), None);
    }
}
