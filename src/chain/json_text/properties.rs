//! The text comes out as `serde_json` reads it, in whatever chunks and however written.
//!
//! Single cases are in `tests`; agreement with what reads whole replies, in `lenient_json`'s tests.

use proptest::prelude::*;
use serde_json::Value;

use super::arbitrary_json::{FIELD, broken_object, chunk_sizes, json_like, object, prose, spelled_chars};
use super::tests::{decode, decode_whole, serde_accepts};
use super::*;
use DecoderState::{FieldDone, InField, Malformed, NotStarted, ObjectDone};

/// An object that goes on as `rest` says, so that both sides agree on where it begins.
fn begun(rest: &str) -> String {
    format!(r#"{{"":0,{}"#, rest.strip_prefix('{').unwrap_or(rest))
}

proptest! {
    #[test]
    fn however_a_reply_is_split_the_text_is_what_serde_json_reads(object in object(), sizes in chunk_sizes()) {
        let json = object.strict();
        let whole: Value = serde_json::from_str(&json).unwrap();
        let expected = whole.get(FIELD).and_then(Value::as_str);
        prop_assert_eq!(expected, object.text.as_deref(), "the generator is wrong");
        let expected = (expected.unwrap_or_default().to_owned(), ObjectDone);
        prop_assert_eq!(&decode_whole(&json), &expected);
        for sizes in [&[1], &[7], sizes.as_slice()] {
            prop_assert_eq!(&decode(json.as_bytes(), sizes), &expected);
        }
    }

    #[test]
    fn prose_fences_and_raw_control_characters_change_nothing(
        object in object(), before in prose(), after in any::<String>(), sizes in chunk_sizes(),
    ) {
        let reply = format!("{before}{}{after}", object.loose());
        let expected = (object.text.unwrap_or_default(), ObjectDone);
        for sizes in [&[1], sizes.as_slice()] {
            prop_assert_eq!(&decode(reply.as_bytes(), sizes), &expected);
        }
    }

    #[test]
    fn what_has_come_out_is_always_the_beginning_of_the_whole(object in object(), before in prose()) {
        let reply = before + &object.loose();
        let whole = object.text.unwrap_or_default();
        let mut decoder = JsonTextDecoder::new(FIELD);
        let mut text = String::new();
        for byte in reply.bytes() {
            decoder.feed_bytes(&[byte], &mut text);
            prop_assert!(whole.starts_with(&text), "{text:?}");
            match decoder.state() {
                NotStarted => prop_assert_eq!(&text, ""),
                InField => {}
                FieldDone | ObjectDone => prop_assert_eq!(&text, &whole),
                Malformed => prop_assert!(false, "malformed"),
            }
        }
    }

    #[test]
    fn each_character_comes_out_with_the_byte_that_completes_it(chars in spelled_chars()) {
        let mut decoder = JsonTextDecoder::new(FIELD);
        let (mut out, mut expected) = (String::new(), String::new());
        decoder.feed(r#"{"final_text":""#, &mut out);
        for (char, json) in &chars {
            for byte in json.bytes() {
                prop_assert_eq!(&out, &expected);
                decoder.feed_bytes(&[byte], &mut out);
            }
            expected.push(*char);
            prop_assert_eq!(&out, &expected);
            prop_assert_eq!(decoder.state(), InField);
        }
    }

    #[test]
    fn a_second_field_of_the_name_is_passed_over(first in object(), second in object()) {
        let holds_field = serde_json::from_str::<Value>(&first.strict()).unwrap().get(FIELD).is_some();
        let fields: Vec<String> = [first.strict(), second.strict()]
            .iter()
            .map(|json| json[1..json.len() - 1].trim().to_owned())
            .filter(|fields| !fields.is_empty())
            .collect();
        let both = format!("{{{}}}", fields.join(","));
        let expected = if holds_field { first.text } else { second.text };
        prop_assert_eq!(decode_whole(&both), (expected.unwrap_or_default(), ObjectDone));
    }

    #[test]
    fn what_is_accepted_is_what_serde_json_accepts(json in prop_oneof![broken_object(), json_like()]) {
        let json = begun(&json);
        let (_, state) = decode_whole(&json);
        if let Some(accepted) = serde_accepts(&json) {
            prop_assert_eq!(state == ObjectDone, accepted, "{}", json);
        }
    }

    #[test]
    fn whatever_comes_the_split_makes_no_difference(
        reply in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..80),
            (prose(), json_like()).prop_map(|(prose, json)| (prose + &json).into_bytes()),
            (broken_object(), proptest::collection::vec(any::<u8>(), 0..8))
                .prop_map(|(json, tail)| [json.as_bytes(), &tail].concat()),
        ],
        sizes in chunk_sizes(),
    ) {
        let expected = decode(&reply, &[usize::MAX]);
        for sizes in [&[1], &[7], sizes.as_slice()] {
            prop_assert_eq!(&decode(&reply, sizes), &expected);
        }
    }

    #[test]
    fn what_a_cut_reply_says_is_the_beginning_of_the_text(
        object in object(), cut in any::<prop::sample::Index>(),
    ) {
        let mut json = object.loose();
        let at = json.floor_char_boundary(cut.index(json.len()));
        json.truncate(at);
        if let Some(FieldText { text, .. }) = field_text(&json, FIELD) {
            prop_assert!(object.text.unwrap().starts_with(&text));
        }
    }
}
