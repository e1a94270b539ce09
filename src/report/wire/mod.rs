//! The JSON that the program writes, as types: promises to whoever reads it, each with a schema.
//!
//! Apart from the engine's own types on purpose: those may change, these only with
//! [`WIRE_VERSION`]. Adding a member isn't a change of version; removing or renaming one is. What
//! isn't known is `null`, never 0, and no member is ever left out but an analysis's `subtasks`, which only
//! runs that may be divided have.

mod batch_line;
mod config_report;
mod dry_run_report;
mod error_report;
mod event_line;
mod event_parts;
mod inspection_report;
mod run_report;
mod state_report;
mod step_output;
mod step_report;
mod token_report;
mod usage_report;
mod validation_document;
mod words;
mod worker_report;

pub use batch_line::BatchLine;
pub use config_report::{ConfigReport, OriginKind, OriginReport, SettingReport};
pub use dry_run_report::{
    CostRange, DryRunParts, DryRunReport, ForecastReport, PlannedRequestReport, TokenMethod, TokenRange,
};
pub use error_report::{ErrorDocument, ErrorReport};
pub use event_line::EventLine;
pub use inspection_report::InspectionReport;
pub use run_report::{RunReport, WarningReport};
pub(super) use state_report::STATE_KIND;
pub use state_report::{FinishedStepReport, MessageReport, StateParts, StateReport};
pub use step_output::{AnalysisReport, AnswerReport, DraftReport, StepOutputReport, SubtaskReport};
pub use step_report::StepReport;
pub use token_report::TokenReport;
pub use usage_report::{SpendReport, UsageReport};
pub use validation_document::{
    DiagnosticReport, DiagnosticSeverity, SourceKind, SourceReport, ValidationDocument,
};
pub use words::{
    DecisionWord, FailureKind, FindingReport, FinishWord, RunStatus, SeverityWord, StepStatus, StepWord,
};
pub use worker_report::{CodeOf, WorkerErrorReport, WorkerReport};

pub(super) use event_line::EventBody;
pub(super) use event_parts::RunFinishedLine;

use std::time::Duration;

/// The `version` that every document carries.
pub const WIRE_VERSION: u32 = 1;

/// Seconds, to a millisecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
