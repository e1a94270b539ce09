//! Which model something is about: one that is known here, or `other`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::model::Catalog;

/// A model, as a label. Only [`KnownModels`] makes one, so that nothing from outside becomes a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModelLabel {
    /// `None` for any that isn't known.
    id: Option<Arc<str>>,
}

impl ModelLabel {
    /// `other`, or the model's id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.id.as_deref().unwrap_or("other")
    }
}

impl EncodeLabelValue for ModelLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// The models that may stand in labels: those of the catalog, and those that are configured.
#[derive(Debug)]
pub struct KnownModels {
    catalog: Arc<Catalog>,
    configured: BTreeSet<Arc<str>>,
}

impl KnownModels {
    /// Those of `catalog`, and `configured` ones.
    #[must_use]
    pub fn new<'a>(catalog: Arc<Catalog>, configured: impl IntoIterator<Item = &'a str>) -> Self {
        Self { catalog, configured: configured.into_iter().map(Arc::from).collect() }
    }

    /// These, and those that were known before: of a model that has left the catalog its id.
    pub(super) fn and(mut self, earlier: &Self) -> Self {
        self.configured.extend(earlier.configured.iter().cloned());
        self.configured.extend(earlier.catalog.models().map(|entry| Arc::from(entry.id.as_str())));
        self
    }

    /// The label of a model under any of its names.
    #[must_use]
    pub fn label(&self, model: &str) -> ModelLabel {
        let in_catalog = self.catalog.find(model).map(|entry| Arc::from(entry.id.as_str()));
        ModelLabel { id: in_catalog.or_else(|| self.configured.get(model).cloned()) }
    }
}
