//! Which schemas are refused: those that the API can't compile.

use super::*;

#[test]
fn every_object_of_a_schema_is_closed() {
    let open = json!({"inner": {"type": "object", "properties": {}}});
    refuses(
        OLD,
        &schema(&open, &json!(["inner"])),
        "400 output_config.format.schema.properties.inner: \
         For 'object' type, 'additionalProperties' must be explicitly set to false",
    );
}

#[test]
fn keywords_that_cannot_be_compiled_are_refused() {
    for keyword in ["minimum", "maxLength", "oneOf", "pattern", "maxItems"] {
        let property = json!({"p": {"type": "string", keyword: 1}});
        refuses(
            OLD,
            &schema(&property, &json!(["p"])),
            &format!("400 output_config.format.schema.properties.p: '{keyword}' is not supported"),
        );
    }
    let items = |least: u64| {
        schema(
            &json!({"p": {"type": "array", "minItems": least, "items": {"type": "string"}}}),
            &json!(["p"]),
        )
    };
    accepts(OLD, &items(1));
    assert!(verdict(OLD, &items(2)).is_err());
    assert!(
        verdict(OLD, &schema(&json!({"p": {"type": "string", "format": "phone"}}), &json!(["p"]))).is_err()
    );
    accepts(OLD, &schema(&json!({"p": {"type": "string", "format": "date"}}), &json!(["p"])));
    refuses(
        OLD,
        &schema(&json!({}), &json!(["p"])),
        "400 output_config.format.schema: 'p' is required, but isn't a property",
    );
}

#[test]
fn a_schema_may_refer_but_not_lead_back_to_itself() {
    let with_refs = |target: &str| {
        json!({"output_config": {"format": {"type": "json_schema", "schema": {
            "type": "object", "additionalProperties": false, "required": ["a", "b"],
            "properties": {"a": {"$ref": "#/$defs/leaf"}, "b": {"$ref": "#/$defs/leaf"}},
            "$defs": {"leaf": {"type": "array", "items": {"$ref": target}}, "text": {"type": "string"}},
        }}}})
    };
    accepts(OLD, &with_refs("#/$defs/text"));
    refuses(
        OLD,
        &with_refs("#/$defs/leaf"),
        "400 output_config.format.schema: a recursive schema is not supported",
    );
    refuses(OLD, &with_refs("#"), "400 output_config.format.schema: a recursive schema is not supported");
    assert!(verdict(OLD, &with_refs("https://example.com/s.json")).is_err());
}

#[test]
fn a_schema_has_limits_on_optional_fields_and_unions() {
    let properties = |count: usize, property: Value| -> Value {
        (0..count).map(|at| (format!("p{at}"), property.clone())).collect::<Map<_, _>>().into()
    };
    let optional = |count| schema(&properties(count, json!({"type": "string"})), &json!([]));
    accepts(OLD, &optional(24));
    refuses(OLD, &optional(25), "400 Schemas contains too many optional parameters (25) (limit: 24)");

    let unions = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("p{at}")).collect();
        schema(&properties(count, json!({"type": ["string", "null"]})), &json!(names))
    };
    accepts(OLD, &unions(16));
    refuses(OLD, &unions(17), "400 Schemas contains too many parameters with union types (17) (limit: 16)");
}
