//! A reply's fields, taken one by one, with a finding for each that isn't as it should be.

use serde_json::{Map, Value};

use super::super::config::{Field, FieldKind};
use super::Finding;

/// A reply's fields. What has been taken is gone; what is left at the end is the reply's own addition.
pub(crate) struct Fields {
    object: Map<String, Value>,
    findings: Vec<Finding>,
}

impl Fields {
    pub(super) fn new(object: Map<String, Value>) -> Self {
        Self { object, findings: Vec::new() }
    }

    /// A string.
    pub(super) fn string(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => self.wrong_type(name, "a string", &other),
        }
    }

    /// A number.
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        let value = self.take(name)?;
        value.as_f64().or_else(|| self.wrong_type(name, "a number", &value))
    }

    /// A list of strings; elements that aren't are left out, with a finding.
    pub(super) fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        let elements = match self.take(name)? {
            Value::Array(elements) => elements,
            other => return self.wrong_type(name, "a list of strings", &other),
        };
        let all = elements.len();
        let strings: Vec<String> = elements
            .into_iter()
            .filter_map(|element| if let Value::String(text) = element { Some(text) } else { None })
            .collect();
        if strings.len() < all {
            self.findings.push(Finding::error("wrong-type", format!("`{name}` must hold only strings")));
        }
        Some(strings)
    }

    /// An object, or the list of `{"key","value"}` that stands for one where the upstream's schemas
    /// can't hold free-form objects. Of two entries with one key the later one counts.
    pub(super) fn entries(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(object) => Some(object),
            Value::Array(entries) => {
                let all = entries.len();
                let folded: Vec<(String, Value)> = entries.into_iter().filter_map(entry).collect();
                if folded.len() < all {
                    let message = format!("each entry of `{name}` must be {{\"key\": string, \"value\": …}}");
                    self.findings.push(Finding::error("wrong-type", message));
                }
                Some(folded.into_iter().collect())
            }
            other => self.wrong_type(name, "a list of {\"key\", \"value\"}", &other),
        }
    }

    /// A list of objects with texts by these names, which needn't be there; an element that isn't one is
    /// left out, with a finding.
    pub(super) fn optional_texts<const N: usize>(
        &mut self,
        name: &str,
        members: [&str; N],
    ) -> Vec<[String; N]> {
        let elements = match self.object.shift_remove(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(elements)) => elements,
            Some(other) => return self.wrong_type(name, "a list of objects", &other).unwrap_or_default(),
        };
        let all = elements.len();
        let text = |element: &Value, member: &str| element.get(member)?.as_str().map(str::to_owned);
        let read: Vec<[String; N]> = elements
            .iter()
            .filter_map(|element| {
                let texts: Vec<String> = members.iter().filter_map(|member| text(element, member)).collect();
                texts.try_into().ok()
            })
            .collect();
        if read.len() < all {
            let message = format!("each element of `{name}` must have {}, as strings", members.join(" and "));
            self.findings.push(Finding::error("wrong-type", message));
        }
        read
    }

    /// The fields that the step's prompt declares, those that are there and of the right type.
    pub(super) fn take_declared(&mut self, declared: &[Field]) -> Map<String, Value> {
        let mut taken = Map::new();
        for field in declared {
            let Some(value) = self.take(&field.name) else { continue };
            let (fits, expected) = match field.kind {
                FieldKind::String => (value.is_string(), "a string"),
                FieldKind::Number => (value.is_number(), "a number"),
                FieldKind::Boolean => (value.is_boolean(), "true or false"),
                FieldKind::Strings => {
                    let all_strings = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
                    (all_strings, "a list of strings")
                }
            };
            if fits {
                taken.insert(field.name.clone(), value);
            } else {
                self.wrong_type::<()>(&field.name, expected, &value);
            }
        }
        taken
    }

    pub(super) fn into_rest(self) -> (Map<String, Value>, Vec<Finding>) {
        (self.object, self.findings)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.object.shift_remove(name);
        if value.is_none() {
            self.findings.push(Finding::error("missing-field", format!("the field `{name}` is missing")));
        }
        value
    }

    fn wrong_type<T>(&mut self, name: &str, expected: &str, value: &Value) -> Option<T> {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.findings.push(Finding::error("wrong-type", format!("`{name}` must be {expected}, not {found}")));
        None
    }
}

fn entry(entry: Value) -> Option<(String, Value)> {
    let Value::Object(mut entry) = entry else { return None };
    match (entry.shift_remove("key"), entry.shift_remove("value")) {
        (Some(Value::String(key)), Some(value)) => Some((key, value)),
        _ => None,
    }
}
