//! One text for all ways to write the same JSON: what a request's hash is taken over.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// SHA-256 over what makes a request the same request, in hexadecimal digits.
pub(super) fn hash(method: &str, path: &str, body: &Value) -> String {
    let mut text = format!("{method}\n{path}\n");
    write(body, &mut text);
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// Objects with their keys sorted, no blanks.
fn write(value: &Value, into: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            write_all("{", members, "}", into, |(key, value), into| {
                into.push_str(&Value::from(key.as_str()).to_string());
                into.push(':');
                write(value, into);
            });
        }
        Value::Array(items) => write_all("[", items, "]", into, write),
        Value::Number(number) => into.push_str(&number_text(number)),
        Value::Null | Value::Bool(_) | Value::String(_) => into.push_str(&value.to_string()),
    }
}

fn write_all<T>(
    open: &str,
    items: impl IntoIterator<Item = T>,
    close: &str,
    into: &mut String,
    write: impl Fn(T, &mut String),
) {
    into.push_str(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            into.push(',');
        }
        write(item, into);
    }
    into.push_str(close);
}

/// Fifteen digits of a fraction: what reading and writing it leaves alone.
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(fraction) if number.is_f64() => format!("{fraction:.14e}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_that_of_items_does() {
        let of = |body: Value| hash("POST", "/v1/messages", &body);
        let one = of(json!({"a": [1, {"x": "é\"", "y": null}], "b": 0.7}));
        assert_eq!(one, of(json!({"b": 0.7, "a": [1, {"y": null, "x": "é\""}]})));
        assert_ne!(one, of(json!({"b": 0.7, "a": [{"y": null, "x": "é\""}, 1]})));
        assert_ne!(one, of(json!({"b": 0.8, "a": [1, {"y": null, "x": "é\""}]})));
        assert_ne!(of(json!("1")), of(json!(1)));
        assert_ne!(of(json!(["a", "b"])), of(json!(["a,b"])));
        assert_ne!(of(json!([1, 23])), of(json!([12, 3])));
    }

    #[test]
    fn method_and_path_belong_to_a_request() {
        let body = json!({});
        let one = hash("POST", "/v1/messages", &body);
        assert_eq!(one.len(), 64);
        assert_ne!(one, hash("GET", "/v1/messages", &body));
        assert_ne!(one, hash("POST", "/v1/messages/count_tokens", &body));
    }

    #[test]
    fn a_fraction_that_was_read_again_is_the_same() {
        for seventh in 1..=1_000 {
            let body = json!({ "temperature": f64::from(seventh) / 7e9 });
            let again: Value = serde_json::from_str(&body.to_string()).unwrap();
            assert_eq!(hash("POST", "/", &body), hash("POST", "/", &again), "{body}");
        }
    }

    #[test]
    fn a_hash_is_the_same_in_every_version_so_that_recordings_are_found_again() {
        let body = json!({"b": 0.5, "a": [1, "x"]});
        let known = "d407b588c92276a2941a1b8013badbd99076a2825a681ac676aa7c2139ae6249";
        assert_eq!(hash("POST", "/v1/messages", &body), known);
    }

    #[test]
    fn whole_numbers_are_told_apart_however_large() {
        let of = |number: u64| hash("POST", "/", &json!(number));
        assert_ne!(of(9_007_199_254_740_992), of(9_007_199_254_740_993));
    }
}
