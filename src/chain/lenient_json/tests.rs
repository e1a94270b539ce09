//! The object is found whatever stands around it, and what can't be found is told so that it can be mended.

use proptest::prelude::*;
use serde_json::json;

use super::super::json_text::arbitrary_json::{FIELD, broken_object, json_like, object, prose};
use super::*;
use Tolerated::{ControlCharacters, Fence, LeadingText, TrailingText};

/// What the decoder makes of the same reply.
fn decode(reply: &str) -> (String, DecoderState) {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    decoder.feed(reply, &mut text);
    (text, decoder.state())
}

fn refuse(reply: &str) -> NotFound {
    find_object(reply).expect_err(reply)
}

/// Any reply: an object with prose around it, one that is broken or cut, or something else.
fn any_reply() -> impl Strategy<Value = String> {
    let json = prop_oneof![
        object().prop_map(|object| object.loose()),
        broken_object(),
        json_like(),
        (object(), any::<prop::sample::Index>()).prop_map(|(object, cut)| {
            let json = object.loose();
            json[..json.floor_char_boundary(cut.index(json.len()))].to_owned()
        }),
    ];
    let after = prop_oneof![any::<String>(), prose(), json_like()];
    (prose(), json, after).prop_map(|(before, json, after)| before + &json + &after)
}

/// Text that is neither blank nor part of a fence.
fn text() -> impl Strategy<Value = String> {
    r#"[a-zé{}\[\]":\\ \n]{0,12}[a-zé.]"#.prop_filter("no object", |text| split_at_object(text).is_none())
}

