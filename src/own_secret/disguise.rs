//! Where a secret stands in a text that doesn't show it as it is: split by what isn't seen, percent-encoded, in hex
//! or base64, or only a part of it. A gateway that quotes it may do any of these, and whoever reads a log can undo
//! all of them.

use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use memchr::memmem;

/// So many characters in a row, and it is a part of the secret: no text has as many by chance, and fewer are of no
/// use to anybody.
const MIN_PART: usize = 12;

/// What takes up no room when it is shown, or can't be told from room: marks of direction, joiners, variation
/// selectors, tags.
const UNSEEN: [Range<u32>; 13] = [
    0xAD..0xAE,
    0x34F..0x350,
    0x61C..0x61D,
    0x115F..0x1161,
    0x180B..0x1810,
    0x200B..0x2010,
    0x202A..0x202F,
    0x2060..0x2070,
    0x3164..0x3165,
    0xFE00..0xFE10,
    0xFEFF..0xFF00,
    0xFFF9..0xFFFC,
    0xE_0000..0xE_1000,
];

/// Where `secret` or a part of it is disguised in `text`: in order, none over another, each of whole characters.
pub(super) fn find_disguised(secret: &str, text: &str) -> Vec<Range<usize>> {
    let seen = Seen::of(text);
    let mut covered = vec![false; seen.bytes.len()];
    let as_is: Vec<u8> =
        secret.bytes().filter(|byte| *byte != b'\\' && !byte.is_ascii_whitespace()).collect();
    for form in [as_is, Seen::of(secret).bytes] {
        seen.cover_parts(&form.to_ascii_lowercase(), &mut covered);
    }
    seen.cover_hex(secret, &mut covered);
    seen.cover_base64(secret, &mut covered);
    seen.ranges(&covered)
}

/// What a reader of a text sees, byte by byte, with what is encoded decoded.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    /// In lower case.
    lower: Vec<u8>,
    /// Where in the text each byte stands, as a whole character or code.
    places: Vec<(usize, usize)>,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        let mut at = 0;
        while let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..).unwrap_or_default();
            let end = at + char.len_utf8();
            let (len, shown) = match char {
                '\u{1b}' | '\u{9b}' => (sequence(rest), None),
                '\\' => escape(rest),
                '%' => percent(rest).map_or((1, Some(char)), |byte| (3, Some(byte.into()))),
                _ => (end - at, Some(char).filter(|char| !is_unseen(*char))),
            };
            if let Some(shown) = shown {
                let code = (char == '%' && len > 1).then_some(shown).and_then(|byte| u8::try_from(byte).ok());
                match code {
                    Some(byte) => seen.push(&[byte], (at, at + len)),
                    None => seen.push(shown.encode_utf8(&mut [0; 4]).as_bytes(), (at, at + len)),
                }
            }
            at += len;
        }
        seen.lower = seen.bytes.to_ascii_lowercase();
        seen
    }

    fn push(&mut self, bytes: &[u8], place: (usize, usize)) {
        self.bytes.extend_from_slice(bytes);
        self.places.extend(bytes.iter().map(|_| place));
    }

    /// Covers `form`, and whatever is part of it.
    fn cover_parts(&self, form: &[u8], covered: &mut [bool]) {
        for start in memmem::find_iter(&self.lower, form).filter(|_| !form.is_empty()) {
            cover(covered, start..start + form.len());
        }
        let own = form.get(public_prefix(form)..).unwrap_or_default();
        let parts: HashSet<&[u8]> = own.windows(MIN_PART).collect();
        for (start, window) in self.lower.windows(MIN_PART).enumerate() {
            if parts.contains(window) {
                cover(covered, start..start + MIN_PART);
            }
        }
    }

    /// Covers the secret in hex, whatever stands between its bytes.
    fn cover_hex(&self, secret: &str, covered: &mut [bool]) {
        let hex = secret.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
        let between = |byte: u8| matches!(byte, b':' | b'-' | b',');
        let (digits, places): (Vec<u8>, Vec<usize>) = self
            .lower
            .iter()
            .enumerate()
            .filter(|(_, byte)| !between(**byte))
            .map(|(at, byte)| (*byte, at))
            .unzip();
        for start in memmem::find_iter(&digits, hex.as_bytes()).filter(|_| !hex.is_empty()) {
            let last = start + hex.len() - 1;
            if let (Some(first), Some(last)) = (places.get(start), places.get(last)) {
                cover(covered, *first..last + 1);
            }
        }
    }

    /// Covers the secret in base64, alone or within something longer, and then all of that.
    fn cover_base64(&self, secret: &str, covered: &mut [bool]) {
        for (before, own) in [(0, 0), (1, 2), (2, 3)] {
            let bytes = [&vec![0; before], secret.as_bytes()].concat();
            // What depends on its neighbours is left out.
            let whole_groups = bytes.len() / 3 * 4;
            for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
                let encoded = engine.encode(&bytes);
                let Some(form) = encoded.get(own..whole_groups).filter(|form| !form.is_empty()) else {
                    continue;
                };
                for start in memmem::find_iter(&self.bytes, form) {
                    cover(covered, self.whole_word(start..start + form.len()));
                }
            }
        }
    }

    /// The range with what is base64 beside it.
    fn whole_word(&self, range: Range<usize>) -> Range<usize> {
        let is_base64 =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
        let before = self.bytes.get(..range.start).unwrap_or_default();
        let after = self.bytes.get(range.end..).unwrap_or_default();
        let before = before.iter().rev().take_while(|byte| is_base64(**byte)).count();
        let after = after.iter().take_while(|byte| is_base64(**byte)).count();
        // Words that stand apart have become one here.
        let apart = |at: usize| matches!((self.places.get(at), self.places.get(at + 1)), (Some(a), Some(b)) if a.1 < b.0);
        let start = (range.start - before..range.start).rev().take_while(|at| !apart(*at)).last();
        let end = (range.end..range.end + after).take_while(|at| !apart(at - 1)).last();
        start.unwrap_or(range.start)..end.map_or(range.end, |last| last + 1)
    }

    /// The places in the text of what is covered.
    fn ranges(&self, covered: &[bool]) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut goes_on = false;
        for ((from, to), covered) in self.places.iter().zip(covered) {
            match ranges.last_mut() {
                Some(last) if *covered && (goes_on || *from < last.end) => last.end = (*to).max(last.end),
                _ if *covered => ranges.push(*from..*to),
                _ => {}
            }
            goes_on = *covered;
        }
        ranges
    }
}

