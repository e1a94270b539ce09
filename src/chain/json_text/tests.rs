//! What comes out, case by case, and which state it leaves the decoder in.
//!
//! What holds for all replies is in `properties`.

use serde_json::{Map, Value};

use super::arbitrary_json::FIELD;
use super::*;
use DecoderState::{FieldDone, InField, Malformed, NotStarted, ObjectDone};

/// Feeds `reply` in chunks of these sizes in bytes, used in turn.
pub(super) fn decode(reply: &[u8], sizes: &[usize]) -> (String, DecoderState) {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    let mut rest = reply;
    for size in sizes.iter().cycle() {
        let (chunk, tail) = rest.split_at((*size).min(rest.len()));
        decoder.feed_bytes(chunk, &mut text);
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    (text, decoder.state())
}

pub(super) fn decode_whole(reply: &str) -> (String, DecoderState) {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    decoder.feed(reply, &mut text);
    (text, decoder.state())
}

/// Whether `serde_json` reads an object at the beginning of `json`; `None` where it must not be
/// asked, since it refuses what the decoder tolerates.
pub(super) fn serde_accepts(json: &str) -> Option<bool> {
    let mut objects = serde_json::Deserializer::from_str(json).into_iter::<Map<String, Value>>();
    match objects.next().unwrap() {
        Ok(_) => Some(true),
        Err(error) => {
            let error = error.to_string();
            let is_tolerated = error.contains("control character") || error.contains("out of range");
            (!is_tolerated).then_some(false)
        }
    }
}

#[test]
fn each_state_is_entered_with_the_byte_that_decides_it() {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    let steps = [
        ("Sure: ", NotStarted),
        ("{", NotStarted),
        (r#""formatting": "final_text", "#, NotStarted),
        (r#""final_text""#, NotStarted),
        (": ", NotStarted),
        ("\"", InField),
        ("H", InField),
        ("\\u00e9", InField),
        ("\"", FieldDone),
        (r#", "more": [{}]"#, FieldDone),
        ("}", ObjectDone),
        (r#" and {"final_text": "more", broken"#, ObjectDone),
    ];
    for (chunk, expected) in steps {
        decoder.feed(chunk, &mut text);
        assert_eq!(decoder.state(), expected, "after {chunk:?}");
    }
    assert_eq!(text, "Hé");
}

#[test]
fn nothing_comes_out_beyond_an_error() {
    for broken in [r"\x", r"\u12g4", r"\ud83d", r"\ud83d\ud83d", r"\ude00", r"\ud83d\n"] {
        let reply = format!(r#"{{"final_text": "so far{broken} and on", "final_text": "again"}}"#);
        for size in [1, 7, usize::MAX] {
            assert_eq!(decode(reply.as_bytes(), &[size]), ("so far".to_owned(), Malformed), "{reply}");
        }
        assert_eq!(field_text(&reply, FIELD).map(|field| field.text).as_deref(), Some("so far"));
    }
}

#[test]
fn errors_outside_the_text_are_errors_too() {
    for reply in [
        r#"{"a" 1, "final_text": "x"}"#,
        r#"{"a": 01, "final_text": "x"}"#,
        r#"{"a": tru, "final_text": "x"}"#,
        r#"{"a": [1}, "final_text": "x"}"#,
        r#"{"a": [1,], "final_text": "x"}"#,
        r#"{"a": "\q", "final_text": "x"}"#,
        r#"{"a": é, "final_text": "x"}"#,
        r#"{"final_text" "x"}"#,
        r#"{"a": 1,, "final_text": "x"}"#,
    ] {
        assert_eq!(decode_whole(reply), (String::new(), Malformed), "{reply}");
        assert_eq!(field_text(reply, FIELD), None, "{reply}");
    }
    assert_eq!(decode_whole(r#"{"final_text": "x",}"#), ("x".to_owned(), Malformed));
}

#[test]
fn the_object_begins_at_the_first_brace_that_a_quote_or_its_end_follows() {
    for (reply, expected) in [
        (r#"{"final_text": "x"}"#, "x"),
        ("```json\n{ \n\t\"final_text\": \"x\"}\n```", "x"),
        (r#"In {braces} or { 'quotes' }: {"final_text": "x"}"#, "x"),
        (r#"{{"final_text": "x"}}"#, "x"),
        (r#"{ {"final_text": "x"} }"#, "x"),
        (r#"[{"final_text": "x"}]"#, "x"),
        (r#"{} {"final_text": "x"}"#, ""),
        (r#"{"a": 1} {"final_text": "x"}"#, ""),
    ] {
        assert_eq!(decode_whole(reply), (expected.to_owned(), ObjectDone), "{reply}");
    }
    assert_eq!(decode_whole(r#"{"brace": {"final_text": "x""#), (String::new(), NotStarted));
}

#[test]
fn only_a_string_at_the_top_counts_under_whichever_spelling_of_its_key() {
    for (reply, expected) in [
        (r#"{"final\u005ftext": "x"}"#, "x"),
        (r#"{"\u0066inal\u005Ftex\u0074": "x"}"#, "x"),
        (r#"{"a": {"final_text": "inner"}, "final_text": "x"}"#, "x"),
        (r#"{"a": ["final_text", "inner"], "final_text": "x"}"#, "x"),
        (r#"{"a": "final_text", "b": "no", "final_text": "x"}"#, "x"),
        (r#"{"final_tex": "no", "final_texts": "no", "final_text": "x"}"#, "x"),
        (r#"{"final_text": {"final_text": "inner"}}"#, ""),
        (r#"{"final_text": ["inner"]}"#, ""),
        (r#"{"final_text": null, "final_text": "second"}"#, ""),
        (r#"{"final_text": "x", "final_text": "second"}"#, "x"),
    ] {
        assert_eq!(decode_whole(reply), (expected.to_owned(), ObjectDone), "{reply}");
    }
}

#[test]
fn a_cut_reply_gives_what_is_certain_of_the_text() {
    for (reply, expected) in [
        ("", None),
        ("no object", None),
        (r#"{"formatting": "plain"}"#, None),
        (r#"{"final_text"#, None),
        (r#"{"final_text": "#, None),
        (r#"{"final_text": 7, "final_text": "x"}"#, None),
        (r#"{"final_text": ""#, Some("")),
        (r#"{"final_text": "caf\u00"#, Some("caf")),
        (r#"{"final_text": "caf\u00e9 \ud83d\ude"#, Some("café ")),
        (r#"{"final_text": "done", "formatting": "#, Some("done")),
    ] {
        assert_eq!(field_text(reply, FIELD).map(|field| field.text).as_deref(), expected, "{reply}");
    }
}

#[test]
fn objects_nest_as_deep_as_serde_json_allows_and_no_deeper() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for (depth, expected) in [(126, ObjectDone), (127, Malformed), (200_000, Malformed)] {
            let json = format!(r#"{{"a":{}0{}}}"#, open.repeat(depth), close.repeat(depth));
            assert_eq!(decode_whole(&json).1, expected, "{depth}");
            assert_eq!(serde_accepts(&json), Some(expected == ObjectDone), "{depth}");
        }
    }
}

#[test]
fn containers_end_as_what_they_began_as_at_any_depth() {
    let open: String = (0..126).map(|depth| if depth % 3 == 0 { "[" } else { r#"{"a":"# }).collect();
    let mut close: String = (0..126).rev().map(|depth| if depth % 3 == 0 { "]" } else { "}" }).collect();
    assert_eq!(decode_whole(&format!(r#"{{"a":{open}0{close}}}"#)).1, ObjectDone);
    close.replace_range(125.., "}");
    assert_eq!(decode_whole(&format!(r#"{{"a":{open}0{close}}}"#)).1, Malformed);
}

#[test]
fn bytes_that_are_not_utf8_are_malformed_unless_the_object_is_complete() {
    for (reply, expected) in [
        (b"\xFF{\"final_text\": \"x\"}".as_slice(), ("", Malformed)),
        (b"{\"final_text\": \"x\xC3\"}", ("x", Malformed)),
        (b"{\"final_text\": \"x\xED\xA0\x80\"}", ("x", Malformed)),
        (b"{\"final_text\": \"x\"}\xFF", ("x", ObjectDone)),
    ] {
        for size in [1, 2, usize::MAX] {
            assert_eq!(decode(reply, &[size]), (expected.0.to_owned(), expected.1), "{reply:?}");
        }
    }
}

#[test]
fn text_after_half_a_character_is_malformed() {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    decoder.feed_bytes(b"{\"final_text\": \"x\xC3", &mut text);
    assert_eq!((text.as_str(), decoder.state()), ("x", InField));
    decoder.feed("y", &mut text);
    assert_eq!((text.as_str(), decoder.state()), ("x", Malformed));
}

#[test]
fn five_megabytes_byte_by_byte_take_no_longer_than_they_must() {
    let other = r#"{"k": [1, "\n"]}, "#.repeat(50_000);
    let mut reply = format!(r#"{{"other": [{other}0], "final_text": ""#);
    let text = "Mostly plain text, é now and then.";
    let times = (5_000_000 - reply.len()) / text.len();
    reply.push_str(&text.repeat(times));
    reply.push_str("\"}");
    assert_eq!(decode(reply.as_bytes(), &[1]), (text.repeat(times), ObjectDone));
}
