//! Rules on the schema of `output_config.format`: the subset of JSON Schema that the API can
//! compile, and the limits on its size.

use serde_json::{Map, Value};

use super::Verdict;
use crate::simulator::api_error::ApiError;

const MAX_OPTIONAL: usize = 24;
const MAX_UNIONS: usize = 16;

/// `pattern` is among them because whether the API takes it is doubtful.
const UNSUPPORTED: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "maxItems",
    "uniqueItems",
    "contains",
    "prefixItems",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
];

const FORMATS: &[&str] =
    &["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

/// Counts over the whole schema.
#[derive(Default)]
struct Size {
    optional: usize,
    unions: usize,
}

/// Judges an `output_config.format`.
pub(super) fn check(format: &Value) -> Verdict {
    if format.get("type").and_then(Value::as_str) != Some("json_schema") {
        return Err(refused("type", "must be json_schema"));
    }
    if let Some(other) = format.as_object().into_iter().flat_map(Map::keys).find(|name| !is_format_key(name))
    {
        return Err(refused(other, "there is no such field"));
    }
    let schema = format.get("schema").ok_or_else(|| refused("schema", "field required"))?;
    let mut size = Size::default();
    walk(schema, "schema", &mut size)?;
    recursion(schema)?;
    if size.optional > MAX_OPTIONAL {
        return Err(ApiError::invalid(format!(
            "Schemas contains too many optional parameters ({}) (limit: {MAX_OPTIONAL})",
            size.optional
        )));
    }
    if size.unions > MAX_UNIONS {
        return Err(ApiError::invalid(format!(
            "Schemas contains too many parameters with union types ({}) (limit: {MAX_UNIONS})",
            size.unions
        )));
    }
    Ok(())
}

fn is_format_key(name: &str) -> bool {
    matches!(name, "type" | "schema")
}

fn refused(path: &str, what: &str) -> ApiError {
    ApiError::invalid(format!("output_config.format.{path}: {what}"))
}

fn walk(schema: &Value, path: &str, size: &mut Size) -> Verdict {
    let Some(schema) = schema.as_object() else {
        return Err(refused(path, "must be an object"));
    };
    keywords(schema, path)?;
    if schema.contains_key("anyOf") || schema.get("type").is_some_and(Value::is_array) {
        size.unions += 1;
    }
    if schema.get("type").and_then(Value::as_str) == Some("object") || schema.contains_key("properties") {
        object(schema, path, size)?;
    }
    for (name, inner) in schema {
        match (name.as_str(), inner) {
            ("properties" | "$defs" | "definitions", Value::Object(named)) => {
                for (key, inner) in named {
                    walk(inner, &format!("{path}.{name}.{key}"), size)?;
                }
            }
            ("anyOf" | "allOf", Value::Array(choices)) => {
                for (at, inner) in choices.iter().enumerate() {
                    walk(inner, &format!("{path}.{name}.{at}"), size)?;
                }
            }
            ("items", inner) => walk(inner, &format!("{path}.items"), size)?,
            _ => {}
        }
    }
    Ok(())
}

fn keywords(schema: &Map<String, Value>, path: &str) -> Verdict {
    if let Some(keyword) = schema.keys().find(|keyword| UNSUPPORTED.contains(&keyword.as_str())) {
        return Err(refused(path, &format!("'{keyword}' is not supported")));
    }
    if schema.get("minItems").is_some_and(|least| !matches!(least.as_u64(), Some(0 | 1))) {
        return Err(refused(path, "'minItems' can only be 0 or 1"));
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && !FORMATS.contains(&format)
    {
        return Err(refused(path, &format!("the format '{format}' is not supported")));
    }
    match schema.get("$ref").and_then(Value::as_str) {
        Some(target) if !target.starts_with('#') => Err(refused(path, "an external '$ref' is not supported")),
        _ => Ok(()),
    }
}

fn object(schema: &Map<String, Value>, path: &str, size: &mut Size) -> Verdict {
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return Err(refused(
            path,
            "For 'object' type, 'additionalProperties' must be explicitly set to false",
        ));
    }
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(stranger) =
        required.iter().find(|name| properties.is_none_or(|properties| !properties.contains_key(**name)))
    {
        return Err(refused(path, &format!("'{stranger}' is required, but isn't a property")));
    }
    let optional =
        properties.into_iter().flat_map(Map::keys).filter(|name| !required.contains(&name.as_str()));
    size.optional += optional.count();
    Ok(())
}

/// Refuses a schema that leads back to itself.
fn recursion(root: &Value) -> Verdict {
    fn leads_back(root: &Value, schema: &Value, within: &mut Vec<String>) -> bool {
        match schema {
            Value::Object(members) => members.iter().any(|(name, inner)| match (name.as_str(), inner) {
                ("$ref", Value::String(target)) => {
                    if within.contains(target) {
                        return true;
                    }
                    let Some(referred) = target.strip_prefix('#').and_then(|at| root.pointer(at)) else {
                        return false;
                    };
                    within.push(target.clone());
                    let found = leads_back(root, referred, within);
                    within.pop();
                    found
                }
                // Definitions count where they are referred to.
                ("$defs" | "definitions", _) => false,
                _ => leads_back(root, inner, within),
            }),
            Value::Array(items) => items.iter().any(|inner| leads_back(root, inner, within)),
            _ => false,
        }
    }
    // The root itself can be referred to, as `#`.
    if leads_back(root, root, &mut vec!["#".to_owned()]) {
        return Err(refused("schema", "a recursive schema is not supported"));
    }
    Ok(())
}
