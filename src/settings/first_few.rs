//! Keeps a long list of alike things short: whoever has a thousand of them has one trouble, not a
//! thousand.

/// How many are told one by one.
const TOLD: usize = 10;

/// The first few of many alike, and the number of the others.
#[derive(Debug)]
pub(super) struct FirstFew<T> {
    told: Vec<T>,
    others: usize,
}

impl<T> FirstFew<T> {
    pub(super) fn new() -> Self {
        Self { told: Vec::new(), others: 0 }
    }

    /// One more, which is only made if it is among the first.
    pub(super) fn push(&mut self, make: impl FnOnce() -> T) {
        if self.told.len() < TOLD {
            self.told.push(make());
        } else {
            self.others += 1;
        }
    }

    /// Those that are told, and if there are others, a last one for them all, made of their number.
    pub(super) fn with_rest(self, rest: impl FnOnce(usize) -> T) -> Vec<T> {
        let Self { mut told, others } = self;
        if others > 0 {
            told.push(rest(others));
        }
        told
    }
}
