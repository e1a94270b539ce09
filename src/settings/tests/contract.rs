//! The names, defaults and ranges that users were promised, written out apart from the table.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::*;

pub(super) struct Number {
    pub(super) name: &'static str,
    default: f64,
    range: RangeInclusive<f64>,
    pub(super) unit: Unit,
    pub(super) read: fn(&Settings) -> f64,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// A whole number.
    Whole,
    /// A number that may have decimals.
    Decimal,
    Seconds,
    Milliseconds,
}

impl Unit {
    /// The smallest difference worth testing.
    fn step(self) -> f64 {
        match self {
            Self::Whole | Self::Milliseconds => 1.0,
            Self::Decimal => 0.01,
            Self::Seconds => 0.001,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Whole => "a whole number",
            Self::Decimal => "a number",
            Self::Seconds => "a number of seconds",
            Self::Milliseconds => "a number of milliseconds",
        }
    }
}

pub(super) fn numbers() -> Vec<Number> {
    use Unit::{Decimal, Milliseconds, Seconds, Whole};
    let row = |name, default, range, unit, read| Number { name, default, range, unit, read };
    vec![
        row("CHAIN_ANALYZE_MAX_TOKENS", 2048.0, 1.0..=64_000.0, Whole, |s| s.steps.analyze.max_tokens.into()),
        row("CHAIN_PROCESS_MAX_TOKENS", 2048.0, 1.0..=64_000.0, Whole, |s| s.steps.process.max_tokens.into()),
        row("CHAIN_SYNTHESIZE_MAX_TOKENS", 2048.0, 1.0..=64_000.0, Whole, |s| {
            s.steps.synthesize.max_tokens.into()
        }),
        row("CHAIN_ANALYZE_TEMPERATURE", 0.5, 0.0..=2.0, Decimal, |s| s.steps.analyze.temperature),
        row("CHAIN_PROCESS_TEMPERATURE", 0.7, 0.0..=2.0, Decimal, |s| s.steps.process.temperature),
        row("CHAIN_SYNTHESIZE_TEMPERATURE", 0.5, 0.0..=2.0, Decimal, |s| s.steps.synthesize.temperature),
        row("CHAIN_ANALYZE_TIMEOUT", 15.0, 1.0..=270.0, Seconds, |s| s.steps.analyze.timeout.as_secs_f64()),
        row("CHAIN_PROCESS_TIMEOUT", 30.0, 1.0..=270.0, Seconds, |s| s.steps.process.timeout.as_secs_f64()),
        row("CHAIN_SYNTHESIZE_TIMEOUT", 20.0, 1.0..=270.0, Seconds, |s| {
            s.steps.synthesize.timeout.as_secs_f64()
        }),
        row("WORKER_COORDINATION_TIMEOUT", 45.0, 1.0..=270.0, Seconds, |s| {
            s.limits.worker_coordination.as_secs_f64()
        }),
        row("SYNTHESIS_TIMEOUT", 30.0, 1.0..=270.0, Seconds, |s| s.limits.synthesis.as_secs_f64()),
        row("CHAIN_MIN_CONFIDENCE_THRESHOLD", 0.5, 0.0..=1.0, Decimal, |s| s.gates.min_confidence),
        row("CHAIN_PROCESS_WORKERS", 1.0, 1.0..=8.0, Whole, |s| s.workers.max.into()),
        row("CHAIN_REPAIR_ATTEMPTS", 1.0, 0.0..=3.0, Whole, |s| s.gates.repair_attempts.into()),
        row("RETRY_MAX_ATTEMPTS", 3.0, 1.0..=10.0, Whole, |s| s.retry.max_attempts.into()),
        row("RETRY_EXPONENTIAL_MULTIPLIER", 1.0, 0.5..=5.0, Decimal, |s| s.retry.multiplier),
        row("RETRY_EXPONENTIAL_MAX", 30.0, 5.0..=300.0, Seconds, |s| s.retry.max_wait.as_secs_f64()),
        row("CIRCUIT_BREAKER_FAILURE_THRESHOLD", 3.0, 1.0..=10.0, Whole, |s| {
            s.breaker.failure_threshold.into()
        }),
        row("CIRCUIT_BREAKER_TIMEOUT", 30.0, 10.0..=300.0, Seconds, |s| s.breaker.timeout.as_secs_f64()),
        row("CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS", 1.0, 1.0..=5.0, Whole, |s| {
            s.breaker.half_open_attempts.into()
        }),
        row("STREAMING_TIMEOUT", 60.0, 1.0..=300.0, Seconds, |s| s.stream.timeout.as_secs_f64()),
        row("STREAMING_CHUNK_BUFFER", 0.0, 0.0..=1000.0, Whole, |s| s.stream.chunk_buffer.into()),
        row("API_PORT", 8000.0, 0.0..=65_535.0, Whole, |s| s.server.port.into()),
        row("MAX_REQUEST_BODY_SIZE", 1_048_576.0, 1024.0..=10_485_760.0, Whole, |s| {
            s.server.max_body_bytes.into()
        }),
        row("MAX_CONCURRENT_RUNS", 1000.0, 1.0..=100_000.0, Whole, |s| s.server.max_concurrent_runs.into()),
        // No number stands for unset.
        row("SHUTDOWN_GRACE_SECONDS", f64::NAN, 0.0..=3600.0, Seconds, |s| {
            s.server.shutdown_grace.map_or(f64::NAN, |time| time.as_secs_f64())
        }),
        row("STREAM_COMMIT_MS", 2000.0, 0.0..=60_000.0, Milliseconds, |s| {
            s.server.stream.commit_after.as_secs_f64() * 1000.0
        }),
        row("STREAM_HEARTBEAT_SECONDS", 10.0, 1.0..=300.0, Seconds, |s| {
            s.server.stream.heartbeat.as_secs_f64()
        }),
        row("JWT_LEEWAY_SECONDS", 0.0, 0.0..=300.0, Seconds, |s| s.server.jwt.leeway.as_secs_f64()),
    ]
}

