//! A run in the log: a reader of the engine's events, the same for every command.
//!
//! One INFO line a finished step, one for each part of a divided one and one for the whole run, a WARNING
//! for each retry, each gate that let something pass and each part that was left out, none per token. What
//! models have written stands in none of them: of a finding, only the rule; of a part, only its number.

use std::time::Duration;

use crate::chain::{
    AttemptFailure, AttemptRecord, ChainError, Decision, Event, Finding, FinishReason, Spend, StepFinished,
    StepName, Summary, Verdict, WorkerMetadata,
};
use crate::model::{CallErrorKind, Cost};

/// How a run ended, as far as the log is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEnd {
    /// With a result.
    Completed,
    /// Without one; the code says why.
    Failed {
        /// The error's stable word.
        error_code: &'static str,
    },
    /// Nobody wanted the result any more.
    Cancelled,
}

/// Logs an event; the end of the run is logged by [`log_end`].
pub(super) fn log_event(event: &Event) {
    match event {
        Event::StepStarted { step, model } => tracing::debug!(step = step.as_str(), model, "Step started"),
        Event::AttemptEnded(record) => {
            if let Some(failure) = &record.failure {
                failed_attempt(record, failure);
            }
        }
        Event::GateJudged { step, worker, verdict } => judged(*step, *worker, verdict),
        Event::WorkerStarted { worker, .. } => {
            tracing::debug!(step = StepName::Process.as_str(), worker, "Worker started");
        }
        Event::WorkerEnded(metadata) => ended_worker(metadata),
        Event::StepFinished(finished) => finished_step(finished),
        Event::StepReused(finished) => {
            tracing::info!(step = finished.step.as_str(), model = finished.metadata.model, "Step reused");
        }
        Event::RunStarted { .. }
        | Event::AttemptStarted { .. }
        | Event::OutputDelta { .. }
        | Event::RunFinished { .. } => {}
    }
}

/// What kind of run a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLine<'a> {
    /// What its message begins with: `Run`.
    pub subject: &'a str,
    /// The name under which the chain was asked for, where it has one.
    pub model: Option<&'a str>,
    /// How long it took, for a run that was broken off and doesn't know itself.
    pub elapsed: Option<Duration>,
}

/// Logs the one line of a whole run, with the totals.
pub(super) fn log_end(summary: &Summary, line: RunLine<'_>, end: RunEnd) {
    let RunLine { subject, model, elapsed } = line;
    let figures = Figures::of(&summary.spend());
    let elapsed_seconds = summary.elapsed.or(elapsed).map(|elapsed| elapsed.as_secs_f64());
    let steps = breakdown(summary);
    // A macro's message is fixed text, so that each of these is a line of its own.
    macro_rules! end_line {
        ($level:ident, $message:literal $(, $field:ident = $value:expr)*) => {
            tracing::$level!(
                elapsed_seconds, steps $(, $field = $value)*,
                input_tokens = figures.input, output_tokens = figures.output,
                cache_read_tokens = figures.cache_read, cache_write_tokens = figures.cache_write,
                total_tokens = figures.total,
                input_cost_usd = figures.input_cost, output_cost_usd = figures.output_cost,
                total_cost_usd = figures.total_cost, usage_complete = figures.complete,
                usage_estimated = figures.estimated, $message, subject
            )
        };
    }
    match end {
        RunEnd::Completed => {
            let finish = summary.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
            end_line!(
                info,
                "{} completed",
                model = model,
                finish_reason = finish.copied().map(FinishReason::as_str)
            );
        }
        RunEnd::Cancelled => end_line!(info, "{} cancelled", model = model),
        RunEnd::Failed { error_code } => {
            let failed = summary.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
            let step = failed.map(ChainError::step);
            let model = model.or_else(|| step.map(|step| summary.models.get(step).as_str()));
            let (outside, type_of_outside) = from_outside(error_code);
            let error = failed.map_or_else(|| outside.to_owned(), without_content);
            let error_type = failed.map_or(type_of_outside, error_type);
            end_line!(
                error,
                "{} failed",
                step = step.map(StepName::as_str),
                model = model,
                error = error,
                error_type = error_type,
                error_code = error_code
            );
        }
    }
}

/// Why a run was broken off that hadn't come to an end of its own, and of what kind that is.
fn from_outside(error_code: &'static str) -> (&'static str, &'static str) {
    match error_code {
        "shutting_down" => ("the server ended while the run was under way", "shutdown"),
        "interrupted" => ("Ctrl-C ended the run", "signal"),
        "terminated" => ("SIGTERM ended the run", "signal"),
        "timeout" => ("the time was over before all of the answer had been taken", "timeout"),
        "output" => ("the result couldn't be written", "output"),
        "internal_error" | "internal" => ("a part of the program has panicked", "program"),
        other => (other, "program"),
    }
}

fn finished_step(finished: &StepFinished) {
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
        cache_read_tokens = figures.cache_read,
        cache_write_tokens = figures.cache_write,
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
}

/// Its figures are in those of its step, which follow.
fn ended_worker(metadata: &WorkerMetadata) {
    let figures = Figures::of(&metadata.spend);
    let step = StepName::Process.as_str();
    // A macro's level and message are fixed.
    macro_rules! worker_line {
        ($level:ident, $message:literal $(, $field:ident = $value:expr)*) => {
            tracing::$level!(
                step, worker = metadata.worker, attempt = metadata.attempts,
                duration_ms = milliseconds(metadata.elapsed) $(, $field = $value)*,
                input_tokens = figures.input, output_tokens = figures.output,
                cache_read_tokens = figures.cache_read, cache_write_tokens = figures.cache_write,
                total_tokens = figures.total,
                input_cost_usd = figures.input_cost, output_cost_usd = figures.output_cost,
                total_cost_usd = figures.total_cost, usage_complete = figures.complete, $message
            )
        };
    }
    match &metadata.failure {
        None => worker_line!(info, "Worker finished", confidence = metadata.confidence),
        Some(failure) => worker_line!(
            warn,
            "Worker left out",
            error = without_content(failure),
            error_type = error_type(failure)
        ),
    }
}

