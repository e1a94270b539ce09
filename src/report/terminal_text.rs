//! Makes text that a model or an upstream wrote safe to show on a terminal: no character in it can
//! move the cursor, change colours, turn the order of others round or hide what was said.
//!
//! Text that goes into a pipe or a file isn't for this: it is passed on as it came.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with every control character but line feed and tab made visible, and every format character
/// that deceives: `␛` for escape, `\u{9b}` for a C1 character and `\u{202e}` for a change of direction,
/// which have no picture.
///
/// Each character stands for itself, so a text may be passed through in pieces.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(must_be_shown) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        push_visible(&mut shown, c);
    }
    Cow::Owned(shown)
}

/// `text` on one line, for messages: runs of white space, line feeds among them, become one space,
/// and the characters that [`visible`] shows are made visible.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            push_visible(&mut line, c);
        }
    }
    line
}

/// The same JSON with DEL, the C1 and the deceiving format characters, which JSON allows as they are, as
/// `\u` escapes: a document may be shown on a terminal, and says the same to a program.
pub(super) fn escape_controls_in_json(json: String) -> String {
    if !json.chars().any(is_raw_in_json) {
        return json;
    }
    // JSON has them nowhere but within strings.
    let mut escaped = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if is_raw_in_json(c) {
            push_json_escape(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn must_be_shown(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t' || deceives(c)
}

/// Whether it is an invisible format character that makes text look like another: what changes the
/// direction, separates without space or says something to programs only. Joiners and variation
/// selectors aren't among them: scripts and emoji need these.
fn deceives(c: char) -> bool {
    matches!(c,
        // Soft hyphen, and the marks, embeddings, overrides and isolates of the bidirectional algorithm.
        '\u{ad}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Spaces and joiners of no width, invisible operators, and the deprecated format characters.
        | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        // Line and paragraph separators.
        | '\u{2028}' | '\u{2029}'
        // Interlinear annotations, shorthand and musical controls.
        | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Tags: ASCII that only programs see.
        | '\u{e0000}'..='\u{e007f}'
    )
}

/// Those that JSON allows unescaped: all but C0.
fn is_raw_in_json(c: char) -> bool {
    c >= '\u{7f}' && must_be_shown(c)
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\u{7f}' => out.push('␡'),
        c if !must_be_shown(c) => out.push(c),
        // Unicode keeps the pictures of the C0 characters in their order from U+2400 on.
        c if c < ' ' => {
            out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        c => {
            // Writing into a string can't fail.
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
}

fn push_json_escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        // Writing into a string can't fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_instead_of_obeyed() {
        let check = |text: &str, expected: &str| assert_eq!(visible(text), expected, "{text:?}");
        check("\u{1b}[31mred\u{1b}[0m", "␛[31mred␛[0m");
        check("\u{1b}]0;title\u{7}", "␛]0;title␇");
        check("over\rwritten", "over␍written");
        check("back\u{8}space, nul\0, del\u{7f}", "back␈space, nul␀, del␡");
        check("C1: \u{9b}31m", "C1: \\u{9b}31m");
    }

    #[test]
    fn lines_tabs_and_every_script_stay_as_they_are() {
        // Joiners in Persian, Devanagari and emoji, and a variation selector.
        let scripts = "naïve 東京 🙂 é می\u{200c}خواهم क्\u{200d}ष 👩\u{200d}💻 ❤\u{fe0f}";
        for text in ["a\n\tb\n", scripts, ""] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn no_control_character_gets_through_whatever_it_is() {
        let all: String = ('\0'..='\u{ff}').collect();
        assert!(visible(&all).chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        assert!(one_line(&all).chars().all(|c| !c.is_control()));
    }

    #[test]
    fn characters_that_turn_text_round_or_hide_in_it_are_shown() {
        let check = |text: &str, expected: &str| {
            assert_eq!(visible(text), expected, "{text:?}");
            assert_eq!(one_line(text), expected, "{text:?}");
        };
        check("rm \u{202e}fdp.sh", "rm \\u{202e}fdp.sh");
        check("\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}", "\\u{2066}a\\u{2069}\\u{200e}\\u{200f}\\u{61c}");
        check("pass\u{200b}word\u{feff}", "pass\\u{200b}word\\u{feff}");
        check("ok\u{e0041}", "ok\\u{e0041}");
    }

    #[test]
    fn a_message_takes_one_line_however_many_it_had() {
        assert_eq!(one_line("  two\r\n\tlines \u{1b}[2J "), "two lines ␛[2J");
    }

    #[test]
    fn json_keeps_its_meaning_when_its_controls_are_escaped() {
        let value = serde_json::json!({"text": "\u{9b}31m \u{7f} \u{1b} é \u{202e} \u{e0041}"});
        let json = escape_controls_in_json(value.to_string());
        assert!(json.chars().all(|c| !must_be_shown(c)), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
    }
}
