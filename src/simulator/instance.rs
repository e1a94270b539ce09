//! Makes a value that matches any schema, out of a request's own phrases.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::subject::Subject;

/// How deep a value may nest before it is left empty.
const MAX_DEPTH: usize = 16;
/// How many values are made in all, before what is left stays empty: a schema that refers to itself several
/// times over would ask for more at each level.
const MAX_VALUES: u32 = 10_000;
/// How many objects an array of objects gets at most.
const MAX_OBJECTS: usize = 3;

/// Makes values for the parts of one schema.
#[derive(Debug, Clone)]
pub(super) struct Instances<'a> {
    /// The whole schema, which references point into.
    root: &'a Value,
    subject: &'a Subject,
    /// How many values may still be made.
    left: Cell<u32>,
}

impl<'a> Instances<'a> {
    /// For values of the schema `root` and its parts.
    pub(super) fn new(root: &'a Value, subject: &'a Subject) -> Self {
        Self { root, subject, left: Cell::new(MAX_VALUES) }
    }

    /// A value for the property `name` with that schema.
    pub(super) fn make(&self, name: &str, schema: &'a Value) -> Value {
        self.at_depth(name, schema, 0, 0)
    }

    /// `schema`, or what it refers to.
    pub(super) fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str);
        target.and_then(|target| self.root.pointer(target.strip_prefix('#')?)).unwrap_or(schema)
    }

    /// `turn` picks the phrase, so that several values of one schema differ.
    fn at_depth(&self, name: &str, schema: &'a Value, turn: usize, depth: usize) -> Value {
        let schema = self.resolve(schema);
        let left = self.left.get();
        if depth > MAX_DEPTH || left == 0 {
            return Value::Null;
        }
        self.left.set(left - 1);
        if let Some(fixed) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
            return fixed.clone();
        }
        for choices in ["anyOf", "oneOf", "allOf"] {
            let choices = schema.get(choices).and_then(Value::as_array).into_iter().flatten();
            if let Some(choice) = choices.into_iter().find(|choice| kind(choice) != "null") {
                return self.at_depth(name, choice, turn, depth + 1);
            }
        }
        match kind(schema) {
            "object" => self.object(schema, turn, depth),
            "array" => self.array(name, schema, depth),
            "integer" => json!(self.subject.phrases.len()),
            "number" => json!(self.subject.confidence()),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => Value::String(self.text(name, schema, turn)),
        }
    }

    fn object(&self, schema: &'a Value, turn: usize, depth: usize) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let member =
            |(name, inner): (&String, &'a Value)| (name.clone(), self.at_depth(name, inner, turn, depth + 1));
        properties.map(member).collect::<Map<_, _>>().into()
    }

    fn array(&self, name: &str, schema: &'a Value, depth: usize) -> Value {
        let Some(items) = schema.get("items").map(|items| self.resolve(items)) else {
            return json!(self.subject.phrases);
        };
        let phrases = self.subject.phrases.len().max(1);
        let count = match kind(items) {
            "object" => phrases.min(MAX_OBJECTS),
            "string" if items.get("enum").is_none() => phrases,
            _ => 1,
        };
        (0..count).map(|turn| self.at_depth(name, items, turn, depth + 1)).collect()
    }

    fn text(&self, name: &str, schema: &Value, turn: usize) -> String {
        if let Some(sample) = schema.get("format").and_then(Value::as_str).and_then(sample_of_format) {
            return sample.to_owned();
        }
        let phrase = self.subject.phrases.get(turn).map_or("the request", String::as_str);
        match name {
            "key" => format!("phrase_{}", turn + 1),
            _ => phrase.to_owned(),
        }
    }
}

/// The type that a schema asks for; the first that isn't null, where it allows several.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

fn sample_of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2026-01-31T12:00:00Z",
        "time" => "12:00:00Z",
        "date" => "2026-01-31",
        "duration" => "PT5M",
        "email" => "someone@example.com",
        "hostname" => "example.com",
        "uri" => "https://example.com/",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        _ => return None,
    })
}
