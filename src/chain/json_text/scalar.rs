//! Numbers, `true`, `false` and `null`, checked byte by byte.
//!
//! Their values are of no interest here, only whether they are JSON and where they end.

/// How much of a number or a word has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A word; the bytes still to come.
    Word(&'static [u8]),
    /// `-`
    Minus,
    /// A leading zero, after which no digit may follow.
    Zero,
    /// Digits before the point.
    Whole,
    /// The point.
    Point,
    /// Digits after the point.
    Fraction,
    /// `e` or `E`
    Exponent,
    /// The exponent's sign.
    ExponentSign,
    /// The exponent's digits.
    ExponentDigits,
}

/// What a byte did to a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It belongs to the scalar.
    More(Scalar),
    /// The scalar ended before it.
    Ended,
    /// The scalar can't end or go on like this.
    Illegal,
}

impl Scalar {
    /// The scalar that begins with `byte`, if one does.
    pub(super) fn begin(byte: u8) -> Option<Self> {
        Some(match byte {
            b't' => Self::Word(b"rue"),
            b'f' => Self::Word(b"alse"),
            b'n' => Self::Word(b"ull"),
            b'-' => Self::Minus,
            b'0' => Self::Zero,
            b'1'..=b'9' => Self::Whole,
            _ => return None,
        })
    }

    pub(super) fn push(self, byte: u8) -> Step {
        let more = match (self, byte) {
            (Self::Word([next, rest @ ..]), _) if *next == byte => Self::Word(rest),
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus, b'1'..=b'9') | (Self::Whole, b'0'..=b'9') => Self::Whole,
            (Self::Zero | Self::Whole, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::ExponentSign,
            (Self::Exponent | Self::ExponentSign | Self::ExponentDigits, b'0'..=b'9') => Self::ExponentDigits,
            _ if self.may_end() => return Step::Ended,
            _ => return Step::Illegal,
        };
        Step::More(more)
    }

    fn may_end(self) -> bool {
        matches!(self, Self::Word([]) | Self::Zero | Self::Whole | Self::Fraction | Self::ExponentDigits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Whether the whole of `text` is one scalar, when a comma follows.
    fn is_scalar(text: &str) -> bool {
        let mut bytes = text.bytes().chain([b',']);
        let mut step = bytes.next().and_then(Scalar::begin).map_or(Step::Illegal, Step::More);
        for byte in bytes {
            let Step::More(scalar) = step else { return false };
            step = scalar.push(byte);
        }
        step == Step::Ended
    }

    #[test]
    fn words_and_numbers_are_told_from_what_only_looks_like_them() {
        for text in ["true", "false", "null", "0", "-0", "10", "-1.50", "1e5", "0E+00", "2.5e-10"] {
            assert!(is_scalar(text), "{text}");
        }
        for text in [
            "", "tru", "truee", "True", "nul", "-", "01", "-01", ".5", "1.", "1.e5", "1e", "1e+", "+1", "0x1",
        ] {
            assert!(!is_scalar(text), "{text}");
        }
    }

    proptest! {
        #[test]
        // With more characters, something could follow a number that `serde_json` finds too large.
        fn what_counts_as_a_scalar_is_what_serde_json_accepts(text in "[-+.eE0-9]{1,5}|[truefalsn]{4,5}") {
            let accepted = match serde_json::from_str::<Value>(&text) {
                Ok(_) => true,
                Err(error) => error.to_string().contains("out of range"),
            };
            prop_assert_eq!(is_scalar(&text), accepted);
        }
    }
}
