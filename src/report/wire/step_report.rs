//! How a step went, in the result object.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CodeOf, DecisionWord, FindingReport, SpendReport, StepStatus, StepWord, WorkerReport, seconds};
use crate::chain::{AttemptRecord, Decision, Spend, StepMetadata, StepName, Summary, Verdict};
use crate::model::StopReason;

/// How a step went. Of a step that didn't come to its end there is what is known.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StepReport<'a> {
    /// The step.
    pub step: StepWord,
    /// Its model.
    pub model: &'a str,
    /// How it ended.
    pub status: StepStatus,
    /// Requests sent, repairs included.
    pub attempts: u32,
    /// Calls made to put a reply right; of a step that failed, those that its gate asked for.
    pub repairs: u32,
    /// From the step's start to its end; `null` if it didn't come to its end.
    pub elapsed_seconds: Option<f64>,
    /// What its attempts used and cost.
    #[serde(flatten)]
    pub spend: SpendReport,
    /// What its gate decided last; `null` if it judged nothing.
    pub verdict: Option<DecisionWord>,
    /// What its gate found last; of a divided step, what was found and let pass.
    pub findings: Vec<FindingReport<'a>>,
    /// The upstream's ids of the requests.
    pub request_ids: Vec<&'a str>,
    /// Why the accepted reply stopped, in the upstream's word; `null` if none was accepted, or it
    /// never said.
    pub stop_reason: Option<&'a str>,
    /// Whether fences, prose or raw line breaks round the JSON had to be put up with; `null` if no
    /// reply was accepted.
    pub tolerated: Option<bool>,
    /// Whether the output was made from a reply that couldn't be decoded; `null` if there is none.
    pub degraded: Option<bool>,
    /// How its parts went, in order; empty if it wasn't divided, or didn't come to its end.
    pub workers: Vec<WorkerReport<'a>>,
}

impl<'a> StepReport<'a> {
    /// All steps, in the order in which they run.
    pub(super) fn all(summary: &'a Summary, code_of: CodeOf) -> Vec<Self> {
        // Steps run one after the other, so only the first without a result can have been cut off.
        let current = StepName::ALL.into_iter().find(|step| summary.state.step_metadata.get(*step).is_none());
        let of = |step| Self::of(step, current == Some(step), summary, code_of);
        StepName::ALL.into_iter().map(of).collect()
    }

    fn of(step: StepName, is_current: bool, summary: &'a Summary, code_of: CodeOf) -> Self {
        let metadata = summary.state.step_metadata.get(step).as_ref();
        let verdicts: Vec<&Verdict> =
            summary.verdicts.iter().filter(|of| of.step == step).map(|of| &of.verdict).collect();
        let ended: Vec<&AttemptRecord> =
            summary.attempts.iter().filter(|attempt| attempt.step == step).collect();
        let in_flight = if is_current { attempts_in_flight(summary) } else { 0 };
        let mut spend = summary.spend_of(step);
        spend.uncounted_attempts += in_flight;
        Self {
            step: step.into(),
            model: summary.models.get(step),
            status: status(step, metadata, is_current, summary),
            attempts: u32::try_from(ended.len()).unwrap_or(u32::MAX).saturating_add(in_flight),
            repairs: metadata.map_or_else(|| repairs_asked_for(&verdicts), |metadata| metadata.repairs),
            elapsed_seconds: metadata.map(|metadata| seconds(metadata.elapsed)),
            spend: SpendReport::from(&spend),
            verdict: verdict(metadata, &verdicts).map(DecisionWord::from),
            findings: findings(metadata, &verdicts),
            request_ids: ended.iter().filter_map(|attempt| attempt.request_id.as_deref()).collect(),
            stop_reason: metadata.and_then(|metadata| metadata.stop_reason.as_ref()).map(StopReason::as_str),
            tolerated: metadata.map(|metadata| metadata.tolerated),
            degraded: metadata.map(|metadata| metadata.degraded),
            workers: metadata.map(|metadata| workers(metadata, code_of)).unwrap_or_default(),
        }
    }
}

fn status(
    step: StepName,
    metadata: Option<&StepMetadata>,
    is_current: bool,
    summary: &Summary,
) -> StepStatus {
    match (metadata, &summary.outcome) {
        (Some(_), _) if summary.reused.contains(&step) => StepStatus::Reused,
        (Some(metadata), _) if metadata.verdict == Decision::Warn => StepStatus::Warned,
        (Some(_), _) => StepStatus::Ok,
        (None, Some(Err(_))) if is_current => StepStatus::Failed,
        (None, None) if is_current => StepStatus::Interrupted,
        (None, _) => StepStatus::NotStarted,
    }
}

/// Attempts that were under way when the run was dropped.
fn attempts_in_flight(summary: &Summary) -> u32 {
    let of_ended: u32 = StepName::ALL.into_iter().map(|step| summary.spend_of(step).uncounted_attempts).sum();
    let all: Spend = summary.spend();
    all.uncounted_attempts.saturating_sub(of_ended)
}

fn repairs_asked_for(verdicts: &[&Verdict]) -> u32 {
    let repairs = verdicts.iter().filter(|verdict| verdict.decision == Decision::Repair).count();
    u32::try_from(repairs).unwrap_or(u32::MAX)
}

/// The last verdict's; of a divided step, whose parts each have verdicts, what follows from all of them.
fn verdict(metadata: Option<&StepMetadata>, verdicts: &[&Verdict]) -> Option<Decision> {
    match metadata {
        Some(metadata) if is_divided(metadata) => Some(metadata.verdict),
        _ => verdicts.last().map(|verdict| verdict.decision),
    }
}

fn findings<'a>(metadata: Option<&StepMetadata>, verdicts: &[&'a Verdict]) -> Vec<FindingReport<'a>> {
    let is_let_pass = |verdict: &&'a Verdict| matches!(verdict.decision, Decision::Pass | Decision::Warn);
    let told: Vec<&Verdict> = if metadata.is_some_and(is_divided) {
        verdicts.iter().copied().filter(is_let_pass).collect()
    } else {
        verdicts.last().copied().into_iter().collect()
    };
    told.into_iter().flat_map(|verdict| verdict.findings.iter().map(FindingReport::from)).collect()
}

fn is_divided(metadata: &StepMetadata) -> bool {
    !metadata.workers.is_empty()
}

fn workers(metadata: &StepMetadata, code_of: CodeOf) -> Vec<WorkerReport<'_>> {
    metadata.workers.iter().map(|worker| WorkerReport::new(worker, code_of)).collect()
}
