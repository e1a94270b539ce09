//! Says in plain words where and why an object isn't JSON. Strict: what a reply would be forgiven, an
//! example isn't, since the model copies it.

use std::ops::Range;

use serde_json::error::Category;
use serde_json::{Map, Value};

use super::loose_key::{OTHER_QUOTES, key_len};

/// Why an object isn't JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Break {
    /// The bytes at which it breaks, within the object's text.
    pub(super) range: Range<usize>,
    pub(super) what: &'static str,
    /// What to do about it.
    pub(super) hint: &'static str,
}

/// The object that `text` is, of which nothing else may be a part.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, Break> {
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

fn explain(text: &str, error: &serde_json::Error) -> Break {
    if error.classify() == Category::Eof {
        let end = text.trim_end().len();
        return Break { range: end..end, what: "it ends in the middle", hint: "close it with }" };
    }
    let at = offset(text, error);
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let said = error.to_string();
    let (what, hint) = reason(said.split(" at line ").next().unwrap_or_default(), rest);
    let range = if what == TRAILING_COMMA {
        let comma = before.rfind(',').unwrap_or(at);
        comma..comma + 1
    } else if hint == QUOTE_NAMES {
        at..at + key_len(rest).max(len_of_token(rest))
    } else {
        at..at + len_of_token(rest)
    };
    Break { range, what, hint }
}

const TRAILING_COMMA: &str = "trailing comma";
const QUOTE_NAMES: &str = "put names between double quotes";
const WRITE_A_VALUE: &str = "write one sample value, with text in quotation marks";

/// What is wrong and what to do, from `serde_json`'s words and what stands there.
fn reason(said: &str, rest: &str) -> (&'static str, &'static str) {
    let first = rest.chars().next().unwrap_or_default();
    let is_comment = rest.starts_with("//") || rest.starts_with("/*") || first == '#';
    let is_ellipsis = first == '…' || rest.starts_with("..");
    let is_curly = OTHER_QUOTES.contains(&first);
    match said {
        _ if is_comment => ("JSON has no comments", "say it outside of the example"),
        _ if is_ellipsis => ("an ellipsis stands for something", "write the example out"),
        TRAILING_COMMA => (TRAILING_COMMA, "drop the comma"),
        "expected `,` or `}`" | "expected `,` or `]`" => match first {
            '"' | '{' | '[' => ("a comma is missing", "put a comma before it"),
            c if c.is_alphabetic() => {
                ("a string ends too early", "inside a string, write a quotation mark as \\\"")
            }
            _ => ("a value goes on where it should end", WRITE_A_VALUE),
        },
        "expected `:`" => ("a colon is missing", "put a colon between the field and its value"),
        "key must be a string" if first == '\'' => ("single quotes", QUOTE_NAMES),
        "key must be a string" if is_curly => ("curly quotes", QUOTE_NAMES),
        "expected value" if first == '\'' => ("single quotes", "use double quotes"),
        "expected value" if is_curly => ("curly quotes", "use straight double quotes"),
        "expected value" | "key must be a string" if first == ',' => ("one comma too many", "drop the comma"),
        "expected value" => ("a value is missing or isn't one", WRITE_A_VALUE),
        "expected ident" => ("a word that isn't true, false or null", WRITE_A_VALUE),
        "key must be a string" if first.is_alphanumeric() || first == '_' => {
            ("a field's name isn't in quotes", QUOTE_NAMES)
        }
        "key must be a string" => ("a field's name is missing", "put a name between double quotes there"),
        "invalid escape" => ("a backslash that escapes nothing", "write a backslash as \\\\"),
        "invalid number" | "number out of range" => ("a number that isn't one", "write a number such as 0.5"),
        "recursion limit exceeded" => ("nested too deeply", "make it flat"),
        _ if said.starts_with("control character") => {
            ("a string doesn't end on its line", "close it, or write a line break as \\n")
        }
        _ => ("unexpected text", "compare it with JSON's grammar"),
    }
}

/// The byte that is wrong.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    // The column counts bytes, the wrong one included; none if that is a line break.
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let read = lines.map(str::len).sum::<usize>() + error.column();
    text.floor_char_boundary(read.saturating_sub(1))
}

/// The bytes of the word that `rest` begins with, or of its first character.
fn len_of_token(rest: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let first = rest.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    word.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `text` breaks, and why.
    fn check(text: &str, at: &str, rest: &str, what: &str) {
        let found = parse(text).unwrap_err();
        assert_eq!((&text[found.range.clone()], &text[found.range.end..]), (at, rest), "{text}: {found:?}");
        assert_eq!(found.what, what, "{text}");
    }

    #[test]
    fn each_mistake_is_told_by_its_name_and_place() {
        check(r#"{"é": 1, }"#, ",", " }", "trailing comma");
        check(r#"{"é": [1,]}"#, ",", "]}", "trailing comma");
        check("{\"é\": 1\n \"b\": 2}", "\"", "b\": 2}", "a comma is missing");
        check(r#"{"a": "say "hi""}"#, "hi", r#"""}"#, "a string ends too early");
        check(r#"{"a": 0.0-1.0}"#, "-", "1.0}", "a value goes on where it should end");
        check(r#"{"a": "x"|"y"}"#, "|", r#""y"}"#, "a value goes on where it should end");
        check(r#"{"a" 1}"#, "1", "}", "a colon is missing");
        check(r#"{"a": string}"#, "string", "}", "a value is missing or isn't one");
        check(r#"{"a": 'x'}"#, "'", "x'}", "single quotes");
        check(r#"{"a": 1, ...}"#, ".", "..}", "an ellipsis stands for something");
        check(r#"{"a": […]}"#, "…", "]}", "an ellipsis stands for something");
        check("{\"a\": 1, // one\n\"b\": 2}", "/", "/ one\n\"b\": 2}", "JSON has no comments");
        check(r#"{"a": 1,, "b": 2}"#, ",", " \"b\": 2}", "one comma too many");
        check(r#"{"a": }"#, "}", "", "a value is missing or isn't one");
        check("{a: 1}", "a", ": 1}", "a field's name isn't in quotes");
        check("{'a': 1}", "'a'", ": 1}", "single quotes");
        check("{\"é\": 1, “a”: 1}", "“a”", ": 1}", "curly quotes");
        check("{\"a\": “x”}", "“", "x”}", "curly quotes");
        check("{\"a\": 1, [2]}", "[", "2]}", "a field's name is missing");
        check(r#"{"a": "\d"}"#, "d", "\"}", "a backslash that escapes nothing");
        check(r#"{"a": 01}"#, "1", "}", "a number that isn't one");
        check("{\"a\": \"x\n\"}", "", "\n\"}", "a string doesn't end on its line");
        check(r#"{"a": 1"#, "", "", "it ends in the middle");
    }

    #[test]
    fn what_is_nested_too_deeply_breaks_where_it_is() {
        let found = parse(&"{\"a\":".repeat(10_000)).unwrap_err();
        assert_eq!((found.range, found.what), (127 * 5..127 * 5 + 1, "nested too deeply"));
    }
}
