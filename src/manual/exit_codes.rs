//! Exit codes, as the table of errors has them.

use super::entry::{Entry, EntryList};
use crate::error::ErrorCode;

/// Each exit code with its words, which the JSON error has too, and their meaning.
pub(super) fn exit_codes() -> EntryList {
    let mut entries = vec![Entry { term: "0".to_owned(), lines: vec!["done".to_owned()] }];
    for code in ErrorCode::ALL {
        let term = code.exit_code().to_string();
        let line = format!("{}: {}", code.as_str(), code.meaning());
        match entries.last_mut() {
            Some(last) if last.term == term => last.lines.push(line),
            _ => entries.push(Entry { term, lines: vec![line] }),
        }
    }
    EntryList::new("Exit codes", entries)
}
