//! A batch of an earlier run of the program, of whose results not all use may have been made.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

use super::job::Origin;
use crate::commands::batch::journal::KnownBatch;

/// A batch of an earlier run.
pub(super) struct Known {
    pub(super) place: Place,
    /// Names that nobody has asked for yet, by the hash of the request.
    names: HashMap<String, VecDeque<String>>,
}

/// Where a batch of an earlier run is.
pub(super) enum Place {
    /// It has that id.
    At(String),
    /// It may have been created at that time, with requests of these names.
    Lost { at: Timestamp, names: HashSet<String> },
    /// It is being looked for.
    Sought,
    /// There is no such batch.
    Nowhere,
}

impl Known {
    pub(super) fn new(batch: KnownBatch) -> Self {
        let mut names: HashMap<String, VecDeque<String>> = HashMap::new();
        for name in batch.names.iter().cloned() {
            let hash = name.split('-').next().unwrap_or_default().to_owned();
            names.entry(hash).or_default().push_back(name);
        }
        let place = match batch.id {
            Some(id) => Place::At(id),
            None => Place::Lost { at: batch.at, names: batch.names.into_iter().collect() },
        };
        Self { place, names }
    }

    /// Whether it has, or may have, a result that nobody has asked for of such a request.
    pub(super) fn has(&self, hash: &str) -> bool {
        !matches!(self.place, Place::Nowhere) && self.names.contains_key(hash)
    }

    pub(super) fn take_name(&mut self, hash: &str) -> Option<String> {
        let names = self.names.get_mut(hash)?;
        let name = names.pop_front();
        if names.is_empty() {
            self.names.remove(hash);
        }
        name
    }

    pub(super) fn origin(&mut self) -> Option<Origin> {
        match &self.place {
            Place::At(id) => Some(Origin::Known(id.clone())),
            Place::Sought | Place::Nowhere => None,
            Place::Lost { .. } => match std::mem::replace(&mut self.place, Place::Sought) {
                Place::Lost { at, names } => Some(Origin::Lost { at, names }),
                _ => None,
            },
        }
    }

    /// Whether there are results that may still be asked for.
    pub(super) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }
}
