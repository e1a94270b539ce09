//! A chat UI's own requests that were answered by one call.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::names;
use super::register::registered;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskLabels {
    task: TaskLabel,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, missing_docs, reason = "the variants are the label's words")]
pub enum TaskLabel {
    title,
    tags,
    follow_ups,
    queries,
    autocomplete,
    other,
}

impl TaskLabel {
    const ALL: [Self; 6] =
        [Self::title, Self::tags, Self::follow_ups, Self::queries, Self::autocomplete, Self::other];
}

/// Such requests.
#[derive(Debug)]
pub(super) struct BackgroundTaskMetrics {
    bypassed: Family<TaskLabels, Counter>,
}

impl BackgroundTaskMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let bypassed: Family<TaskLabels, Counter> =
            registered(registry, names::BACKGROUND_TASKS, Family::default());
        for task in TaskLabel::ALL {
            drop(bypassed.get_or_create(&TaskLabels { task }));
        }
        Self { bypassed }
    }

    pub(super) fn bypassed(&self, task: TaskLabel) {
        self.bypassed.get_or_create(&TaskLabels { task }).inc();
    }
}
