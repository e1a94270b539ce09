//! What a running server doesn't take anew when its configuration is reloaded: it goes on with what these
//! variables were at its start, wherever that came from.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::sources::{Given, Layer};
use super::{OnReload, Origin, Sources, table};

/// The variables that need a restart, as they were at the start.
#[derive(Clone, Default)]
pub struct Kept {
    /// `None` for one that was unset.
    values: BTreeMap<&'static str, Option<Value>>,
}

#[derive(Clone)]
struct Value {
    layer: Layer,
    text: OsString,
    origin: Origin,
}

impl Kept {
    /// As those sources have them.
    #[must_use]
    pub fn of(sources: &Sources) -> Self {
        let kept = table::variables().filter(|variable| variable.on_reload == OnReload::Kept);
        let value = |name: &'static str| {
            let find = |layer| Some((layer, sources.find_in(layer, name)?));
            let (layer, Given { value, origin }) = Layer::ALL.into_iter().find_map(find)?;
            Some(Value { layer, text: value.to_owned(), origin })
        };
        Self { values: kept.map(|variable| (variable.name, value(variable.name))).collect() }
    }

    /// Whether what the variable was is known, so that what it is now doesn't matter.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What that layer had.
    pub(super) fn find_in(&self, layer: Layer, name: &str) -> Option<Given<'_>> {
        let kept = self.values.get(name)?.as_ref().filter(|kept| kept.layer == layer)?;
        Some(Given { value: &kept.text, origin: kept.origin.clone() })
    }
}

/// The names alone: among the values are secrets.
impl std::fmt::Debug for Kept {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_set().entries(self.values.keys()).finish()
    }
}