fn cover(covered: &mut [bool], range: Range<usize>) {
    if let Some(covered) = covered.get_mut(range) {
        covered.fill(true);
    }
}

fn is_unseen(char: char) -> bool {
    char.is_whitespace() || char.is_control() || UNSEEN.iter().any(|range| range.contains(&char.into()))
}

/// The length of the terminal's control sequence at the beginning of `text`: of what could be one, and no more than
/// that, so that nothing is passed over behind one that never ends.
fn sequence(text: &str) -> usize {
    let start = if text.starts_with("\u{1b}[") || text.starts_with('\u{9b}') { 2 } else { return 1 };
    let parameters = text.bytes().skip(start).take_while(|byte| (0x20..0x40).contains(byte)).count();
    let has_end = text.as_bytes().get(start + parameters).is_some_and(|byte| (0x40..0x7f).contains(byte));
    start + parameters + usize::from(has_end)
}

/// The length of the escape at the beginning of `text`, however often it is escaped, and what it stands for.
fn escape(text: &str) -> (usize, Option<char>) {
    let backslashes = text.bytes().take_while(|byte| *byte == b'\\').count();
    let rest = text.get(backslashes..).unwrap_or_default();
    let code = || u32::from_str_radix(rest.strip_prefix('u')?.get(..4)?, 16).ok().and_then(char::from_u32);
    match rest.chars().next() {
        Some('n' | 'r' | 't' | 'b' | 'f') => (backslashes + 1, None),
        Some('u') => match code() {
            Some(char) => (backslashes + 5, Some(char).filter(|char| !is_unseen(*char))),
            None => (backslashes, None),
        },
        _ => (backslashes, None),
    }
}

