//! Schemas that are checked by, and schemas that are made to cost.

use serde_json::json;

use super::*;

#[test]
fn a_fault_names_its_place_and_quotes_no_value() {
    let schema = json!({
        "type": "object",
        "properties": {"name": {}, "age": {"type": "integer"}, "tags": {"items": {"maxLength": 3}}},
        "required": ["name"],
        "additionalProperties": false,
    });
    let schema = AnswerSchema::new(schema).unwrap();
    let mut faults = schema.faults(&json!({"age": "secret", "tags": ["ok", "secret"], "x": 1}));
    faults.sort();
    assert_eq!(
        faults,
        [
            "\"name\" is a required property",
            "Additional properties are not allowed ('x' was unexpected)",
            "at /age: value is not of type \"integer\"",
            "at /tags/1: value is longer than 3 characters",
        ]
    );
    assert!(schema.faults(&json!({"name": null})).is_empty());
}

#[test]
fn what_is_told_of_faults_has_an_end() {
    let schema =
        AnswerSchema::new(json!({"items": {"properties": {"a": {}}, "additionalProperties": false}}))
            .unwrap();
    let faults = schema.faults(&vec![json!({"x".repeat(5000): 1}); 100].into());
    assert_eq!((faults.len(), faults[0].len()), (MOST_FAULTS, LONGEST_FAULT));
}

#[test]
fn a_schema_that_is_none_or_refers_out_of_itself_is_an_error() {
    for schema in [json!({"type": "colour"}), json!({"$ref": "https://example.com/schema.json"})] {
        assert!(AnswerSchema::new(schema.clone()).is_err(), "{schema}");
    }
}

#[test]
fn nothing_is_fetched_from_a_network_or_a_disk() {
    for reference in
        ["http://127.0.0.1:1/schema.json", "file:///etc/hostname", "schema.json", "urn:example:schema"]
    {
        for schema in [json!({"$ref": reference}), json!({"properties": {"a": {"$dynamicRef": reference}}})] {
            assert!(AnswerSchema::new(schema.clone()).is_err(), "{schema}");
        }
    }
}

#[test]
fn a_pattern_that_would_backtrack_without_end_takes_linear_time() {
    let schema = AnswerSchema::new(json!({"pattern": "^(a+)+$"})).unwrap();
    assert_eq!(schema.faults(&json!("a".repeat(50_000) + "!")).len(), 1);
    assert!(schema.faults(&json!("a".repeat(50_000))).is_empty());
}

#[test]
fn patterns_that_cost_too_much_are_errors() {
    for pattern in ["(a{1000}){1000}", "(?=a)b", "(a)\\1", "("] {
        assert!(AnswerSchema::new(json!({"pattern": pattern})).is_err(), "{pattern}");
    }
    let many = |count: usize| {
        let named = (0..count).map(|n| (format!("^{n}$"), json!({"type": "string"})));
        AnswerSchema::new(json!({"patternProperties": named.collect::<serde_json::Map<_, _>>()}))
    };
    assert!(many(MOST_PATTERNS).is_ok());
    assert_eq!(many(MOST_PATTERNS + 1).unwrap_err(), "there are more than 64 patterns");
    // Wherever they stand: in a list, and below others.
    let listed = |count: usize| {
        let each = (0..count).map(|n| json!({"pattern": format!("^{n}$")}));
        AnswerSchema::new(json!({"anyOf": each.collect::<Vec<_>>()}))
    };
    assert!(listed(MOST_PATTERNS).is_ok());
    assert!(listed(MOST_PATTERNS + 1).is_err());
    let two_each = |count: usize| {
        let named = (0..count).map(|n| (format!("^{n}$"), json!({"pattern": "^a"})));
        AnswerSchema::new(json!({"patternProperties": named.collect::<serde_json::Map<_, _>>()}))
    };
    assert!(two_each(MOST_PATTERNS / 2).is_ok());
    assert!(two_each(MOST_PATTERNS / 2 + 1).is_err());
}

