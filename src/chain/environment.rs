//! What every step of a run works with.

use std::sync::Arc;

use super::budget::Budget;
use super::config::ChainConfig;
use super::events::Events;
use super::run_input::RunInput;
use super::run_link::RunLink;
use super::schema_refusals::SchemaRefusals;
use crate::model::Model;
use crate::resilience::{Breaker, BreakerRegistry};

/// What every step of a run works with.
#[derive(Clone, Copy)]
pub(super) struct Environment<'a> {
    pub(super) config: &'a ChainConfig,
    pub(super) input: &'a RunInput,
    pub(super) model: &'a dyn Model,
    pub(super) breakers: &'a BreakerRegistry,
    pub(super) refusals: &'a SchemaRefusals,
    pub(super) budget: &'a Budget,
    pub(super) link: &'a RunLink,
    pub(super) events: &'a Events,
}

impl Environment<'_> {
    /// The breaker of that model: one for all its names.
    pub(super) fn breaker(&self, model: &str) -> Arc<Breaker> {
        let id = self.config.catalog.find(model).map_or(model, |entry| &entry.id);
        self.breakers.get(self.model.upstream(), id)
    }
}
