//! What clients can ask for as a model: the chain as it is configured, and its profiles.

use std::sync::Arc;

use crate::chain::ChainConfig;

/// The chain under one of its names.
#[derive(Debug, Clone)]
pub struct ServedModel {
    /// The name.
    pub name: String,
    /// What a run goes by.
    pub chain: Arc<ChainConfig>,
}

/// Everything that clients can ask for.
#[derive(Debug, Clone)]
pub struct ServedModels {
    /// The chain as it is configured.
    pub default: ServedModel,
    /// Its profiles.
    pub profiles: Vec<ServedModel>,
    /// Further names, each with the name that it stands for.
    pub aliases: Vec<(String, String)>,
    /// Since when, in seconds of unix time.
    pub created: u64,
}

impl ServedModels {
    /// Those that are listed.
    pub(super) fn listed(&self) -> impl Iterator<Item = &ServedModel> {
        std::iter::once(&self.default).chain(&self.profiles)
    }

    /// The one of that name, or else of that alias.
    pub(super) fn find(&self, name: &str) -> Option<&ServedModel> {
        let listed = |name: &str| self.listed().find(|model| model.name == name);
        let of_alias =
            || self.aliases.iter().find(|(alias, _)| alias == name).and_then(|(_, model)| listed(model));
        listed(name).or_else(of_alias)
    }

    /// The ids of the language models that the default chain calls.
    pub(super) fn default_ids(&self) -> impl Iterator<Item = &str> {
        let chain = &self.default.chain;
        chain.steps.iter().map(|(_, step)| {
            chain.catalog.find(&step.model).map_or(step.model.as_str(), |entry| entry.id.as_str())
        })
    }
}
