//! Which step something is about, as a label.

use prometheus_client::encoding::EncodeLabelValue;

use crate::step::StepName;

/// A step, as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "the variants are the label's words")]
pub(super) enum StepLabel {
    analyze,
    process,
    synthesize,
    /// The one call for a chat UI's own request.
    background_task,
}

impl From<StepName> for StepLabel {
    fn from(step: StepName) -> Self {
        match step {
            StepName::Analyze => Self::analyze,
            StepName::Process => Self::process,
            StepName::Synthesize => Self::synthesize,
        }
    }
}
