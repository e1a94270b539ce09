//! Finds where a text is to end: before the earliest of the texts that the caller named.
//!
//! The finder is fed piece by piece and keeps nothing of the text but how far each search has come.

use super::AnswerOptions;

/// Finds the earliest of some texts in a text that arrives in pieces of whole characters. All positions
/// are in bytes.
#[derive(Debug, Clone)]
pub(super) struct StopTexts {
    searches: Vec<Search>,
    /// How much has come.
    seen: usize,
    /// Where the earliest that is complete begins.
    first: Option<usize>,
}

impl StopTexts {
    /// For these texts; an empty one is never found.
    pub(super) fn new(texts: &[String]) -> Self {
        Self { searches: texts.iter().map(|text| Search::new(text)).collect(), seen: 0, first: None }
    }

    /// Forgets the text, to begin with another.
    pub(super) fn restart(&mut self) {
        for search in &mut self.searches {
            search.matched = 0;
        }
        (self.seen, self.first) = (0, None);
    }

    /// Takes in the next piece of the text.
    pub(super) fn feed(&mut self, piece: &str) {
        for byte in piece.bytes() {
            self.seen += 1;
            for search in &mut self.searches {
                if search.push(byte) {
                    let begins = self.seen - search.text.len();
                    self.first = Some(self.first.map_or(begins, |first| first.min(begins)));
                }
            }
        }
    }

    /// Where the earliest begins, once that is decided: of two that overlap, the one that is complete
    /// first needn't have begun first.
    pub(super) fn found(&self) -> Option<usize> {
        self.first.filter(|first| *first <= self.undecided_from())
    }

    /// How much of the text is certain to stand before all of them, whatever comes.
    pub(super) fn certain(&self) -> usize {
        let undecided = self.undecided_from();
        self.first.map_or(undecided, |first| first.min(undecided))
    }

    /// Where the earliest begins that what comes next could complete; the end of the text if none has
    /// begun.
    fn undecided_from(&self) -> usize {
        let longest = self.searches.iter().map(|search| search.matched).max();
        self.seen - longest.unwrap_or(0)
    }
}

/// The search for one text, by Knuth, Morris and Pratt: no byte is looked at twice.
#[derive(Debug, Clone)]
struct Search {
    text: Box<[u8]>,
    /// For each beginning of the text, the length of the longest shorter beginning that it ends in.
    borders: Vec<usize>,
    /// The length of the longest beginning of the text that what has come so far ends in.
    matched: usize,
}

impl Search {
    fn new(text: &str) -> Self {
        let borders = Vec::with_capacity(text.len());
        let mut search = Self { text: text.as_bytes().into(), borders, matched: 0 };
        // The borders come of searching for the text in itself, from its second byte on.
        for (at, byte) in text.bytes().enumerate() {
            if at > 0 {
                search.push(byte);
            }
            search.borders.push(search.matched);
        }
        search.matched = 0;
        search
    }

    /// Takes the next byte; whether the text is complete with it.
    fn push(&mut self, byte: u8) -> bool {
        while self.text.get(self.matched) != Some(&byte) {
            let Some(border) = self.matched.checked_sub(1).and_then(|last| self.borders.get(last)) else {
                return false;
            };
            self.matched = *border;
        }
        self.matched += 1;
        self.matched == self.text.len()
    }
}

impl AnswerOptions {
    /// How much of a whole text stands before the earliest stop text, in bytes; `None` if none occurs.
    pub(super) fn stops_at(&self, text: &str) -> Option<usize> {
        let mut stop = StopTexts::new(&self.stop);
        stop.feed(text);
        // There is nothing more to come that could decide otherwise.
        stop.first
    }
}

#[cfg(test)]
mod tests;
