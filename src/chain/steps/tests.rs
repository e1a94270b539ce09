//! The steps' schemas are what the Messages API enforces, and name what the steps read.

use serde_json::Value;

use super::super::config::FieldKind;
use super::super::tests::config;
use super::*;

/// What the Messages API asks of a schema: objects closed, every property required.
fn assert_enforceable(schema: &Value) {
    match schema {
        Value::Object(object) => {
            if object.get("type").is_some_and(|kind| kind == "object") {
                assert_eq!(object["additionalProperties"], false);
                let properties: Vec<&String> = object["properties"].as_object().unwrap().keys().collect();
                let required: Vec<&str> = object["required"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap())
                    .collect();
                assert_eq!(properties, required);
            }
            for keyword in ["minimum", "maximum", "minLength", "maxLength", "maxItems", "oneOf", "pattern"] {
                assert!(!object.contains_key(keyword), "{keyword}");
            }
            object.values().for_each(assert_enforceable);
        }
        Value::Array(elements) => elements.iter().for_each(assert_enforceable),
        _ => {}
    }
}

fn declared() -> Vec<Field> {
    let field = |name: &str, kind| Field { name: name.into(), kind };
    vec![
        field("a", FieldKind::String),
        field("b", FieldKind::Number),
        field("c", FieldKind::Boolean),
        field("d", FieldKind::Strings),
    ]
}

#[test]
fn schemas_can_be_enforced_upstream() {
    assert_enforceable(&schema::<Analyze>(&config(), &declared()));
    assert_enforceable(&schema::<Process>(&config(), &declared()));
    assert_enforceable(&schema::<Synthesize>(&config(), &declared()));
}

#[test]
fn schemas_have_the_outputs_fields_in_the_order_in_which_they_are_written() {
    fn names<S: Step>() -> Vec<String> {
        schema::<S>(&config(), &[])["properties"].as_object().unwrap().keys().cloned().collect()
    }
    fn read_by<S: Step>(object: Value) -> Vec<String> {
        let Value::Object(object) = object else { unreachable!() };
        let decoded = decode::<S>(object, &[]);
        assert!(decoded.findings.is_empty(), "{:?}", decoded.findings);
        let output: StepOutput = decoded.output.unwrap().into();
        output.to_json().as_object().unwrap().keys().cloned().collect()
    }
    let analysis =
        serde_json::json!({"intent": "i", "key_entities": [], "complexity": "simple", "context": {}});
    assert_eq!(names::<Analyze>(), read_by::<Analyze>(analysis));
    let draft = serde_json::json!({"content": "c", "confidence": 1, "metadata": []});
    assert_eq!(names::<Process>(), read_by::<Process>(draft));
    let answer = serde_json::json!({"final_text": "t", "formatting": "f"});
    assert_eq!(names::<Synthesize>(), read_by::<Synthesize>(answer));
}
