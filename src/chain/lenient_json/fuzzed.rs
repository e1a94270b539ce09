//! What must hold of the object that is found in a reply, whatever the reply is.

use serde_json::{Map, Value};

use super::{Found, NotFound, Tolerated, begins_object, find_object, without_fence};

/// An object that is found is found again as it is written out, with nothing to tolerate; and what is wrong has its
/// place within the reply.
pub(crate) fn check(data: &[u8]) {
    let Ok(reply) = std::str::from_utf8(data) else { return };
    let inside = without_fence(reply);
    assert!(reply.contains(inside) && inside.trim() == inside);
    match find_object(reply) {
        Ok(found) => {
            assert!(begins_object(reply));
            is_found_again(&found);
            is_strict_if_nothing_is_tolerated(reply, &found);
        }
        Err(NotFound { message, is_cut }) => {
            assert!(!is_cut || begins_object(reply));
            is_in_the_reply(&message, reply);
        }
    }
}

fn is_found_again(found: &Found) {
    let written = Value::Object(found.object.clone()).to_string();
    let again = find_object(&written);
    let Ok(again) = again else { unreachable!("{written} isn't found again: {again:?}") };
    assert_eq!(again.tolerated, [], "{written}");
    // Reading a fraction may be off by its last bit.
    if !found.object.values().any(has_fraction) {
        assert_eq!(again.object, found.object, "{written}");
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(members) => members.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn is_strict_if_nothing_is_tolerated(reply: &str, found: &Found) {
    let mut told = found.tolerated.clone();
    told.dedup();
    assert_eq!(told, found.tolerated, "each is told once");
    let strict = serde_json::from_str::<Map<String, Value>>(reply.trim()).is_ok();
    assert_eq!(strict, found.tolerated.is_empty(), "{reply:?}");
    if found.tolerated.contains(&Tolerated::ControlCharacters) {
        assert!(reply.chars().any(|char| char < ' '));
    }
}

fn is_in_the_reply(message: &str, reply: &str) {
    assert!(message.len() < 200 && !message.contains("EOF"), "{message}");
    let Some((_, place)) = message.split_once(" (line ") else {
        assert!(matches!(message, "no JSON object in the reply" | "the reply is empty"), "{message}");
        return;
    };
    let numbers = place.strip_suffix(')').and_then(|place| place.split_once(", column "));
    let numbers = numbers.and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
    let Some((line, column)): Option<(usize, usize)> = numbers else { unreachable!("{message}") };
    let named = line.checked_sub(1).and_then(|line| reply.split('\n').nth(line));
    // The line break itself is the character after a line's last.
    let is_inside = named.is_some_and(|named| (1..=named.chars().count() + 1).contains(&column));
    assert!(is_inside, "{message} in {reply:?}");
}