#[test]
fn the_reason_why_a_schema_is_none_has_an_end() {
    let reason = AnswerSchema::new(json!({"type": "x".repeat(5000)})).unwrap_err();
    assert_eq!(reason.chars().count(), LONGEST_FAULT);
}

/// Definitions each of which refers to the next one twice, the last of them to `last`.
fn doubling(levels: usize, last: &Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for level in 0..levels {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), json!({"allOf": [next, next]}));
    }
    definitions.insert(levels.to_string(), last.clone());
    json!({"$ref": "#/$defs/0", "$defs": definitions})
}

#[test]
fn references_that_double_at_every_level_are_an_error_once_they_cost_too_much() {
    let schema = AnswerSchema::new(doubling(8, &json!({"type": "string"}))).unwrap();
    assert!(schema.faults(&json!("text")).is_empty());
    assert_eq!(schema.faults(&json!(1)).len(), MOST_FAULTS);
    for (levels, reason) in [(16, "has more than 20000 values"), (2000, "nests deeper than 200 levels")] {
        assert_eq!(
            AnswerSchema::new(doubling(levels, &json!({"type": "string"}))).unwrap_err(),
            format!("with its references followed it {reason}")
        );
    }
}

#[test]
fn references_that_double_with_every_level_of_the_text_take_no_longer_than_others() {
    let schema = AnswerSchema::new(json!({
        "not": {"type": "integer"},
        "allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}],
    }))
    .unwrap();
    let nested = |inner| (0..100).fold(inner, |inner, _| json!([inner]));
    assert!(schema.faults(&nested(json!("text"))).is_empty());
    assert_eq!(schema.faults(&nested(json!(1))), ["the value doesn't match the schema"]);
    assert!(schema.faults(&json!([[1]]))[0].starts_with("at /0/0: "));
}

#[test]
fn a_schema_may_refer_to_itself_at_any_depth() {
    let schema = json!({"$ref": "#/$defs/node", "$defs": {"node": {
        "properties": {"n": {"$ref": "#/$defs/node"}, "name": {"type": "string"}},
    }}});
    let schema = AnswerSchema::new(schema).unwrap();
    let list = |name: &Value| (0..100).fold(json!({"name": name}), |next, _| json!({"n": next}));
    assert!(schema.faults(&list(&json!("last"))).is_empty());
    let faults = schema.faults(&list(&json!(1)));
    assert!(faults[0].ends_with("/n/name: value is not of type \"string\""), "{faults:?}");
}

#[test]
fn definitions_that_all_refer_to_each_other_in_place_are_an_error() {
    let references: Vec<_> = (0..12).map(|n| json!({"$ref": format!("#/$defs/{n}")})).collect();
    let definitions = (0..12).map(|n| (n.to_string(), json!({"anyOf": references})));
    let definitions: serde_json::Map<_, _> = definitions.collect();
    let schema = json!({"$ref": "#/$defs/0", "$defs": definitions});
    assert!(AnswerSchema::new(schema).unwrap_err().ends_with("more than 20000 values"));
}

#[test]
fn a_text_that_would_exhaust_the_stack_is_not_checked() {
    let last = json!({"items": {"$ref": "#"}, "not": {"type": "null"}});
    let row = (0..60).fold(last, |inner, _| json!({"allOf": [inner]}));
    let schema = AnswerSchema::new(row).unwrap();
    let nested = |depth, inner| (0..depth).fold(inner, |inner, _| json!([inner]));
    assert!(schema.faults(&nested(7, json!("text"))).is_empty());
    assert!(schema.faults(&nested(7, Value::Null))[0].starts_with("at /0/0/0/0/0/0/0: "));
    assert_eq!(schema.faults(&nested(127, Value::Null)), ["the value nests too deeply to be checked"]);
}