/// The byte that `%2f` at the beginning of `text` stands for.
fn percent(text: &str) -> Option<u8> {
    let digits = text.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// How much of a key, in lower case, others have too: `sk-ant-api03-`, for instance.
fn public_prefix(key: &[u8]) -> usize {
    let Some(own) = key.strip_prefix(b"sk-ant-") else { return if key.starts_with(b"sk-") { 3 } else { 0 } };
    let common = key.len() - own.len();
    let letters = own.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    match own.get(letters..) {
        Some([a, b, b'-', ..]) if a.is_ascii_digit() && b.is_ascii_digit() && letters <= 8 => {
            common + letters + 3
        }
        _ => common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-ant-api03-R2d7/Qx+9_LmZk4vT-8wBnJ";

    fn shown(text: &str) -> String {
        let mut shown = text.to_owned();
        for range in find_disguised(KEY, text).into_iter().rev() {
            shown.replace_range(range, "*");
        }
        shown
    }

    #[test]
    fn a_key_is_found_whatever_that_is_not_seen_stands_within_it() {
        for within in [
            "\n",
            "\r\n\t",
            "\0",
            "\u{200b}",
            "\u{2060}\u{feff}",
            "\u{1b}[0m",
            "\u{1b}[38;5;196m",
            "\u{9b}1m",
            "\u{ad}",
            " ",
            "\\n",
            "\\u200b",
            "\\\\\\n",
            "\u{202e}",
            "\u{e0041}",
        ] {
            for at in [1, 6, 13, 20, KEY.len() - 1] {
                let (one, other) = KEY.split_at(at);
                assert_eq!(
                    shown(&format!("your key <{one}{within}{other}>.")),
                    "your key <*>.",
                    "{within:?} {at}"
                );
            }
            let everywhere: String =
                KEY.chars().flat_map(|char| [char.to_string(), within.to_owned()]).collect();
            assert_eq!(shown(&format!("key {everywhere}.")), format!("key *{within}."), "{within:?}");
        }
    }

    #[test]
    fn a_key_is_found_in_whatever_it_is_encoded() {
        let hex =
            |between: &str| KEY.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(between);
        let percent = KEY.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"));
        let mut forms = vec![hex(""), hex(" "), hex(":"), percent, KEY.to_uppercase()];
        forms
            .push(percent_encoding::utf8_percent_encode(KEY, percent_encoding::NON_ALPHANUMERIC).to_string());
        for before in ["", "u", "us", "x-api-key: "] {
            for after in ["", "\r\n"] {
                let text = format!("{before}{KEY}{after}");
                forms.push(BASE64_URL_SAFE_NO_PAD.encode(&text));
                let encoded = base64::prelude::BASE64_STANDARD.encode(&text);
                let (one, other) = encoded.split_at(30);
                forms.push(format!("{one}\n{other}"));
                forms.push(encoded);
            }
        }
        for form in forms {
            assert_eq!(shown(&format!("sent: {form} today")), "sent: * today", "{form}");
        }
    }

    #[test]
    fn twelve_characters_in_a_row_are_a_part_of_it_and_fewer_are_not() {
        for (text, expected) in [
            (&KEY[..KEY.len() - 1], "sk-ant-api03-*"),
            (&KEY[1..], "k-ant-api03-*"),
            (&KEY[13..25], "*"),
            (&KEY[13..24], &KEY[13..24]),
            (&KEY[24..], "*"),
            (&KEY[25..], &KEY[25..]),
            ("sk-ant-api03-… is how keys begin", "sk-ant-api03-… is how keys begin"),
            ("sk-ant-api03-R2d7…wBnJ", "sk-ant-api03-R2d7…wBnJ"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn what_all_keys_have_in_common_is_no_part_of_one() {
        for (key, common) in [
            ("sk-ant-api03-abc", 13),
            ("sk-ant-oat01-abc", 13),
            ("sk-ant-admin01-abc", 15),
            ("sk-ant-abcdef", 7),
            ("sk-abcdef", 3),
            ("abcdef", 0),
            ("sk-ant-", 7),
        ] {
            assert_eq!(public_prefix(key.as_bytes()), common, "{key}");
        }
    }

    #[test]
    fn a_text_that_repeats_itself_takes_no_ages() {
        let key = "ab".repeat(2000);
        let whole = find_disguised(&key, &"ab".repeat(100_000));
        assert_eq!((whole.len(), whole[0].clone()), (1, 0..200_000));
        for repeated in ["\u{1b}[", "\\", "%", "sk-ant-api03-R2d7/", "\\u00"] {
            assert!(find_disguised(KEY, &repeated.repeat(50_000)).is_empty(), "{repeated}");
        }
    }
}
