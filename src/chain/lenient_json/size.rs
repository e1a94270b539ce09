//! Whether a text is JSON of so many values that it isn't worth being read: one takes some hundred times the memory
//! of the two bytes that it may be written with.

use super::split_at_object;

/// The most values that are made of a reply: three for each token of the largest one that is asked for (64 000),
/// which is more than a tokenizer has ever put into so many. Read, they take some tens of megabytes.
pub const MAX_VALUES: usize = 3 * 64_000;

/// Whether the object in `reply` has more values than [`MAX_VALUES`], as far as can be seen without reading it.
#[must_use]
pub fn object_is_too_large(reply: &str) -> bool {
    split_at_object(reply).is_some_and(|(_, json)| is_too_large(json))
}

/// The same of the JSON at the beginning of `json`.
#[must_use]
pub fn is_too_large(json: &str) -> bool {
    // Each value is the first in a list or an object, or stands behind a comma.
    let (mut values, mut depth) = (1, 0_usize);
    let (mut in_string, mut after_backslash) = (false, false);
    for byte in json.bytes() {
        if in_string {
            in_string = after_backslash || byte != b'"';
            after_backslash = byte == b'\\' && !after_backslash;
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b',' => values += 1,
            b'[' | b'{' => {
                values += 1;
                depth += 1;
            }
            b']' | b'}' if depth <= 1 => break,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    values > MAX_VALUES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(elements: usize, element: &str) -> String {
        format!("{{\"a\":[{}]}}", vec![element; elements].join(","))
    }

    #[test]
    fn values_are_counted_where_they_are_and_nowhere_else() {
        let many = MAX_VALUES + 1;
        for text in [
            list(many, "1"),
            format!("Here it is, [1,2]: ```json\n{}", list(many, "\"\\\"\"")),
            list(many / 2, "[]"),
            list(many / 2, "{\"\":0}"),
            "{\"a\":".repeat(many),
        ] {
            assert!(object_is_too_large(&text), "{}", &text[..40]);
        }
        let commas = ",".repeat(many);
        for text in [
            list(MAX_VALUES / 3, "1.5"),
            list(1, &format!("\"\\\"{commas}[{{\\\\\"")),
            format!("{commas} {{\"a\":[[],{{}}]}} {commas}"),
            commas,
            String::new(),
        ] {
            assert!(!object_is_too_large(&text));
        }
    }
}
