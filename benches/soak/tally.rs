//! What clients have met with.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What clients have met with, by what they did.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: u64,
    expected: BTreeMap<(&'static str, String), u64>,
    unexpected: BTreeMap<(&'static str, String), u64>,
}

/// What a client has met with: in words, as an error if it shouldn't have.
pub(crate) type Met = Result<String, String>;

impl Tally {
    pub(crate) fn count(&self, client: &'static str, met: Met) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.requests += 1;
        let Counts { expected, unexpected, .. } = &mut *counts;
        let count = match met {
            Ok(met) => expected.entry((client, met)).or_default(),
            Err(met) => unexpected.entry((client, met)).or_default(),
        };
        *count += 1;
    }

    pub(crate) fn requests(&self) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).requests
    }

    /// What was met with and how often, as was expected or not.
    pub(crate) fn met(&self, as_expected: bool) -> Vec<(&'static str, String, u64)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let met = if as_expected { &counts.expected } else { &counts.unexpected };
        met.iter().map(|((client, met), count)| (*client, met.clone(), *count)).collect()
    }
}
