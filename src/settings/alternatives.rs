//! Variables that set the same thing in different ways, so that only one of them can be used.

use super::sources::{Given, Layer};
use super::{Problem, Sources, Variable, table};
use crate::rule::Rule;

/// Variables that set the same thing.
pub(super) struct Alternatives {
    /// Their names.
    pub(super) names: &'static [&'static str],
    /// What they set, in a word.
    pub(super) what: &'static str,
}

impl Alternatives {
    pub(super) fn include(&self, variable: &Variable) -> bool {
        self.names.contains(&variable.name)
    }

    /// Those that one source has.
    pub(super) fn found_in<'a>(
        &self,
        sources: &'a Sources,
        layer: Layer,
    ) -> Vec<(&'static Variable, Given<'a>)> {
        self.names
            .iter()
            .filter_map(|name| Some((table::find(name)?, sources.find_in(layer, name)?)))
            .collect()
    }

    /// The one that the strongest of `layers` has, of those that have any; `None` if none has.
    ///
    /// # Errors
    /// If that source has several.
    pub(super) fn pick<'a>(
        &self,
        sources: &'a Sources,
        layers: impl IntoIterator<Item = Layer>,
    ) -> Result<Option<(&'static Variable, Given<'a>)>, Problem> {
        let mut found = layers
            .into_iter()
            .map(|layer| self.found_in(sources, layer))
            .find(|found| !found.is_empty())
            .unwrap_or_default();
        let Some((variable, given)) = found.pop() else { return Ok(None) };
        match found.last() {
            Some((other, _)) => Err(self.ambiguous(other, variable, given)),
            None => Ok(Some((variable, given))),
        }
    }

    fn ambiguous(&self, one: &Variable, other: &Variable, given: Given<'_>) -> Problem {
        let message =
            format!("{} is set in the same place, and only one {} can be used", one.name, self.what);
        Problem::new(Rule::ConflictingVariables, other.name, given.origin, message)
            .with_value(other.shown(given.value))
            .hint("remove one of them")
    }
}