#[test]
fn a_reference_that_cannot_be_followed_is_an_error() {
    for (schema, reason) in [
        (json!({"$ref": "#/$defs/a"}), "a $ref refers to nothing"),
        (
            json!({"$ref": "#a", "$defs": {"a": {"$anchor": "a"}}}),
            "a $ref must be a JSON pointer within the schema, such as \"#/$defs/name\"",
        ),
        (json!({"items": {"$dynamicRef": "#"}}), "$dynamicRef isn't supported"),
        (json!({"items": {"$id": "a", "$ref": "#"}}), "only the whole may have an $id"),
    ] {
        assert_eq!(AnswerSchema::new(schema).unwrap_err(), reason);
    }
    assert!(AnswerSchema::new(json!({"properties": {"$ref": {"type": "string"}, "$id": {}}})).is_ok());
}

#[test]
fn a_reference_that_would_be_followed_elsewhere_than_it_seems_is_refused() {
    let decoy = json!({"$ref": "#/$defs/%640", "$defs": {"%640": {}, "d0": {"type": "string"}}});
    assert_eq!(AnswerSchema::new(decoy).unwrap_err(), "a $ref must not have percent signs");
}

#[test]
fn the_faults_of_a_large_text_are_not_gathered() {
    let words: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let schema = AnswerSchema::new(json!({"items": {"enum": words}})).unwrap();
    assert_eq!(schema.faults(&json!([5])).len(), 1);
    let large = Value::from(vec![5; 10_000]);
    assert_eq!(schema.faults(&large), ["the value doesn't match the schema"]);
}

#[test]
fn a_schema_may_have_so_many_values_and_levels_and_no_more() {
    // Beside the numbers there are the object and its list.
    let values = |count: usize| AnswerSchema::new(json!({"enum": (2..count).collect::<Vec<_>>()}));
    assert!(values(20_000).is_ok());
    assert!(values(20_001).unwrap_err().ends_with("more than 20000 values"));
    // Each `allOf` is two levels.
    let levels = |last: Value| AnswerSchema::new((0..99).fold(last, |inner, _| json!({"allOf": [inner]})));
    assert!(levels(json!({"type": "string"})).is_ok());
    let deeper = levels(json!({"not": {"type": "string"}})).unwrap_err();
    assert!(deeper.ends_with("deeper than 200 levels"), "{deeper}");
}

#[test]
fn definitions_are_passed_over_only_where_references_find_them() {
    let many = json!({"enum": (0..20_000).collect::<Vec<_>>()});
    assert!(AnswerSchema::new(json!({"$defs": {"many": many}})).is_ok());
    assert!(AnswerSchema::new(json!({"properties": {"$defs": many}})).is_err());
}

#[test]
fn only_the_whole_has_an_id() {
    let draft_4 = "http://json-schema.org/draft-04/schema#";
    for schema in [
        json!({"$id": "https://example.com/a", "type": "string"}),
        json!({"$schema": draft_4, "id": "https://example.com/a", "items": {"type": "string"}}),
        json!({"items": {"id": "a"}}),
    ] {
        assert!(AnswerSchema::new(schema.clone()).is_ok(), "{schema}");
    }
    let below = json!({"$schema": draft_4, "items": {"id": "a", "type": "string"}});
    assert_eq!(AnswerSchema::new(below).unwrap_err(), "only the whole may have an id");
}

#[test]
fn objects_nest_and_count_as_lists_do() {
    let last = json!({"additionalProperties": {"$ref": "#"}, "not": {"type": "null"}});
    let row = (0..60).fold(last, |inner, _| json!({"allOf": [inner]}));
    let schema = AnswerSchema::new(row).unwrap();
    let nested = |depth| (0..depth).fold(Value::Null, |inner, _| json!({"a": inner}));
    assert!(schema.faults(&nested(7))[0].starts_with("at /a/a/a/a/a/a/a: "));
    assert_eq!(schema.faults(&nested(127)), ["the value nests too deeply to be checked"]);

    let words: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let schema = json!({"items": {"enum": words}, "additionalProperties": {"enum": words}});
    let schema = AnswerSchema::new(schema).unwrap();
    let object = |value: Value| (0..10_000).map(|n| (n.to_string(), value.clone())).collect::<Value>();
    for large in [object(json!(5)), object(json!({})), Value::from(vec![json!([]); 10_000])] {
        assert_eq!(schema.faults(&large), ["the value doesn't match the schema"]);
    }
}