/// A variable that isn't a number, with what its default reads as in the settings.
pub(super) struct Word {
    pub(super) name: &'static str,
    default: &'static str,
    pub(super) read: fn(&Settings) -> String,
}

pub(super) fn words() -> Vec<Word> {
    let row = |name, default, read| Word { name, default, read };
    let haiku = "claude-haiku-4-5-20251001";
    vec![
        row("ANTHROPIC_API_KEY", "None", |s| format!("{:?}", credential(s))),
        row("ANTHROPIC_API_KEY_FILE", "None", |s| format!("{:?}", credential(s))),
        row("ANTHROPIC_AUTH_TOKEN", "None", |s| format!("{:?}", credential(s))),
        row("ANTHROPIC_BASE_URL", "https://api.anthropic.com/", |s| s.upstream.base_url.to_string()),
        row("ANTHROPIC_VERSION", "2023-06-01", |s| s.upstream.version.clone()),
        row("CHAIN_STRUCTURED_OUTPUT", "Auto", |s| format!("{:?}", s.structured_output)),
        row("CHAIN_THINKING", "Off", |s| format!("{:?}", s.thinking)),
        row("CHAIN_MODELS_FILE", "None", |s| format!("{:?}", s.models_file)),
        row("CHAIN_MAX_COST_USD", "None", |s| format!("{:?}", s.max_cost_usd)),
        row("CHAIN_ANALYZE_MODEL", haiku, |s| s.steps.analyze.model.clone()),
        row("CHAIN_PROCESS_MODEL", haiku, |s| s.steps.process.model.clone()),
        row("CHAIN_SYNTHESIZE_MODEL", haiku, |s| s.steps.synthesize.model.clone()),
        row("CHAIN_PROMPTS_DIR", "None", |s| format!("{:?}", s.prompts.dir)),
        row("CHAIN_ANALYZE_PROMPT_FILE", "chain_analyze.md", |s| s.prompts.names.analyze.clone()),
        row("CHAIN_PROCESS_PROMPT_FILE", "chain_process.md", |s| s.prompts.names.process.clone()),
        row("CHAIN_SYNTHESIZE_PROMPT_FILE", "chain_synthesize.md", |s| s.prompts.names.synthesize.clone()),
        row("CHAIN_WORKER_PROMPT_FILE", "chain_worker.md", |s| s.prompts.worker_name.clone()),
        row("CHAIN_WORKERS_FROM", "Complex", |s| format!("{:?}", s.workers.from)),
        row("CHAIN_ENABLE_VALIDATION", "true", |s| s.gates.enabled.to_string()),
        row("CHAIN_STRICT_VALIDATION", "false", |s| s.gates.strict.to_string()),
        row("CIRCUIT_BREAKER_ENABLED", "true", |s| s.breaker.enabled.to_string()),
        row("API_HOST", "127.0.0.1", |s| s.server.host.clone()),
        row("METRICS_BIND", "", |s| joined(&s.server.metrics_bind)),
        row("ENVIRONMENT", "development", |s| s.server.environment.as_str().to_owned()),
        row("CHAIN_EXPOSE_STEPS", "Off", |s| format!("{:?}", s.server.stream.exposed_steps)),
        row("SERVICE_MODEL_NAME", "prompt-chaining", |s| s.server.service_model.clone()),
        row("SERVICE_MODEL_ALIASES", "", |s| {
            let alias = |model: &ServiceModel| match &model.profile {
                Some(profile) => format!("{}={}", model.alias, profile.as_str()),
                None => model.alias.clone(),
            };
            joined(s.server.model_aliases.iter().map(alias))
        }),
        row("DOCS_ENABLED", "true", |s| s.server.docs.to_string()),
        row("PLAYGROUND_ENABLED", "true", |s| s.server.playground.to_string()),
        row("ENABLE_SECURITY_HEADERS", "true", |s| s.server.security_headers.to_string()),
        row("TRUSTED_PROXIES", "", |s| joined(&s.server.trusted_proxies)),
        row("JWT_SECRET_KEY", "None", |s| format!("{:?}", exposed(s.server.jwt.secret.as_ref()))),
        row("JWT_SECRET_KEY_FILE", "None", |s| format!("{:?}", exposed(s.server.jwt.secret.as_ref()))),
        row("JWT_SECRET_KEY_PREVIOUS", "None", |s| {
            format!("{:?}", exposed(s.server.jwt.previous_secret.as_ref()))
        }),
        row("JWT_ALGORITHM", "HS256", |s| s.server.jwt.algorithm.as_str().to_owned()),
        row("JWT_PUBLIC_KEY_FILE", "None", |s| format!("{:?}", s.server.jwt.public_key)),
        row("JWT_ISSUER", "None", |s| format!("{:?}", s.server.jwt.issuer)),
        row("JWT_AUDIENCE", "None", |s| format!("{:?}", s.server.jwt.audience)),
        row("RATE_LIMIT_ENABLED", "true", |s| s.server.rate_limits.enabled.to_string()),
        row("RATE_LIMIT_CHAT_COMPLETIONS", "10 per 1 minute", |s| {
            joined(&s.server.rate_limits.chat_completions)
        }),
        row("RATE_LIMIT_MODELS", "60 per 1 minute", |s| joined(&s.server.rate_limits.models)),
        row("RATE_LIMIT_DEFAULT", "100 per 1 hour", |s| joined(&s.server.rate_limits.default)),
        row("BACKGROUND_TASKS", "false", |s| s.server.background_tasks.bypass.to_string()),
        row("BACKGROUND_TASK_PATTERNS", "None", |s| format!("{:?}", s.server.background_tasks.patterns)),
        row("RATE_LIMIT_STORAGE_URI", "memory", |s| place(s.server.store.rate_limits.as_ref())),
        row("RATE_LIMIT_ON_STORAGE_ERROR", "Memory", |s| format!("{:?}", s.server.store.on_error)),
        row("REDIS_URL", "memory", |s| place(s.server.store.redis.as_ref())),
        row("REDIS_CA_FILE", "None", |s| format!("{:?}", s.server.store.certificates)),
        row("REDIS_KEY_PREFIX", "promptchain", |s| s.server.store.key_prefix.clone()),
        row("BUDGET_USD_PER_DAY", "None", |s| format!("{:?}", s.server.budget_usd_per_day)),
        row("CHECKPOINT_TTL_SECONDS", "86400", |s| s.server.checkpoints.ttl.as_secs().to_string()),
        row("CHECKPOINT_KEY", "None", |s| format!("{:?}", exposed(s.server.checkpoints.key.as_ref()))),
        row("CHECKPOINT_KEY_FILE", "None", |s| format!("{:?}", exposed(s.server.checkpoints.key.as_ref()))),
        row("CHECKPOINT_KEY_PREVIOUS", "None", |s| {
            format!("{:?}", exposed(s.server.checkpoints.previous_key.as_ref()))
        }),
        row("CORS_ORIGINS", "", |s| joined(&s.server.cors.origins)),
        row("CORS_ALLOW_CREDENTIALS", "false", |s| s.server.cors.allow_credentials.to_string()),
        row("CORS_ALLOW_METHODS", "GET POST OPTIONS", |s| joined(&s.server.cors.allow_methods)),
        row("CORS_ALLOW_HEADERS", "*", |s| joined(&s.server.cors.allow_headers)),
        row("LOG_LEVEL", "Info", |s| format!("{:?}", s.log.level)),
        row("LOG_FORMAT", "Json", |s| format!("{:?}", s.log.format)),
        row("LOG_CONTENT", "false", |s| s.log.content.to_string()),
        row("LOKI_URL", "None", |s| format!("{:?}", s.loki.url)),
        row("LOKI_USERNAME", "None", |s| format!("{:?}", s.loki.username)),
        row("LOKI_PASSWORD", "None", |s| format!("{:?}", exposed(s.loki.password.as_ref()))),
        row("LOKI_PASSWORD_FILE", "None", |s| format!("{:?}", exposed(s.loki.password.as_ref()))),
        row("LOKI_TENANT", "None", |s| format!("{:?}", s.loki.tenant)),
        row("OTEL_EXPORTER_OTLP_ENDPOINT", "None", |s| format!("{:?}", s.traces.endpoint)),
        row("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "None", |s| format!("{:?}", s.traces.traces_endpoint)),
        row("OTEL_EXPORTER_OTLP_PROTOCOL", "Http", |s| format!("{:?}", s.traces.protocol)),
        row("OTEL_EXPORTER_OTLP_HEADERS", "None", |s| format!("{:?}", exposed(s.traces.headers.as_ref()))),
        row("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", |s| format!("{:?}", s.traces.timeout)),
        row("OTEL_SERVICE_NAME", "promptchain", |s| s.traces.name()),
        row("OTEL_RESOURCE_ATTRIBUTES", "None", |s| format!("{:?}", s.traces.resource_attributes)),
        row("OTEL_TRACES_SAMPLER", "ParentOrOn", |s| format!("{:?}", s.traces.sampler)),
        row("OTEL_TRACES_SAMPLER_ARG", "1", |s| s.traces.sampler_ratio.to_string()),
        row("OTEL_SEMCONV_STABILITY_OPT_IN", "false", |s| s.traces.latest_names.to_string()),
        row("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "false", |s| s.traces.content.to_string()),
        row("OTEL_SDK_DISABLED", "false", |s| s.traces.disabled.to_string()),
        row("TRACEPARENT", "None", |s| format!("{:?}", s.traces.parent)),
    ]
}

/// The items with a blank between them.
/// Where something is kept.
fn place(address: Option<&StoreAddress>) -> String {
    address.map_or_else(|| "memory".to_owned(), ToString::to_string)
}

fn joined<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_table_has_the_contracts_variables_and_no_others() {
    let promised: BTreeSet<&str> =
        numbers().iter().map(|row| row.name).chain(words().iter().map(|row| row.name)).collect();
    let declared: Vec<&str> =
        sections().iter().flat_map(|section| section.variables).map(|row| row.name).collect();
    assert_eq!(promised, declared.iter().copied().collect());
    assert_eq!(promised.len(), declared.len(), "a variable is declared twice");
}

#[test]
fn every_default_is_the_contracts() {
    let settings = settings(&Sources::default());
    for Number { name, default, read, .. } in numbers() {
        assert_eq!(read(&settings).to_string(), default.to_string(), "{name}");
    }
    for Word { name, default, read } in words() {
        assert_eq!(read(&settings), default, "{name}");
    }
}

#[test]
fn both_ends_of_every_range_are_allowed_and_become_the_setting() {
    for Number { name, range, read, .. } in numbers() {
        for end in [*range.start(), *range.end()] {
            let settings = with(name, &end.to_string()).unwrap();
            // The API takes no more than 1, and a higher temperature is lowered to that.
            let in_effect = if name.ends_with("_TEMPERATURE") { end.min(1.0) } else { end };
            assert_eq!(read(&settings).to_string(), in_effect.to_string(), "{name}={end}");
        }
    }
}

#[test]
fn a_number_beyond_either_end_is_refused_and_the_range_is_told() {
    for Number { name, range, unit, .. } in numbers() {
        for beyond in [range.start() - unit.step(), range.end() + unit.step()] {
            let allowed = format!("{} from {} to {}", unit.words(), range.start(), range.end());
            let problem = format!("{name}={beyond} (environment): must be {allowed}");
            assert_eq!(with(name, &beyond.to_string()).unwrap_err(), problem);
        }
    }
}
