//! Where the results stand in the journal, by the numbers of their lines: numbers that mostly follow one another, but
//! may be any, since blank lines have no result and a journal may have been edited. A record never costs more memory
//! than a page of them.

use std::collections::HashMap;

/// How many lines share a page: as large as a record, about.
const LINES: usize = 64;

/// The places of results.
#[derive(Debug, Default)]
pub(super) struct ResultPlaces {
    /// By number, each place plus one; 0 where there is no result.
    pages: HashMap<u64, Box<[u64; LINES]>>,
    last_line: u64,
}

impl ResultPlaces {
    /// The result of that line stands at that byte.
    pub(super) fn set(&mut self, line: u64, at: u64) {
        let (page, slot) = place_of(line);
        let page = self.pages.entry(page).or_insert_with(|| Box::new([0; LINES]));
        if let Some(place) = page.get_mut(slot) {
            *place = at.saturating_add(1);
        }
        self.last_line = self.last_line.max(line);
    }

    /// The byte at which the result of that line stands, if there is one.
    pub(super) fn get(&self, line: u64) -> Option<u64> {
        let (page, slot) = place_of(line);
        self.pages.get(&page)?.get(slot)?.checked_sub(1)
    }

    /// The last line that has a result; 0 if none has.
    pub(super) fn last_line(&self) -> u64 {
        self.last_line
    }
}

/// The page of a line, and where on it.
fn place_of(line: u64) -> (u64, usize) {
    let lines = LINES as u64;
    (line / lines, usize::try_from(line % lines).unwrap_or_default())
}