fn failed_attempt(record: &AttemptRecord, failure: &AttemptFailure) {
    let usage = record.usage.counted();
    tracing::warn!(
        step = record.step.as_str(), worker = record.worker, model = record.model, attempt = record.attempt,
        duration_ms = milliseconds(record.elapsed), status_code = failure.status(), error = %failure,
        upstream_request_id = record.request_id,
        error_type = attempt_error_type(failure), retry_in_seconds = record.retry_in.map(|wait| wait.as_secs_f64()),
        input_tokens = usage.input, output_tokens = usage.output, total_cost_usd = record.cost.map(Cost::usd),
        "Attempt failed"
    );
}

fn judged(step: StepName, worker: Option<u32>, verdict: &Verdict) {
    let message = match verdict.decision {
        Decision::Pass if verdict.findings.is_empty() => return,
        Decision::Pass => "Gate passed with a warning",
        Decision::Repair => "Gate asks for a repair",
        Decision::Warn => "Gate let a faulty reply pass",
        Decision::Reject => "Gate rejected the reply",
    };
    let refusal = verdict.refusal.as_ref();
    tracing::warn!(
        step = step.as_str(),
        worker,
        findings = rules(&verdict.findings),
        refusal_category = refusal.and_then(|refusal| refusal.category.as_deref()),
        refusal_explanation = refusal.and_then(|refusal| refusal.explanation.as_deref()),
        "{message}"
    );
}

fn rules(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.rule).collect::<Vec<_>>().join(", ")
}

/// The error without what a model has written.
fn without_content(error: &ChainError) -> String {
    match error {
        ChainError::Part { worker, error, .. } => format!("part {worker}: {}", without_content(error)),
        ChainError::Rejected { step, findings } => {
            format!("{step} was rejected by its gate: {}", rules(findings))
        }
        ChainError::Refused { step, .. } => format!("the model declined to answer in {step}"),
        ChainError::Upstream { failure, .. } => format!("{error}: {failure}"),
        other => other.to_string(),
    }
}

/// `analyze 812ms, process 1930ms`: what the time of the finished steps went into.
fn breakdown(summary: &Summary) -> String {
    let steps = summary.state.step_metadata.iter().filter_map(|(step, metadata)| {
        let elapsed = metadata.as_ref()?.elapsed;
        Some(format!("{step} {:.0}ms", milliseconds(elapsed)))
    });
    steps.collect::<Vec<_>>().join(", ")
}

/// What kind of failure it is, in a word.
pub(super) fn error_type(error: &ChainError) -> &'static str {
    match error {
        ChainError::Part { error, .. } => error_type(error),
        ChainError::Upstream { failure, .. } => attempt_error_type(failure),
        ChainError::CircuitOpen { .. } => "circuit_open",
        ChainError::TimedOut { .. } => "timeout",
        ChainError::Rejected { .. } => "gate",
        ChainError::Refused { .. } => "refusal",
        ChainError::ContextExceeded { .. } => "context",
        ChainError::OverBudget { .. } | ChainError::NotPaid { .. } | ChainError::UnknownPrice { .. } => {
            "budget"
        }
    }
}

/// What kind of failure of an attempt it is, in a word.
pub(super) fn attempt_error_type(failure: &AttemptFailure) -> &'static str {
    match failure {
        AttemptFailure::Silence { .. } => "silence",
        AttemptFailure::TimedOut(_) => "timeout",
        AttemptFailure::Cancelled => "cancelled",
        AttemptFailure::Call(error) => match error.kind {
            CallErrorKind::Connect { .. } | CallErrorKind::Interrupted(_) | CallErrorKind::Truncated => {
                "connection"
            }
            CallErrorKind::Status { .. } | CallErrorKind::ErrorEvent { .. } => "upstream",
            CallErrorKind::Malformed(_)
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::TooManyValues { .. } => "protocol",
            CallErrorKind::TimedOut { .. } => "timeout",
            CallErrorKind::Unrecorded(_) => "recording",
        },
    }
}

/// Milliseconds, to a microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Tokens and cost as the log has them; what isn't known is left out.
struct Figures {
    /// Neither read from a cache nor written to one, as in the JSON result.
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    total: Option<u64>,
    input_cost: Option<f64>,
    output_cost: Option<f64>,
    total_cost: Option<f64>,
    complete: bool,
    /// `true` where an estimate stands beside these.
    estimated: Option<bool>,
}

impl Figures {
    fn of(spend: &Spend) -> Self {
        let usage = &spend.usage;
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write(),
            total: usage
                .prompt_tokens()
                .zip(usage.output)
                .map(|(prompt, output)| prompt.saturating_add(output)),
            input_cost: spend.cost.zip(spend.output_cost).map(|(total, output)| (total - output).usd()),
            output_cost: spend.output_cost.map(Cost::usd),
            total_cost: spend.cost.map(Cost::usd),
            complete: spend.is_complete(),
            estimated: spend.is_estimated().then_some(true),
        }
    }
}

#[cfg(test)]
mod tests;
