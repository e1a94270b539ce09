//! What is known of models: sizes, prices, and what each accepts. The data stand in
//! `models.toml`, and how they are read in `catalog_file.rs`; this file only answers questions about them.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::catalog_file::{CatalogError, Read, read};
use super::{CallCost, Prices, SharedText, Thinking, Usage, estimate_tokens};
use crate::small_file::{MAX_SMALL_FILE_BYTES, read_small_file};

/// The last API version that accepts sampling parameters at all.
const LAST_VERSION_WITH_TEMPERATURE: &str = "2023-06-01";

const BUILT_IN: &str = include_str!("models.toml");

/// The models known to this program.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    models: Vec<ModelEntry>,
    retired: Vec<RetiredModel>,
    /// What a request within a batch costs, of the price of one that comes alone; `None` if that isn't known.
    batch_factor: Option<f64>,
}

/// A model that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredModel {
    /// What the API called it.
    pub id: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// The day it stopped working, where that is known.
    pub on: Option<Date>,
    /// The id of a model to use in its place.
    pub successor: String,
}

/// What is known of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelEntry {
    /// What the API calls it.
    pub id: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Tokens that prompt and reply may have together.
    pub context: u64,
    /// Tokens that a reply may have.
    pub max_output: u32,
    /// Tokens a prompt needs before it is cached at all.
    pub cache_min: u64,
    /// How many tokens of this model one estimated token is.
    pub tokens_per_estimate: f64,
    /// Whether a temperature is accepted, API version permitting.
    pub temperature: bool,
    /// What can be said about thinking.
    pub thinking: ThinkingSupport,
    /// Whether `output_config.format` is accepted.
    pub structured_output: bool,
    /// The date since which it is on its way out.
    pub deprecated: Option<Date>,
    /// The day it stops working.
    pub retires: Option<Date>,
    /// Its prices, where they are known.
    pub prices: Option<Prices>,
}

impl ModelEntry {
    /// What an [estimate](estimate_tokens) of tokens comes to for this model.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an estimate, of texts of some megabytes at most"
    )]
    pub fn tokens(&self, estimate: u64) -> u64 {
        (estimate as f64 * self.tokens_per_estimate).ceil() as u64
    }

    /// Estimated tokens of `text` for this model.
    #[must_use]
    pub fn tokens_in(&self, text: &str) -> u64 {
        self.tokens(estimate_tokens(text))
    }

    /// Whether a prompt is worth marking for the cache: it is long enough, and what writing it costs is
    /// known.
    #[must_use]
    pub fn caches(&self, prompt: &SharedText) -> bool {
        let price_is_known = self.prices.is_none_or(|prices| prices.base.cache_write_5m.is_some());
        self.cache_min > 0 && price_is_known && self.tokens(prompt.estimated_tokens()) >= self.cache_min
    }
}

/// How a model lets its thinking be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingSupport {
    /// Off unless asked for.
    Optional,
    /// On unless switched off.
    Disabled,
    /// On; can be confined to tool use.
    BetweenTools,
    /// Always on.
    Always,
}

