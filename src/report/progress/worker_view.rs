//! Where a part of a divided step stands: a step in miniature, with a number and a title.

use std::time::Duration;

use console::truncate_str;

use super::board::{StepStatus, StepView};
use super::parts::Part;
use crate::chain::{ChainError, Decision, StepName, WorkerMetadata};
use crate::report::look::Look;
use crate::report::terminal_text::one_line;

/// Columns of a title, at most: it is what tells parts apart, not what they say.
const TITLE: usize = 32;

/// Where a part of a divided step stands.
#[derive(Debug, Clone)]
pub(super) struct WorkerView {
    /// From 1.
    pub(super) number: u32,
    /// On one line, safe for a terminal.
    title: String,
    pub(super) view: StepView,
    /// Why it was left out, if it was.
    pub(super) failure: Option<String>,
}

impl WorkerView {
    /// A part that begins `at` that time.
    pub(super) fn new(number: u32, title: &str, model: &str, at: Duration) -> Self {
        let mut view = StepView::new(StepName::Process);
        (view.status, view.started) = (StepStatus::Running, at);
        model.clone_into(&mut view.model);
        Self { number, title: one_line(title), view, failure: None }
    }

    pub(super) fn end(&mut self, metadata: &WorkerMetadata, at: Duration) {
        self.view.confidence = metadata.confidence;
        self.view.repairs = metadata.repairs.max(self.view.repairs);
        let warned = metadata.verdict == Some(Decision::Warn);
        self.view.was_used_in_spite = warned && metadata.degraded && !self.view.was_cut;
        self.failure = metadata.failure.as_ref().map(reason);
        self.view.end(
            match metadata.failure {
                Some(_) => StepStatus::Failed,
                None if warned => StepStatus::Warned,
                None => StepStatus::Ok,
            },
            at,
        );
    }

    /// `part 2`.
    pub(super) fn label(&self) -> String {
        format!("part {}", self.number)
    }

    /// Its title, of which a line of that width has a third at most.
    pub(super) fn title(&self, width: usize) -> Part {
        Part::painted(truncate_str(&self.title, TITLE.min(width / 3), "…"), Look::dim)
    }

    /// The same, in ASCII as far as it isn't the model's.
    pub(super) fn plain_title(&self) -> Part {
        Part::plain(truncate_str(&self.title, TITLE, "..."))
    }
}

/// The nearest cause: that it failed is seen.
fn reason(error: &ChainError) -> String {
    one_line(&match error {
        ChainError::Upstream { failure, .. } => failure.to_string(),
        other => other.to_string(),
    })
}
