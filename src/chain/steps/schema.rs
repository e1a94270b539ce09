//! JSON Schemas in the subset that the Messages API enforces: every object closed, every property
//! required, no bounds on numbers or lengths (the gates check those).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::config::{ChainConfig, Field, FieldKind};
use super::Step;
use crate::model::ReplySchema;

/// The schema of that step's reply, with the fields that its prompt declares.
pub(crate) fn schema<S: Step>(config: &ChainConfig, declared: &[Field]) -> Arc<ReplySchema> {
    let further = S::further_properties(config);
    if further.is_empty() && declared.is_empty() {
        return S::own_schema();
    }
    let mut properties = S::properties();
    properties.extend(further);
    for field in declared {
        let kind = match field.kind {
            FieldKind::String => json!({"type": "string"}),
            FieldKind::Number => json!({"type": "number"}),
            FieldKind::Boolean => json!({"type": "boolean"}),
            FieldKind::Strings => strings(""),
        };
        properties.insert(field.name.clone(), kind);
    }
    Arc::new(closed(&properties).into())
}

/// The schema of a step's own fields: what nearly every call asks for, so it is made once.
pub(super) fn own<S: Step>() -> Arc<ReplySchema> {
    Arc::new(closed(&S::properties()).into())
}

/// An object with these properties, all required, and no others.
fn closed(properties: &Map<String, Value>) -> Value {
    let required: Vec<&String> = properties.keys().collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A string property.
pub(super) fn string(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

/// A property that holds a list of strings.
pub(super) fn strings(description: &str) -> Value {
    let mut property = json!({"type": "array", "items": {"type": "string"}});
    if let (Value::Object(property), false) = (&mut property, description.is_empty()) {
        property.insert("description".to_owned(), description.into());
    }
    property
}

/// A property that stands for a free-form object, which the schemas can't hold: a list of key and
/// value.
pub(super) fn entries(description: &str) -> Value {
    objects(&["key", "value"], description)
}

/// A property that holds a list of objects with these members, all strings.
pub(super) fn objects(members: &[&str], description: &str) -> Value {
    let member = |name: &&str| ((*name).to_owned(), json!({"type": "string"}));
    let object = members.iter().map(member).collect();
    json!({"type": "array", "items": closed(&object), "description": description})
}
