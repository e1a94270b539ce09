//! Where two JSON values differ.

use std::fmt;

use serde_json::Value;

use super::excerpt::{excerpts, shown};

/// A place where what is asked for now isn't what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// The place, as a JSON pointer; empty for the whole.
    pub(super) pointer: String,
    /// An excerpt of what was recorded; `None` if there was nothing.
    recorded: Option<String>,
    /// An excerpt of what there is now; `None` if there is nothing.
    now: Option<String>,
}

/// All differences, in the order in which they stand in `recorded`, then what is new in `now`.
pub(super) fn differences(recorded: &Value, now: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), recorded, now, &mut found);
    found
}

fn compare(pointer: String, recorded: &Value, now: &Value, found: &mut Vec<Difference>) {
    match (recorded, now) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, old) in before {
                either(below(&pointer, key), Some(old), after.get(key), found);
            }
            for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
                either(below(&pointer, key), None, Some(new), found);
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for index in 0..before.len().max(after.len()) {
                either(below(&pointer, &index.to_string()), before.get(index), after.get(index), found);
            }
        }
        (old, new) if old == new => {}
        (old, new) => {
            let (recorded, now) = excerpts(old, new);
            found.push(Difference { pointer, recorded: Some(recorded), now: Some(now) });
        }
    }
}

fn either(pointer: String, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<Difference>) {
    match (old, new) {
        (Some(old), Some(new)) => compare(pointer, old, new, found),
        (old, new) => found.push(Difference { pointer, recorded: old.map(shown), now: new.map(shown) }),
    }
}

fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: recorded {}, now {}", self.pointer, side(&self.recorded), side(&self.now))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(recorded: &Value, now: &Value) -> Vec<String> {
        differences(recorded, now).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_place_is_named_with_both_sides() {
        let recorded = json!({"model": "a", "messages": [{"content": "Hi"}, {"content": "Bye"}], "a/b~c": 1});
        let now = json!({"messages": [{"content": "Hi!"}], "model": "a", "a/b~c": 2, "stream": true});
        assert_eq!(
            told(&recorded, &now),
            [
                r#"/messages/0/content: recorded "Hi", now "Hi!""#,
                r#"/messages/1: recorded {"content":"Bye"}, now nothing"#,
                "/a~1b~0c: recorded 1, now 2",
                "/stream: recorded nothing, now true",
            ]
        );
    }

    #[test]
    fn the_same_in_another_order_is_no_difference() {
        assert_eq!(told(&json!({"a": 1, "b": [2]}), &json!({"b": [2], "a": 1})), Vec::<String>::new());
    }

    #[test]
    fn values_of_different_kinds_differ_as_a_whole() {
        assert_eq!(told(&json!({"a": {"b": 1}}), &json!({"a": [1]})), [r#"/a: recorded {"b":1}, now [1]"#]);
    }
}
