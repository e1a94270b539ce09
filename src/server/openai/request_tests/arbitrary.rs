//! Whatever comes is read or refused, and never more than that.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        known_word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(prop_oneof![known_word(), ".{0,6}".prop_map(String::from)], inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Words that mean something somewhere in a request.
fn known_word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "model",
        "messages",
        "role",
        "content",
        "type",
        "text",
        "user",
        "assistant",
        "system",
        "stop",
        "stream",
        "stream_options",
        "include_usage",
        "response_format",
        "json_schema",
        "schema",
        "json_object",
        "n",
        "temperature",
        "max_tokens",
        "tool_choice",
        "auto",
        "$ref",
        "#",
        "properties",
        "pattern",
        "anyOf",
    ])
    .prop_map(str::to_owned)
}

fn is_read_or_refused(body: &[u8]) -> Result<(), TestCaseError> {
    if let Err(error) = ChatRequest::parse(body) {
        prop_assert_eq!(error.status.as_u16(), 400);
        prop_assert!(!error.message.is_empty() && !error.code.is_empty());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        is_read_or_refused(value.to_string().as_bytes())?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        is_read_or_refused(&bytes)?;
    }

    #[test]
    fn a_good_request_with_anything_in_one_field_is_read_or_refused(name in known_word(), value in any_json()) {
        is_read_or_refused(with(json!({name: value})).to_string().as_bytes())?;
    }

    #[test]
    fn a_good_request_that_is_cut_or_changed_anywhere_is_read_or_refused(at in 0_usize..200, byte: u8, cut: bool) {
        let mut body = with(json!({"stop": ["a"], "stream": true, "temperature": 1})).to_string().into_bytes();
        let at = at % body.len();
        if cut { body.truncate(at) } else { body[at] = byte }
        is_read_or_refused(&body)?;
    }
}
