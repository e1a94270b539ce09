//! What must hold of the text that comes out of a growing reply, whatever the reply is.

use serde_json::Value;

use super::{DecoderState, FieldText, JsonTextDecoder, field_text};
use crate::chain::lenient_json::{FirstWins, NotFound, find_object};
use crate::fuzzing::cuts;

const FIELD: &str = "final_text";

/// The text is the same wherever the reply is cut, grows only at its end, is what `serde_json` reads in the
/// whole, and is what the lenient reader of whole replies finds.
pub(crate) fn check(data: &[u8]) {
    let (text, state) = decode(&[data]);
    assert!(text.len() <= data.len());
    for pieces in cuts(data) {
        assert_eq!(decode(&pieces), (text.clone(), state), "{pieces:?}");
    }
    let Ok(reply) = std::str::from_utf8(data) else {
        // Bytes behind the object aren't looked at; anywhere else they are the end.
        assert!(
            matches!(state, DecoderState::Malformed | DecoderState::ObjectDone) || is_cut_character(data)
        );
        return;
    };
    match field_text(reply, FIELD) {
        Some(FieldText { text: told, .. }) => assert_eq!(told, text),
        None => assert_eq!(text, ""),
    }
    match find_object(reply) {
        Ok(found) => {
            assert_eq!(state, DecoderState::ObjectDone);
            assert_eq!(text, found.object.get(FIELD).and_then(Value::as_str).unwrap_or_default());
        }
        Err(NotFound { is_cut: true, .. }) => assert_ne!(state, DecoderState::Malformed),
        // The decoder doesn't notice such a number, and reads on.
        Err(NotFound { message, .. }) if message.starts_with("number out of range") => {}
        Err(NotFound { .. }) => assert_ne!(state, DecoderState::ObjectDone),
    }
    if let Ok(FirstWins(object)) = serde_json::from_str(reply) {
        assert_eq!(state, DecoderState::ObjectDone);
        assert_eq!(text, object.get(FIELD).and_then(Value::as_str).unwrap_or_default());
    }
}

/// Feeds the pieces; what has come out once never changes.
fn decode(pieces: &[&[u8]]) -> (String, DecoderState) {
    let mut decoder = JsonTextDecoder::new(FIELD);
    let mut text = String::new();
    for piece in pieces {
        let (before, was) = (text.len(), decoder.state());
        decoder.feed_bytes(piece, &mut text);
        let is_over = matches!(was, DecoderState::Malformed | DecoderState::ObjectDone);
        assert!(!is_over || (text.len() == before && decoder.state() == was), "nothing follows an end");
        assert!(was != DecoderState::FieldDone || text.len() == before, "the first field of the name counts");
    }
    if decoder.state() == DecoderState::NotStarted {
        assert_eq!(text, "");
    }
    (text, decoder.state())
}

/// Whether the last character isn't complete, and all before it is text.
fn is_cut_character(data: &[u8]) -> bool {
    std::str::from_utf8(data).is_err_and(|error| error.error_len().is_none())
}
