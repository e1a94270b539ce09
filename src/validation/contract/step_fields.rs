//! The fields that a step returns, as far as they are known.

use std::collections::BTreeSet;

use crate::chain;
use crate::prompts::{Field, Prompt};
use crate::step::PerStep;

/// What a step returns.
#[derive(Debug)]
pub(super) struct StepFields {
    /// Its own fields, in the order in which they are written.
    pub(super) own: Vec<String>,
    /// Those that it returns only where it is asked for them.
    pub(super) optional: Vec<String>,
    /// Those that its prompt adds.
    pub(super) declared: Vec<Field>,
    /// Whether all that its prompt adds is known.
    pub(super) are_all_known: bool,
}

impl StepFields {
    /// Each step's.
    pub(super) fn of(prompts: &PerStep<Option<Prompt>>) -> PerStep<Self> {
        let names = chain::own_fields().zip(chain::optional_fields());
        names.zip(prompts.as_ref()).map(|_, ((own, optional), prompt)| {
            let declared = prompt.iter().flat_map(|prompt| &prompt.front_matter.fields);
            Self {
                own,
                optional,
                declared: declared.map(|field| field.value.clone()).collect(),
                are_all_known: prompt.as_ref().is_some_and(Prompt::has_all_fields),
            }
        })
    }

    /// The names of those that are always there: its own, then those declared.
    pub(super) fn required(&self) -> impl Iterator<Item = &str> {
        self.own.iter().chain(self.declared.iter().map(|field| &field.name)).map(String::as_str)
    }

    /// All their names: its own, then those declared.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.iter().chain(&self.optional);
        own.chain(self.declared.iter().map(|field| &field.name)).map(String::as_str)
    }

    /// Whether an object with the keys `names` is likely meant as what the step returns: it has two of its
    /// fields, or one and nothing else. One among others is what any data may have.
    pub(super) fn make_up(&self, names: &BTreeSet<&str>) -> bool {
        let known = names.iter().filter(|name| self.has(name)).count();
        known >= 2 || known == 1 && names.len() == 1
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }
}
