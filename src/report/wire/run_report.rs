//! The result object: all that a run came to, in one document.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    AnalysisReport, CodeOf, DraftReport, ErrorReport, FindingReport, FinishWord, RunStatus, SpendReport,
    StepReport, StepWord, WIRE_VERSION, seconds,
};
use crate::chain::{Decision, Judgement, StepOutput, Summary};
use crate::report::Replies;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Result of a run")]
pub struct RunReport<'a> {
    /// The version of this format.
    #[schemars(extend("const" = WIRE_VERSION))]
    pub version: u32,
    /// How the run ended.
    pub status: RunStatus,
    /// Our id of the run, sent upstream with every call.
    pub request_id: &'a str,
    /// Whether the replies came from the built-in simulator instead of a model.
    pub simulated: bool,
    /// Whether the replies came from recordings, of whatever upstream, instead of a model that was asked.
    pub replayed: bool,
    /// The final text; `null` if the run didn't come to it.
    pub text: Option<&'a str>,
    /// Why the text ends where it does; `null` if there is none.
    pub finish_reason: Option<FinishWord>,
    /// How the text is formatted, in the model's words; `null` if it didn't say.
    pub formatting: Option<&'a str>,
    /// Declared and additional fields of synthesize. Those of the other steps stand in `analysis` and
    /// `draft`.
    pub fields: Map<String, Value>,
    /// What analyze found out; `null` if it didn't come to its end.
    pub analysis: Option<AnalysisReport<'a>>,
    /// What process drafted; `null` if it didn't come to its end.
    pub draft: Option<DraftReport<'a>>,
    /// How each step went, in the order in which they run: always all three.
    pub steps: Vec<StepReport<'a>>,
    /// What all attempts of all steps used and cost.
    #[serde(flatten)]
    pub spend: SpendReport,
    /// What gates found and let pass.
    pub warnings: Vec<WarningReport<'a>>,
    /// How long the run took; `null` if it was interrupted.
    pub elapsed_seconds: Option<f64>,
    /// Why the run failed; `null` if it didn't.
    pub error: Option<ErrorReport>,
}

/// Something that a gate found and let pass.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WarningReport<'a> {
    /// The step.
    pub step: StepWord,
    /// In whose reply, if it is that of a part of the step, from 1; `null` if it is the step's.
    pub worker: Option<u32>,
    /// What was found.
    #[serde(flatten)]
    pub finding: FindingReport<'a>,
}

impl<'a> RunReport<'a> {
    /// What a run came to that has ended, or was dropped. `error` says why, where it failed; `code_of` knows
    /// the words for parts that did.
    #[must_use]
    pub fn new(summary: &'a Summary, replies: Replies, error: Option<ErrorReport>, code_of: CodeOf) -> Self {
        let outputs = &summary.state.outputs;
        let answer = match &outputs.synthesize {
            Some(StepOutput::Synthesize(answer)) => Some(answer),
            _ => None,
        };
        let draft = match &outputs.process {
            Some(StepOutput::Process(draft)) => Some(DraftReport::from(draft)),
            _ => None,
        };
        Self {
            version: WIRE_VERSION,
            status: RunStatus::from(summary),
            request_id: &summary.request_id,
            simulated: replies.are_simulated(),
            replayed: replies.are_replayed(),
            text: answer.map(|answer| answer.final_text.as_str()),
            finish_reason: finish_reason(summary),
            formatting: answer.and_then(|answer| answer.formatting.as_deref()),
            fields: answer.map(|answer| answer.extra.clone()).unwrap_or_default(),
            analysis: summary.state.analysis.as_ref().map(AnalysisReport::from),
            draft,
            steps: StepReport::all(summary, code_of),
            spend: SpendReport::from(&summary.spend()),
            warnings: warnings(summary),
            elapsed_seconds: summary.elapsed.map(seconds),
            error,
        }
    }
}

pub(super) fn finish_reason(summary: &Summary) -> Option<FinishWord> {
    let has_text = summary.state.final_response.is_some();
    match &summary.outcome {
        Some(Ok(reason)) if has_text => Some((*reason).into()),
        _ => None,
    }
}

/// Findings of gates that let a reply pass: in spite of them, or because they are only warnings.
fn warnings(summary: &Summary) -> Vec<WarningReport<'_>> {
    summary
        .verdicts
        .iter()
        .filter(|judgement| matches!(judgement.verdict.decision, Decision::Pass | Decision::Warn))
        .flat_map(|judgement| judgement.verdict.findings.iter().map(move |finding| (judgement, finding)))
        .map(|(Judgement { step, worker, .. }, finding)| WarningReport {
            step: (*step).into(),
            worker: *worker,
            finding: finding.into(),
        })
        .collect()
}
