//! Settings, prompts and catalog as the engine's configuration: one value for another, no decisions.

use std::sync::Arc;

use crate::chain::config::{GateRules, StepConfig, StructuredOutput, ThinkingMode, TimeLimits, WorkerConfig};
use crate::chain::{ChainConfig, Complexity, PerStep};
use crate::model::{Catalog, Cost};
use crate::prompts::Prompt;
use crate::resilience::{BreakerConfig, BreakerRegistry, RetryPolicy};
use crate::settings::{self, LokiSettings, Settings, StepSettings};
use crate::telemetry::logs::{LogConfig, LogFormat, LogLevel};
use crate::telemetry::loki::{LokiConfig, LokiLimits};

/// What the prompts have become.
pub(super) struct Rendered {
    pub(super) steps: PerStep<String>,
    /// For a part of process.
    pub(super) worker: String,
}

pub(super) fn chain(
    settings: &Settings,
    catalog: Catalog,
    prompts: &PerStep<Prompt>,
    rendered: Rendered,
) -> ChainConfig {
    let Rendered { steps: rendered, worker } = rendered;
    let steps = settings.steps.as_ref().zip(prompts.as_ref()).zip(rendered);
    ChainConfig {
        workers: WorkerConfig {
            max: settings.workers.max,
            from: match settings.workers.from {
                settings::LeastComplexity::Simple => Complexity::Simple,
                settings::LeastComplexity::Moderate => Complexity::Moderate,
                settings::LeastComplexity::Complex => Complexity::Complex,
            },
            step: step(&settings.steps.process, &prompts.process, worker),
        },
        steps: steps.map(|_, ((settings, file), prompt)| step(settings, file, prompt)),
        gates: GateRules {
            validation: settings.gates.enabled,
            strict: settings.gates.strict,
            min_confidence: settings.gates.min_confidence,
            repair_attempts: settings.gates.repair_attempts,
        },
        limits: TimeLimits {
            worker_coordination: settings.limits.worker_coordination,
            synthesis: settings.limits.synthesis,
            run: None,
            silence: settings.stream.timeout,
        },
        retry: RetryPolicy {
            max_attempts: settings.retry.max_attempts,
            multiplier: settings.retry.multiplier,
            max_delay: settings.retry.max_wait,
        },
        max_cost: settings.max_cost_usd.map(Cost::from_usd),
        structured_output: match settings.structured_output {
            settings::StructuredOutput::Auto => StructuredOutput::Auto,
            settings::StructuredOutput::Native => StructuredOutput::Native,
            settings::StructuredOutput::Prompt => StructuredOutput::Prompt,
        },
        thinking: match settings.thinking {
            settings::ThinkingMode::Off => ThinkingMode::Off,
            settings::ThinkingMode::Auto => ThinkingMode::Auto,
        },
        chunk_buffer: usize::try_from(settings.stream.chunk_buffer).unwrap_or(usize::MAX),
        api_version: settings.upstream.version.clone(),
        catalog: Arc::new(catalog),
    }
}

/// The circuit breakers that all runs of the process share.
pub(super) fn breakers(settings: &Settings) -> Arc<BreakerRegistry> {
    Arc::new(BreakerRegistry::new(breaker(settings)))
}

/// What each of them goes by.
pub(super) fn breaker(settings: &Settings) -> BreakerConfig {
    BreakerConfig {
        enabled: settings.breaker.enabled,
        failure_threshold: settings.breaker.failure_threshold,
        open_for: settings.breaker.timeout,
        half_open_attempts: settings.breaker.half_open_attempts,
    }
}

pub(super) fn logs(log: settings::Log, color: bool) -> LogConfig {
    LogConfig {
        level: log_level(log.level),
        format: match log.format {
            settings::LogFormat::Json => LogFormat::Json,
            settings::LogFormat::Standard => LogFormat::Standard,
        },
        color,
        content: log.content,
    }
}

pub(super) fn log_level(level: settings::LogLevel) -> LogLevel {
    match level {
        settings::LogLevel::Debug => LogLevel::Debug,
        settings::LogLevel::Info => LogLevel::Info,
        settings::LogLevel::Warning => LogLevel::Warning,
        settings::LogLevel::Error => LogLevel::Error,
        settings::LogLevel::Critical => LogLevel::Critical,
    }
}

/// Where the log is pushed to; `environment` is its label, where one is known.
pub(super) fn loki(settings: &LokiSettings, environment: Option<&'static str>) -> Option<LokiConfig> {
    Some(LokiConfig {
        url: settings.url.clone()?,
        credentials: settings.username.clone().zip(settings.password.clone()),
        tenant: settings.tenant.clone(),
        environment,
        limits: LokiLimits::default(),
    })
}

fn step(settings: &StepSettings, file: &Prompt, prompt: String) -> StepConfig {
    StepConfig {
        model: settings.model.clone(),
        max_tokens: settings.max_tokens,
        temperature: settings.temperature,
        timeout: settings.timeout,
        prompt: prompt.into(),
        fields: file.front_matter.fields.iter().map(|located| located.value.clone()).collect(),
    }
}
