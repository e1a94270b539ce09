//! What must hold of a recording, whatever is in its file.

use super::file::RecordingFile;
use super::folder::parse;
use super::playable::Playable;

/// A recording is refused, or can be played; written and read again it is the same, with the hash of its request.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let name = "0001-fuzzed.json";
    let _ = parse(text, name);
    let Ok(mut file) = serde_json::from_str::<RecordingFile>(text) else { return };
    file.request.hash = file.request.fresh_hash();
    let written = serde_json::to_string(&file).unwrap_or_default();
    let again = serde_json::from_str::<RecordingFile>(&written);
    let Ok(again) = again else { unreachable!("{written} can't be read again") };
    assert_eq!(again.request.fresh_hash(), file.request.hash, "{written}");
    assert_eq!((&again.response, &again.end), (&file.response, &file.end));
    let is_answered = file.response.is_some();
    let end_fits = file.end.fits(is_answered);
    match Playable::new(name.to_owned(), file) {
        Ok(playable) => {
            assert!(end_fits && playable.head.is_some() == is_answered);
            assert!(playable.pieces.is_empty() || is_answered);
        }
        Err(why) => assert!(why.starts_with('/'), "{why}"),
    }
}
