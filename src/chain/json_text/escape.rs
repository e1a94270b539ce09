//! One JSON string escape, read byte by byte: `\n`, `\u00e9`, or the two halves of a surrogate pair.
//!
//! It must not let a lone surrogate pass, since no `char` could stand for it.

use std::ops::RangeInclusive;

const HIGH_SURROGATES: RangeInclusive<u16> = 0xD800..=0xDBFF;
const LOW_SURROGATES: RangeInclusive<u16> = 0xDC00..=0xDFFF;

/// How much of an escape has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// The backslash.
    Backslash,
    /// So many digits after `\u`, worth `unit`; `high` is the first half of a pair.
    Digits { count: u8, unit: u16, high: Option<u16> },
    /// The first half of a pair, whose second must follow.
    High(u16),
    /// The same, and the second's backslash.
    HighBackslash(u16),
}

/// What a byte did to an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// There is more to read.
    More(Escape),
    /// The escape is complete.
    Char(char),
    /// This is no escape of JSON.
    Illegal,
}

impl Escape {
    pub(super) fn push(self, byte: u8) -> Step {
        match (self, byte) {
            (Self::Backslash, b'u') => Step::More(Self::Digits { count: 0, unit: 0, high: None }),
            (Self::Backslash, letter) => short(letter).map_or(Step::Illegal, Step::Char),
            (Self::Digits { count, unit, high }, digit) => match hex(digit) {
                // Four digits of four bits each fill the unit exactly.
                Some(value) => Self::digits(count + 1, (unit << 4) | value, high),
                None => Step::Illegal,
            },
            (Self::High(high), b'\\') => Step::More(Self::HighBackslash(high)),
            (Self::HighBackslash(high), b'u') => {
                Step::More(Self::Digits { count: 0, unit: 0, high: Some(high) })
            }
            (Self::High(_) | Self::HighBackslash(_), _) => Step::Illegal,
        }
    }

    fn digits(count: u8, unit: u16, high: Option<u16>) -> Step {
        if count < 4 {
            return Step::More(Self::Digits { count, unit, high });
        }
        match high {
            Some(high) if LOW_SURROGATES.contains(&unit) => decode(&[high, unit]),
            Some(_) => Step::Illegal,
            None if HIGH_SURROGATES.contains(&unit) => Step::More(Self::High(unit)),
            None => decode(&[unit]),
        }
    }
}

fn hex(digit: u8) -> Option<u16> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}

/// The character of one or two UTF-16 units; a lone surrogate is illegal.
fn decode(units: &[u16]) -> Step {
    match char::decode_utf16(units.iter().copied()).next() {
        Some(Ok(char)) => Step::Char(char),
        Some(Err(_)) | None => Step::Illegal,
    }
}

/// The character of an escape of two bytes, by its second.
pub(super) fn short(letter: u8) -> Option<char> {
    Some(match letter {
        b'"' | b'\\' | b'/' => char::from(letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(escape: &str) -> Step {
        let mut step = Step::More(Escape::Backslash);
        for byte in escape.bytes().skip(1) {
            let Step::More(escape) = step else { panic!("{escape:?} ends early, with {step:?}") };
            step = escape.push(byte);
        }
        step
    }

    #[test]
    fn escapes_decode_to_the_character_they_stand_for() {
        let cases = [
            (r#"\""#, '"'),
            (r"\\", '\\'),
            (r"\/", '/'),
            (r"\b", '\u{8}'),
            (r"\f", '\u{c}'),
            (r"\n", '\n'),
            (r"\r", '\r'),
            (r"\t", '\t'),
            (r"\u0000", '\0'),
            (r"\u00e9", 'é'),
            (r"\uFfFf", '\u{ffff}'),
            (r"\ud7ff", '\u{d7ff}'),
            (r"\ue000", '\u{e000}'),
            (r"\ud83d\ude00", '😀'),
            (r"\uD800\uDC00", '\u{10000}'),
            (r"\udbff\udfff", '\u{10ffff}'),
        ];
        for (escape, expected) in cases {
            assert_eq!(read(escape), Step::Char(expected), "{escape}");
        }
    }

    #[test]
    fn whatever_is_no_escape_is_illegal_at_its_first_wrong_byte() {
        let cases = [
            r"\x",
            r"\U",
            r"\'",
            "\\\n",
            r"\ug",
            r"\u00-",
            r"\u000 ",
            r"\udc00",
            r"\udfff",
            r"\ud83dx",
            r#"\ud83d""#,
            r"\ud83d\n",
            r"\ud83d\u0041",
            r"\ud83d\ud83d",
        ];
        for escape in cases {
            assert_eq!(read(escape), Step::Illegal, "{escape}");
        }
    }
}
