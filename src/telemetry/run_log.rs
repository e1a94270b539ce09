//! A run in the log: a reader of the engine's events, the same for every command.
//!
//! One INFO line a finished step and one for the whole run, a WARNING for each retry and each gate
//! that let something pass, none per token. Prompts and replies stand in the log only when asked for,
//! at DEBUG.

use std::time::Duration;

use crate::chain::{
    AttemptRecord, ChainError, Conversation, Decision, Event, Finding, Spend, StepFinished, StepName,
    Summary, Verdict,
};
use crate::model::Cost;

/// Logs a run's events.
#[derive(Debug, Clone, Copy)]
pub struct RunLog {
    /// Whether prompts and replies may stand in the log.
    pub content: bool,
}

impl RunLog {
    /// The run is about this.
    pub fn input(self, conversation: &Conversation) {
        if self.content {
            for message in conversation.messages() {
                tracing::debug!(role = message.role.as_str(), content = message.content, "Message");
            }
        }
    }

    /// The next event; the end of the run is logged by [`finished`](Self::finished).
    pub fn event(self, event: &Event) {
        match event {
            Event::StepStarted { step, model } => {
                tracing::debug!(step = step.as_str(), model, "Step started");
            }
            Event::AttemptEnded(record) if record.failure.is_some() => failed_attempt(record),
            Event::GateJudged { step, verdict } => judged(*step, verdict),
            Event::StepFinished(finished) => self.step(finished),
            Event::RunStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::AttemptEnded(_)
            | Event::OutputDelta { .. }
            | Event::RunFinished { .. } => {}
        }
    }

    /// The run has ended, or was dropped: its one line with the totals. `message` says which kind of
    /// run it was, `error_code` why it failed.
    pub fn finished(summary: &Summary, message: &str, error_code: Option<&str>) {
        let figures = Figures::of(&summary.spend());
        let elapsed_seconds = summary.elapsed.map(|elapsed| elapsed.as_secs_f64());
        let steps = breakdown(summary);
        if let Some(error_code) = error_code {
            let error = match &summary.outcome {
                Some(Err(error)) => error.to_string(),
                Some(Ok(_)) | None => "ended before it was done".to_owned(),
            };
            let error_type = summary
                .outcome
                .as_ref()
                .map_or("cancelled", |outcome| outcome.as_ref().err().map_or("output", error_type));
            tracing::error!(
                elapsed_seconds,
                steps,
                error,
                error_type,
                error_code,
                input_tokens = figures.input,
                output_tokens = figures.output,
                total_tokens = figures.total,
                input_cost_usd = figures.input_cost,
                output_cost_usd = figures.output_cost,
                total_cost_usd = figures.total_cost,
                usage_complete = figures.complete,
                "{message} failed"
            );
        } else {
            tracing::info!(
                elapsed_seconds,
                steps,
                input_tokens = figures.input,
                output_tokens = figures.output,
                total_tokens = figures.total,
                input_cost_usd = figures.input_cost,
                output_cost_usd = figures.output_cost,
                total_cost_usd = figures.total_cost,
                usage_complete = figures.complete,
                "{message} completed"
            );
        }
    }

    fn step(self, finished: &StepFinished) {
        let metadata = &finished.metadata;
        let figures = Figures::of(&metadata.spend);
        tracing::info!(
            step = finished.step.as_str(),
            model = metadata.model,
            attempt = metadata.attempts,
            duration_ms = milliseconds(metadata.elapsed),
            confidence = finished.output.confidence(),
            input_tokens = figures.input,
            output_tokens = figures.output,
            total_tokens = figures.total,
            input_cost_usd = figures.input_cost,
            output_cost_usd = figures.output_cost,
            total_cost_usd = figures.total_cost,
            usage_complete = figures.complete,
            "Step finished"
        );
        if metadata.spend.unpriced {
            tracing::warn!(
                step = finished.step.as_str(),
                model = metadata.model,
                "The model's price isn't known"
            );
        }
        if self.content {
            tracing::debug!(step = finished.step.as_str(), content = finished.reply, "Reply");
        }
    }
}

fn failed_attempt(record: &AttemptRecord) {
    let Some(failure) = &record.failure else { return };
    tracing::warn!(
        step = record.step.as_str(), attempt = record.attempt, duration_ms = milliseconds(record.elapsed),
        error = %failure, retry_in_seconds = record.retry_in.map(|wait| wait.as_secs_f64()),
        "Attempt failed"
    );
}

fn judged(step: StepName, verdict: &Verdict) {
    let found: Vec<String> = verdict.findings.iter().map(Finding::to_string).collect();
    let message = match verdict.decision {
        Decision::Pass if found.is_empty() => return,
        Decision::Pass => "Gate passed with a warning",
        Decision::Repair => "Gate asks for a repair",
        Decision::Warn => "Gate let a faulty reply pass",
        Decision::Reject => "Gate rejected the reply",
    };
    tracing::warn!(step = step.as_str(), findings = found.join("; "), "{message}");
}

/// `analyze 812ms, process 1930ms`: what the run's time went into.
fn breakdown(summary: &Summary) -> String {
    let steps = summary.state.step_metadata.iter().filter_map(|(step, metadata)| {
        let elapsed = metadata.as_ref()?.elapsed;
        Some(format!("{step} {:.0}ms", milliseconds(elapsed)))
    });
    steps.collect::<Vec<_>>().join(", ")
}

fn error_type(error: &ChainError) -> &'static str {
    match error {
        ChainError::Upstream { .. } => "upstream",
        ChainError::CircuitOpen { .. } => "circuit_open",
        ChainError::TimedOut { .. } => "timeout",
        ChainError::Rejected { .. } => "gate",
        ChainError::Refused { .. } => "refusal",
        ChainError::ContextExceeded { .. } => "context",
        ChainError::OverBudget { .. } | ChainError::UnknownPrice { .. } => "budget",
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Tokens and cost as the log has them; what isn't known is left out.
struct Figures {
    input: Option<u64>,
    output: Option<u64>,
    total: Option<u64>,
    input_cost: Option<f64>,
    output_cost: Option<f64>,
    total_cost: Option<f64>,
    complete: bool,
}

impl Figures {
    fn of(spend: &Spend) -> Self {
        let (input, output) = (spend.usage.prompt_tokens(), spend.usage.output);
        let (total_cost, output_cost) = (spend.cost.map(Cost::usd), spend.output_cost.map(Cost::usd));
        Self {
            input,
            output,
            total: input.zip(output).map(|(input, output)| input + output),
            input_cost: spend.cost.zip(spend.output_cost).map(|(total, output)| (total - output).usd()),
            output_cost,
            total_cost,
            complete: spend.is_complete(),
        }
    }
}
