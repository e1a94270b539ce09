//! Reads JSON that we have written round a reply, which may nest as deep as a JSON text usually may: a few
//! levels deeper.

use serde::Deserialize;
use serde_json::Value;

/// The most levels: those of a reply, and twice as many as anything of ours adds to it. The stack holds many
/// times more.
const MOST_LEVELS: usize = 160;

/// The value in `text`.
///
/// # Errors
/// If it isn't JSON, or nests deeper than anything that is written here.
pub fn read_deep(text: &str) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    if levels(text) <= MOST_LEVELS {
        json.disable_recursion_limit();
    }
    let value = Value::deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// How deep objects and arrays nest, if `text` is JSON.
fn levels(text: &str) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deeper_than_anything_of_ours_is_refused_and_ends_no_program() {
        let nested = |depth: usize| format!("{}0{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_deep(&nested(127)).is_ok());
        assert!(read_deep(&nested(MOST_LEVELS)).is_ok());
        assert!(read_deep(&nested(MOST_LEVELS + 1)).is_err());
        assert!(read_deep(&nested(1_000_000)).is_err());
        assert!(read_deep(&"[".repeat(1_000_000)).is_err());
        let quoted = format!("[{:?}, \"\\\\\", []]", "[".repeat(500));
        assert!(read_deep(&quoted).is_ok(), "brackets in a text are no levels");
        assert!(read_deep("{} {}").is_err());
    }
}