impl Catalog {
    /// The models that this program knows by itself.
    ///
    /// # Panics
    /// Never: the file is part of the program, and a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    pub fn built_in() -> Self {
        let Read { models, retired, batch_factor } = read(BUILT_IN).expect("the built-in catalog is valid");
        Self { models, retired, batch_factor }
    }

    /// Adds the models of the file at `path`, as [`extend`](Self::extend) does. The file is a regular
    /// one of at most 1 MiB.
    ///
    /// # Errors
    /// If it can't be read, isn't of that form, or has an impossible figure. The error doesn't name it.
    pub fn extend_from_file(&mut self, path: &Path) -> Result<(), CatalogError> {
        self.extend(&read_small_file(path, MAX_SMALL_FILE_BYTES)?)
    }

    /// Adds the models of `text`, a file of the same form, which replace those of the same id. One that it
    /// says is gone isn't known any more, and one that it knows isn't gone.
    ///
    /// # Errors
    /// If `text` isn't of that form, or has an impossible figure.
    pub fn extend(&mut self, text: &str) -> Result<(), CatalogError> {
        let Read { models: added, retired: gone, batch_factor } = read(text)?;
        self.batch_factor = batch_factor.or(self.batch_factor);
        let replaced = added.iter().map(|model| &model.id).chain(gone.iter().map(|model| &model.id));
        self.models.retain(|known| replaced.clone().all(|id| *id != known.id));
        self.retired.retain(|known| replaced.clone().all(|id| *id != known.id));
        self.retired.splice(0..0, gone);
        // In front, so that an alias in the user's file beats a built-in one.
        self.models.splice(0..0, added);
        Ok(())
    }

    /// All of them.
    pub fn models(&self) -> impl Iterator<Item = &ModelEntry> {
        self.models.iter()
    }

    /// What is known of the model of that id or alias.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ModelEntry> {
        self.models
            .iter()
            .find(|model| model.id == name)
            .or_else(|| self.models.iter().find(|model| model.aliases.iter().any(|alias| alias == name)))
    }

    /// The model of that id or alias, if it is gone.
    #[must_use]
    pub fn find_retired(&self, name: &str) -> Option<&RetiredModel> {
        let is_it =
            |model: &&RetiredModel| model.id == name || model.aliases.iter().any(|alias| alias == name);
        self.retired.iter().find(is_it).filter(|_| self.find(name).is_none())
    }

    /// Whether that model accepts a temperature from a client of that API version. A model that
    /// isn't known, behind an API of the old version, is taken to: all imitations of the API do.
    #[must_use]
    pub fn accepts_temperature(&self, model: &str, api_version: &str) -> bool {
        api_version <= LAST_VERSION_WITH_TEMPERATURE && self.find(model).is_none_or(|entry| entry.temperature)
    }

    /// What to say about thinking to that model, to have as little of it as it allows.
    #[must_use]
    pub fn thinking_off(&self, model: &str) -> Thinking {
        match self.find(model).map(|entry| entry.thinking) {
            Some(ThinkingSupport::Disabled) => Thinking::Disabled,
            Some(ThinkingSupport::BetweenTools) => Thinking::BetweenTools,
            Some(ThinkingSupport::Optional | ThinkingSupport::Always) | None => Thinking::Unspecified,
        }
    }

    /// The same catalog with the prices of requests within a batch, for whoever is to price such requests by
    /// the same means as others. Without a factor for batches, no price is known in it.
    #[must_use]
    pub fn at_batch_prices(&self) -> Self {
        let mut catalog = self.clone();
        for model in &mut catalog.models {
            let prices = model.prices.zip(self.batch_factor);
            model.prices = prices.map(|(prices, factor)| prices.times(factor));
        }
        catalog.batch_factor = self.batch_factor.map(|_| 1.0);
        catalog
    }

    /// What that usage of that model costs; `None` if its price isn't known.
    #[must_use]
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<CallCost> {
        self.find(model)?.prices?.cost(usage)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cost;
    use super::*;

    #[test]
    fn the_built_in_catalog_knows_the_default_model_by_both_names() {
        let catalog = Catalog::built_in();
        let by_id = catalog.find("claude-haiku-4-5-20251001").unwrap();
        assert_eq!(catalog.find("claude-haiku-4-5"), Some(by_id));
        assert!((by_id.prices.unwrap().base.output - 5.0).abs() < f64::EPSILON);
        assert!(catalog.find("claude-haiku-9").is_none());
    }

    #[test]
    fn no_name_stands_for_two_models() {
        let catalog = Catalog::built_in();
        let mut names: Vec<&str> =
            catalog.models().flat_map(|m| m.aliases.iter().chain([&m.id])).map(String::as_str).collect();
        names
            .extend(catalog.retired.iter().flat_map(|m| m.aliases.iter().chain([&m.id])).map(String::as_str));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn temperature_depends_on_model_and_api_version() {
        let catalog = Catalog::built_in();
        assert!(catalog.accepts_temperature("claude-haiku-4-5", "2023-06-01"));
        assert!(!catalog.accepts_temperature("claude-haiku-4-5", "2026-10-21"));
        assert!(!catalog.accepts_temperature("claude-haiku-5-5", "2023-06-01"));
        assert!(catalog.accepts_temperature("llama3.2", "2023-06-01"));
    }

    #[test]
    fn thinking_is_switched_off_as_far_as_each_model_allows() {
        let catalog = Catalog::built_in();
        assert_eq!(catalog.thinking_off("claude-haiku-5-5"), Thinking::Disabled);
        assert_eq!(catalog.thinking_off("claude-sonnet-5-5"), Thinking::BetweenTools);
        assert_eq!(catalog.thinking_off("claude-opus-5-5"), Thinking::Unspecified);
        assert_eq!(catalog.thinking_off("llama3.2"), Thinking::Unspecified);
    }

    #[test]
    fn a_model_that_is_gone_has_a_successor_that_isnt() {
        let catalog = Catalog::built_in();
        for name in ["claude-2.1", "claude-3-5-sonnet-latest", "claude-opus-4-1", "claude-sonnet-4-20250514"]
        {
            assert!(catalog.find_retired(name).is_some() && catalog.find(name).is_none(), "{name}");
        }
        for gone in &catalog.retired {
            let successor = catalog.find(&gone.successor).unwrap();
            assert!(successor.retires.is_none() && successor.deprecated.is_none(), "{}", gone.id);
        }
    }

    #[test]
    fn a_users_file_says_which_models_are_gone_and_which_are_not() {
        let mut catalog = Catalog::built_in();
        let known = "[[model]]\nid = 'claude-2.1'\ncontext = 9\nmax_output = 9\n\
                     [[model]]\nid = 'mine'\naliases = ['claude-opus-4-1']\ncontext = 9\nmax_output = 9\n\
                     [[retired]]\nid = 'claude-opus-5'\non = 2030-01-31\nsuccessor = 'mine'\n";
        catalog.extend(known).unwrap();
        for name in ["claude-2.1", "claude-opus-4-1"] {
            assert!(catalog.find_retired(name).is_none() && catalog.find(name).is_some(), "{name}");
        }
        assert!(catalog.find("claude-opus-5").is_none());
        assert_eq!(catalog.find_retired("claude-opus-5").unwrap().on, Some(jiff::civil::date(2030, 1, 31)));
        let wrong = "[[retired]]\nid = 'm'\non = 10:00:00\nsuccessor = 'n'\n";
        assert_eq!(
            catalog.extend(wrong).unwrap_err().to_string(),
            "model m: on isn't a date such as 2027-01-31"
        );
    }

    #[test]
    fn a_request_within_a_batch_costs_half_once() {
        let usage = Usage { input: Some(1_000_000), output: Some(1_000_000), ..Usage::default() };
        let cost = |catalog: &Catalog| catalog.cost("claude-haiku-4-5", &usage).unwrap().total();
        let batched = Catalog::built_in().at_batch_prices();
        assert_eq!((cost(&Catalog::built_in()), cost(&batched)), (Cost::from_usd(6.0), Cost::from_usd(3.0)));
        assert_eq!(cost(&batched.at_batch_prices()), Cost::from_usd(3.0), "the discount isn't given twice");

        let mut own = Catalog::built_in();
        own.extend("batch_factor = 0.25").unwrap();
        own.extend("").unwrap();
        assert_eq!(cost(&own.at_batch_prices()), Cost::from_usd(1.5));
    }

    #[test]
    fn a_users_file_adds_and_replaces() {
        let mut catalog = Catalog::built_in();
        catalog
            .extend(
                "[[model]]\nid = 'llama3.2'\ncontext = 8192\nmax_output = 4096\nprice = { input = 0, output = 0 }\n\
                 [[model]]\nid = 'claude-haiku-5-5'\ncontext = 1000\nmax_output = 10\n",
            )
            .unwrap();
        let used = Usage { input: Some(10), output: Some(10), ..Usage::default() };
        assert_eq!(catalog.cost("llama3.2", &used).unwrap().total(), Cost::ZERO);
        assert_eq!(catalog.cost("claude-haiku-5-5", &used), None);
        assert_eq!(catalog.find("claude-haiku-5-5").unwrap().context, 1000);
    }
}
