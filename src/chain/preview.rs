//! What a run would send, without sending it.
//!
//! The requests are made by the run's own composer, so that those of which all is known are the ones that it
//! would send. Whatever a run checks before a call is checked here too, as far as it can be known.

use super::budget::{Budget, worst_case};
use super::compose::{Composer, check_context};
use super::config::ChainConfig;
use super::placeholder;
use super::planned_call::{Division, Measured, PlannedCall};
use super::run_input::RunInput;
use super::steps::{
    Analysis, Analyze, Draft, MOST_PARTS, Process, ProcessInput, Step, Subtask, Synthesize, SynthesizeInput,
    Worker, WorkerInput,
};
use super::workers::number;
use super::{ChainError, StepName};
use crate::model::Cost;

/// The calls that a run would make, in their order, if none has to be made again.
///
/// # Errors
/// What the run would fail with before its first call, or certainly before a later one: a price that isn't
/// known under a cap, an input over the model's context, a first call that doesn't fit into the budget.
pub fn preview(config: &ChainConfig, input: &RunInput) -> Result<Vec<PlannedCall>, ChainError> {
    let budget = Budget::new(config.max_cost, Cost::ZERO);
    budget.check_prices(config, false)?;
    let calls = Planner { config, input }.calls();
    for (index, PlannedCall { step, known: Measured { request, tokens }, .. }) in calls.iter().enumerate() {
        check_context(config, *step, request, *tokens)?;
        // What is left for later calls depends on what the first needs.
        if index == 0
            && let Some(reserved) = budget.try_reserve(*step, worst_case(config, request, *tokens))
        {
            reserved?;
        }
    }
    Ok(calls)
}

struct Planner<'a> {
    config: &'a ChainConfig,
    input: &'a RunInput,
}

impl Planner<'_> {
    fn calls(&self) -> Vec<PlannedCall> {
        let plan = &self.input.plan;
        let analysis = plan.analysis().map(|(_, analysis)| analysis);
        let draft = plan.draft().map(|(_, draft)| draft);
        let mut calls = Vec::new();
        if analysis.is_none() {
            calls.push(exact(StepName::Analyze, self.measured::<Analyze>(&())));
        }
        if plan.until == StepName::Analyze {
            return calls;
        }
        if draft.is_none() {
            calls.extend(self.process(analysis));
        }
        if plan.until > StepName::Process {
            calls.push(self.synthesize(analysis, draft));
        }
        calls
    }

    fn process(&self, analysis: Option<&Analysis>) -> Vec<PlannedCall> {
        let step = StepName::Process;
        let Some(analysis) = analysis else { return vec![self.process_unanalyzed()] };
        if !self.config.divides(analysis) {
            return vec![exact(step, self.measured::<Process>(&ProcessInput { analysis }))];
        }
        let part = |part| {
            let measured = self.measured::<Worker>(&WorkerInput { analysis, part });
            PlannedCall { part: Some(number(part)), ..exact(step, measured) }
        };
        (0..analysis.subtasks.len()).map(part).collect()
    }

    fn process_unanalyzed(&self) -> PlannedCall {
        let step = StepName::Process;
        let (known, shown) = (placeholder::nothing_found(), placeholder::analysis(self.config));
        let further = self.longest_reply(StepName::Analyze, step);
        PlannedCall {
            with_placeholders: Some(self.measured::<Process>(&ProcessInput { analysis: &shown }).request),
            further,
            division: self.division(further),
            ..exact(step, self.measured::<Process>(&ProcessInput { analysis: &known }))
        }
    }

    /// Every part gets the whole analysis, and of the parts in it its own once more: all of them together
    /// get it once more.
    fn division(&self, analysis: u64) -> Option<Division> {
        let parts = number(MOST_PARTS - 1);
        let input = WorkerInput { analysis: &placeholder::empty_parts(), part: 0 };
        (self.config.workers.max > 1).then(|| Division {
            part: self.measured::<Worker>(&input),
            parts,
            further: analysis + analysis.div_ceil(u64::from(parts)),
        })
    }

    fn synthesize(&self, analysis: Option<&Analysis>, draft: Option<&Draft>) -> PlannedCall {
        let step = StepName::Synthesize;
        let measured = |analysis: &Analysis, draft: &Draft| {
            self.measured::<Synthesize>(&SynthesizeInput { analysis, draft })
        };
        if let (Some(analysis), Some(draft)) = (analysis, draft) {
            return exact(step, measured(analysis, draft));
        }
        let (nothing_found, nothing_drafted) = (placeholder::nothing_found(), placeholder::nothing_drafted());
        let known_analysis = analysis.unwrap_or(&nothing_found);
        let known = measured(known_analysis, draft.unwrap_or(&nothing_drafted));
        let shown = {
            let (analysis_to_come, draft_to_come) =
                (placeholder::analysis(self.config), placeholder::draft(self.config));
            measured(analysis.unwrap_or(&analysis_to_come), draft.unwrap_or(&draft_to_come))
        };
        let parts = self.parts(analysis);
        let drafts = if parts.is_empty() { 1 } else { u64::from(number(parts.len() - 1)) };
        let mut further = drafts * self.longest_reply(StepName::Process, step);
        if !parts.is_empty() {
            let joined = measured(known_analysis, &placeholder::nothing_joined(&parts));
            further += joined.tokens.saturating_sub(known.tokens);
        }
        if analysis.is_none() {
            let reply = self.longest_reply(StepName::Analyze, step);
            // The titles stand in the draft twice: above their parts, and in its metadata.
            further += if parts.is_empty() { reply } else { 3 * reply };
        }
        PlannedCall { with_placeholders: Some(shown.request), further, ..exact(step, known) }
    }

    /// The parts that process is written in at most; none if it can't be divided.
    fn parts(&self, analysis: Option<&Analysis>) -> Vec<Subtask> {
        match analysis {
            Some(analysis) if self.config.divides(analysis) => analysis.subtasks.clone(),
            None if self.config.workers.max > 1 => placeholder::empty_parts().subtasks,
            _ => Vec::new(),
        }
    }

    fn measured<S: Step>(&self, input: &S::Input<'_>) -> Measured {
        let composer = Composer::new::<S>(self.config, self.input, input);
        // An engine that has made no call yet knows of no schema that was refused.
        let request = composer.request(composer.format(|| false));
        let tokens = composer.estimate(&request);
        Measured { request, tokens }
    }

    /// The most tokens of `reader`'s model that a reply of `writer` may have.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, of thousands of tokens"
    )]
    fn longest_reply(&self, writer: StepName, reader: StepName) -> u64 {
        let (writer, reader) = (self.config.steps.get(writer), self.config.steps.get(reader));
        let catalog = &self.config.catalog;
        let per_estimate = |model: &str| catalog.find(model).map_or(1.0, |entry| entry.tokens_per_estimate);
        // Never fewer: how models differ is itself an estimate.
        let ratio = (per_estimate(&reader.model) / per_estimate(&writer.model)).max(1.0);
        (f64::from(writer.max_tokens) * ratio).ceil() as u64
    }
}

/// A call of which all is known.
fn exact(step: StepName, known: Measured) -> PlannedCall {
    PlannedCall { step, part: None, known, with_placeholders: None, further: 0, division: None }
}