proptest! {
    #[test]
    fn an_object_is_found_unchanged_whatever_surrounds_it(
        object in object(),
        before in proptest::option::of(text()),
        fence in proptest::option::of((r"`{3,5}", "(json|JSON|)", "[ \n]{0,2}")),
        after in proptest::option::of(text()),
        loose in any::<bool>(),
    ) {
        let strict = object.strict();
        let json = if loose { object.loose() } else { strict.clone() };
        let (open, close) = match &fence {
            Some((ticks, language, end)) => (format!("{ticks}{language}\n"), format!("{end}{ticks}")),
            None => (String::new(), String::new()),
        };
        let (leading, trailing) = (before.as_deref().unwrap_or("\n"), after.as_deref().unwrap_or(" \n"));
        let reply = format!("{leading}\n{open}{json}{close}\n{trailing}");
        let found = find_object(&reply).unwrap();
        prop_assert_eq!(found.object, serde_json::from_str::<Map<String, Value>>(&strict).unwrap());
        let has_control_characters = serde_json::from_str::<Value>(&json).is_err();
        let expected: Vec<Tolerated> = [
            before.map(|_| LeadingText),
            fence.map(|_| Fence),
            has_control_characters.then_some(ControlCharacters),
            after.map(|_| TrailingText),
        ].into_iter().flatten().collect();
        prop_assert_eq!(found.tolerated, expected, "{}", reply);
    }

    #[test]
    fn what_is_found_is_what_the_decoder_has_said(reply in any_reply()) {
        let (text, state) = decode(&reply);
        match find_object(&reply) {
            Ok(found) => {
                prop_assert_eq!(state, DecoderState::ObjectDone);
                prop_assert_eq!(text, found.object.get(FIELD).and_then(Value::as_str).unwrap_or_default());
            }
            Err(NotFound { is_cut: true, .. }) => prop_assert_ne!(state, DecoderState::Malformed),
            // The decoder doesn't notice such a number, and reads on.
            Err(NotFound { message, .. }) if message.starts_with("number out of range") => {}
            Err(NotFound { .. }) => prop_assert_ne!(state, DecoderState::ObjectDone),
        }
    }

    #[test]
    fn an_object_that_is_cut_anywhere_is_told_as_cut(
        object in object(), before in prose(), cut in any::<prop::sample::Index>(),
    ) {
        let json = object.loose();
        let len = json.floor_char_boundary(1 + cut.index(json.len() - 1));
        let reply = before + &json[..len];
        let not_found = refuse(&reply);
        prop_assert!(not_found.is_cut, "{}", not_found);
        let line = 1 + reply.trim_end().matches('\n').count();
        let expected = format!("the JSON ends in the middle (line {line}, column ");
        prop_assert!(not_found.message.starts_with(&expected), "{}", not_found);
    }

    #[test]
    fn no_reply_is_too_strange(reply in any::<String>()) {
        prop_assert!(find_object(&reply).is_ok() || !refuse(&reply).message.is_empty());
    }

    #[test]
    fn a_refusal_speaks_of_the_json_and_names_a_place_in_the_reply(reply in any_reply()) {
        let Err(NotFound { message, .. }) = find_object(&reply) else { return Ok(()) };
        if message == "no JSON object in the reply" || message == "the reply is empty" {
            return Ok(());
        }
        prop_assert!(!message.contains("EOF") && !message.contains("ident"), "{message}");
        let (_, place) = message.split_once(" (line ").unwrap();
        let (line, column) = place.strip_suffix(')').unwrap().split_once(", column ").unwrap();
        let (line, column): (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
        let named = reply.split('\n').nth(line - 1).unwrap();
        // The line break itself is the character after a line's last.
        prop_assert!((1..=named.chars().count() + 1).contains(&column), "{message} in {reply:?}");
    }
}

#[test]
fn each_thing_around_an_object_is_told() {
    let cases: &[(&str, &[Tolerated])] = &[
        (r#"{"a": 1}"#, &[]),
        (" \n{\"a\": 1}\n ", &[]),
        ("Here it is:\n{\"a\": 1}", &[LeadingText]),
        (r#"{"a": 1} Anything else?"#, &[TrailingText]),
        (r#"{"a": 1}{"b": 2}"#, &[TrailingText]),
        (r#"[{"a": 1}]"#, &[LeadingText, TrailingText]),
        (r#"{{"a": 1}}"#, &[LeadingText, TrailingText]),
        (r#"{ {"a": 1} }"#, &[LeadingText, TrailingText]),
        ("```json\n{\"a\": 1}\n```", &[Fence]),
        ("```\n{\"a\": 1}\n```\n", &[Fence]),
        ("````json\n{\"a\": 1}\n````", &[Fence]),
        ("```json\n{\"a\": 1}", &[Fence]),
        ("``` json {\"a\": 1} ```", &[Fence]),
        ("Sure!\n```json\n{\"a\": 1}\n```\nDone.", &[LeadingText, Fence, TrailingText]),
        ("```json\n{\"a\": 1}\n```\n```json\n{\"b\": 2}\n```", &[Fence, TrailingText]),
        ("```sh\nls\n```\n{\"a\": 1}", &[LeadingText]),
        ("```text\nThe object: {\"a\": 1}\n```", &[LeadingText, TrailingText]),
        ("```json\nhere\n{\"a\": 1}\n```", &[LeadingText, TrailingText]),
        ("{\"a\": 1}\n```", &[TrailingText]),
    ];
    for (reply, tolerated) in cases {
        let found = find_object(reply).unwrap();
        assert_eq!(Value::Object(found.object), json!({ "a": 1 }), "{reply}");
        assert_eq!(found.tolerated, *tolerated, "{reply}");
    }
}

#[test]
fn raw_control_characters_are_tolerated_within_strings_and_nowhere_else() {
    let found = find_object("{\"a\nb\": \"1\n\t\u{0}2\", \"c\": [\"\u{1f}\\n\"]}").unwrap();
    assert_eq!(Value::Object(found.object), json!({ "a\nb": "1\n\t\u{0}2", "c": ["\u{1f}\n"] }));
    assert_eq!(found.tolerated, [ControlCharacters]);

    let found = find_object("{\"a\":\r\n\t1} \"\u{1}\n\"").unwrap();
    assert_eq!(found.tolerated, [TrailingText], "none of them stands in a string of the object");

    for (reply, expected) in [
        ("{\"a\": \u{1}1}", "expected value (line 1, column 7)"),
        ("{\"a\": \"b\\\nc\"}", "invalid escape (line 1, column 10)"),
        ("{\"a\": \"b\nc\\\td\"}", "invalid escape (line 2, column 3)"),
        ("{\"a\": \"b\\u12\n34\"}", "invalid escape (line 1, column 13)"),
    ] {
        assert_eq!(refuse(reply), NotFound { message: expected.to_owned(), is_cut: false });
    }
}

#[test]
fn a_refusal_says_what_is_wrong_where() {
    for (reply, expected) in [
        ("", "the reply is empty"),
        (" \n", "the reply is empty"),
        ("I can't.", "no JSON object in the reply"),
        ("[1, 2]", "no JSON object in the reply"),
        ("{x: 1}", "no JSON object in the reply"),
        (r#""{\"a\": 1}""#, "no JSON object in the reply"),
        (r#"{"a": 1, b: 2}"#, "key must be a string (line 1, column 10)"),
        (r#"{"a": 1,}"#, "trailing comma (line 1, column 9)"),
        (r#"{"a": [1,]}"#, "trailing comma (line 1, column 10)"),
        (r#"{"a" 1}"#, "expected `:` (line 1, column 6)"),
        (r#"{"a": }"#, "expected value (line 1, column 7)"),
        (r#"{"a": True}"#, "expected value (line 1, column 7)"),
        (r#"{"a": nil}"#, "expected `true`, `false` or `null` (line 1, column 8)"),
        (r#"{"a": 01}"#, "invalid number (line 1, column 8)"),
        (r#"{"a": 1e999}"#, "number out of range (line 1, column 11)"),
        (r#"{"a": "\x"}"#, "invalid escape (line 1, column 9)"),
        (r#"{"a": "\u12"}"#, "invalid escape (line 1, column 13)"),
        (r#"{"a": "\u1"}"#, "invalid escape (line 1, column 12)"),
        (r#"{"a": "\ude00"}"#, "lone leading surrogate in hex escape (line 1, column 13)"),
        (r#"{"a": "\ud83d!"}"#, "unexpected end of hex escape (line 1, column 14)"),
        (r#"{"a": "x" "b": 1}"#, "expected `,` or `}` (line 1, column 11)"),
        ("Sure:\n{\n  \"é\": \"ü\",\n  \"b\": \"say \"hi\"\"\n}", "expected `,` or `}` (line 4, column 14)"),
        ("{\"a\": \"é\nü\n\", \"b\": é}", "expected value (line 3, column 9)"),
        ("{\"a\": 1,\n}", "trailing comma (line 2, column 1)"),
    ] {
        assert_eq!(refuse(reply), NotFound { message: expected.to_owned(), is_cut: false }, "{reply}");
    }
}

#[test]
fn a_cut_reply_is_told_as_such_with_the_place_where_it_ends() {
    for (reply, expected) in [
        ("{", "line 1, column 1"),
        ("Here: {\n", "line 1, column 7"),
        ("{{", "line 1, column 2"),
        (r#"{"final_te"#, "line 1, column 10"),
        ("{\"a\": \"é\nü", "line 2, column 1"),
        ("{\"a\": [1,\n\n  2,  \n", "line 3, column 4"),
        (r#"{"a": "\ud83d\u"#, "line 1, column 15"),
        (r#"{"a": tr"#, "line 1, column 8"),
        ("```json\n{\"a\": {}", "line 2, column 8"),
        (r#"{"a": 1e999, "b": "#, "line 1, column 17"),
    ] {
        let message = format!("the JSON ends in the middle ({expected})");
        assert_eq!(refuse(reply), NotFound { message, is_cut: true }, "{reply}");
    }
}

#[test]
fn the_first_of_equal_keys_counts() {
    let found = find_object(r#"{"a": "first", "b": 1, "\u0061": "second", "a": null}"#).unwrap();
    assert_eq!(Value::Object(found.object), json!({ "a": "first", "b": 1 }));
}

#[test]
fn nesting_beyond_the_limit_is_an_error() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(find_object(&nested(127)).unwrap().tolerated, []);
    let too_deep = NotFound { message: "nested too deeply (line 1, column 132)".to_owned(), is_cut: false };
    assert_eq!(refuse(&nested(128)), too_deep);
    assert_eq!(refuse(&nested(1_000_000)), too_deep);
    assert!(!refuse(&"{\"a\":".repeat(1_000_000)).is_cut);
}

#[test]
fn any_number_of_braces_is_looked_through_once() {
    for braces in ["{", "{ "] {
        assert!(refuse(&braces.repeat(200_000)).is_cut);
    }
    assert_eq!(refuse(&"{\n'".repeat(200_000)).message, "no JSON object in the reply");
}
