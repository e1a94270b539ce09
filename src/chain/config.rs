//! What a run goes by: plain values, resolved and validated by whoever makes them.

use std::sync::Arc;
use std::time::Duration;

use super::{Analysis, Complexity, PerStep, StepName};
use crate::model::{Catalog, Cost, SharedText};
pub use crate::prompts::{Field, FieldKind};
use crate::resilience::RetryPolicy;

/// Everything a run goes by.
#[derive(Debug, Clone)]
pub struct ChainConfig {
    /// Each step's model, limits and prompt.
    pub steps: PerStep<StepConfig>,
    /// Whether and how process is divided.
    pub workers: WorkerConfig,
    /// What the gates ask for.
    pub gates: GateRules,
    /// How long things may take.
    pub limits: TimeLimits,
    /// How often, and when, a failed call is tried again.
    pub retry: RetryPolicy,
    /// The most a run may cost; `None` for no cap.
    pub max_cost: Option<Cost>,
    /// How a reply is made to be JSON.
    pub structured_output: StructuredOutput,
    /// Whether models may think.
    pub thinking: ThinkingMode,
    /// Characters of the final text that are gathered before a chunk leaves, 0–1000.
    pub chunk_buffer: usize,
    /// The API version that requests are made for: what a model accepts depends on it.
    pub api_version: String,
    /// What is known of models.
    pub catalog: Arc<Catalog>,
}

/// Whether process is divided into calls that are made at the same time, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerConfig {
    /// The most calls of a run at a time, 1–8; with 1 process is one call.
    pub max: u32,
    /// The least complexity that is divided.
    pub from: Complexity,
    /// What a call for a part goes by: process's settings, but for the prompt.
    pub step: StepConfig,
}

/// One step's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct StepConfig {
    /// The model's id or alias.
    pub model: String,
    /// The most tokens a reply may have, 1–64000.
    pub max_tokens: u32,
    /// Sampling temperature, 0.0–1.0; sent only where model and API version accept it.
    pub temperature: f64,
    /// Limit on the whole step, its attempts and repairs included.
    pub timeout: Duration,
    /// The system prompt, rendered.
    pub prompt: SharedText,
    /// Fields that the step returns beside its own.
    pub fields: Vec<Field>,
}

/// What the gates ask for, and what follows when they don't get it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateRules {
    /// Whether the business rules hold; replies are decoded in any case.
    pub validation: bool,
    /// Whether a reply that fails its gate fails the run, rather than being warned of.
    pub strict: bool,
    /// The lowest confidence that passes, 0.0–1.0.
    pub min_confidence: f64,
    /// Further calls that a step may make to have its reply put right, 0–3.
    pub repair_attempts: u32,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// Analyze and process together.
    pub worker_coordination: Duration,
    /// Synthesize and its streaming.
    pub synthesis: Duration,
    /// The whole run, if it is to be shorter than both phases.
    pub run: Option<Duration>,
    /// Longest silence of the upstream before the first content and between two pieces of it; half
    /// the step's limit if that is shorter.
    pub silence: Duration,
}

impl TimeLimits {
    /// The limit on the whole run: both phases, or less if a shorter one is set.
    #[must_use]
    pub fn whole_run(&self) -> Duration {
        let phases = self.worker_coordination + self.synthesis;
        self.run.map_or(phases, |run| run.min(phases))
    }
}

/// How a reply is made to be JSON of the step's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StructuredOutput {
    /// By the upstream, or by the prompt alone where the upstream refuses to.
    Auto,
    /// By the upstream.
    Native,
    /// By the schema in the prompt.
    Prompt,
}

/// Whether models may think before they answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThinkingMode {
    /// As little as the model allows.
    Off,
    /// As the model does by itself.
    Auto,
}

impl ChainConfig {
    /// The same with other models.
    #[must_use]
    pub fn with_models(&self, model: impl Fn(StepName) -> &'static str) -> Self {
        let steps =
            self.steps.clone().map(|step, config| StepConfig { model: model(step).to_owned(), ..config });
        let of_worker =
            StepConfig { model: model(StepName::Process).to_owned(), ..self.workers.step.clone() };
        let workers = WorkerConfig { step: of_worker, ..self.workers.clone() };
        Self { steps, workers, ..self.clone() }
    }

    /// Whether process is worth dividing: into parts of which there are several, for a request that is hard
    /// enough.
    pub(super) fn divides(&self, analysis: &Analysis) -> bool {
        let WorkerConfig { max, from, .. } = &self.workers;
        let is_hard = analysis.complexity.as_ref().is_some_and(|complexity| complexity.is_at_least(from));
        *max > 1 && is_hard && analysis.is_divisible()
    }

    /// What can be seen to be wrong before any call: each problem names the step and the limit.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let too_long = |(step, config): (StepName, &StepConfig)| {
            let entry = self.catalog.find(&config.model)?;
            (config.max_tokens > entry.max_output).then(|| {
                format!(
                    "{step}: max_tokens is {}, but a reply of {} has at most {} tokens",
                    config.max_tokens, config.model, entry.max_output
                )
            })
        };
        self.steps.iter().filter_map(too_long).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::config;

    #[test]
    fn other_models_are_those_of_the_steps_and_parts_of_process_have_its_own() {
        let model = |step| match step {
            StepName::Analyze => "one",
            StepName::Process => "two",
            StepName::Synthesize => "three",
        };
        let mut expected = config();
        expected.steps.analyze.model = "one".into();
        expected.steps.process.model = "two".into();
        expected.workers.step.model = "two".into();
        expected.steps.synthesize.model = "three".into();
        assert_eq!(format!("{:?}", config().with_models(model)), format!("{expected:?}"));
    }

    #[test]
    fn a_reply_longer_than_its_model_writes_is_a_problem_and_one_as_long_is_none() {
        let mut config = config();
        let most = config.catalog.find(&config.steps.process.model).unwrap().max_output;
        config.steps.process.max_tokens = most;
        assert_eq!(config.problems(), Vec::<String>::new());
        config.steps.process.max_tokens = most + 1;
        let model = &config.steps.process.model;
        let problem =
            format!("process: max_tokens is {}, but a reply of {model} has at most {most} tokens", most + 1);
        assert_eq!(config.problems(), [problem]);
    }
}
