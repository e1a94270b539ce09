//! Settings before the table has filled them in.

use std::time::Duration;

use super::{
    BackgroundTasks, Breaker, CheckpointSettings, Cors, DeploymentEnvironment, ExposedSteps, Gates, Jwt,
    JwtAlgorithm, LeastComplexity, Limits, Log, LogFormat, LogLevel, LokiSettings, OnStorageError,
    PromptLocation, RateLimits, Retry, ServerSettings, Settings, StepSettings, StoreSettings, Stream,
    StreamSettings, StructuredOutput, ThinkingMode, TraceProtocol, TraceSampler, TraceSettings, Upstream,
    Workers, credentials,
};
use crate::step::PerStep;

/// Settings of which nothing is meant: the table has a value for every one, or leaves it `None`.
pub(super) fn placeholders() -> Settings {
    let step = StepSettings {
        model: String::new(),
        max_tokens: 0,
        temperature: 0.0,
        temperature_is_explicit: false,
        timeout: Duration::ZERO,
    };
    Settings {
        steps: PerStep::from_fn(|_| step.clone()),
        workers: Workers { max: 1, from: LeastComplexity::Complex },
        prompts: PromptLocation { dir: None, names: PerStep::default(), worker_name: String::new() },
        limits: Limits { worker_coordination: Duration::ZERO, synthesis: Duration::ZERO },
        gates: Gates { enabled: true, strict: false, min_confidence: 0.0, repair_attempts: 0 },
        max_cost_usd: None,
        models_file: None,
        structured_output: StructuredOutput::Auto,
        thinking: ThinkingMode::Off,
        retry: Retry { max_attempts: 0, multiplier: 0.0, max_wait: Duration::ZERO },
        breaker: Breaker {
            enabled: true,
            failure_threshold: 0,
            timeout: Duration::ZERO,
            half_open_attempts: 0,
        },
        upstream: Upstream {
            base_url: credentials::default_base_url(),
            version: String::new(),
            credential: None,
        },
        stream: Stream { timeout: Duration::ZERO, chunk_buffer: 0 },
        log: Log { level: LogLevel::Info, format: LogFormat::Json, content: false },
        loki: LokiSettings::default(),
        traces: TraceSettings {
            disabled: false,
            endpoint: None,
            traces_endpoint: None,
            protocol: TraceProtocol::Http,
            headers: None,
            timeout: Duration::ZERO,
            service_name: None,
            resource_attributes: None,
            sampler: TraceSampler::AlwaysOff,
            sampler_ratio: 0.0,
            latest_names: false,
            content: false,
            parent: None,
        },
        server: server(),
        values: Vec::new(),
    }
}

fn server() -> ServerSettings {
    ServerSettings {
        host: String::new(),
        port: 0,
        environment: DeploymentEnvironment::Development,
        max_body_bytes: 0,
        max_concurrent_runs: 0,
        shutdown_grace: None,
        metrics_bind: None,
        stream: StreamSettings {
            commit_after: Duration::ZERO,
            heartbeat: Duration::ZERO,
            exposed_steps: ExposedSteps::Off,
        },
        background_tasks: BackgroundTasks::default(),
        service_model: String::new(),
        model_aliases: Vec::new(),
        docs: true,
        playground: true,
        security_headers: true,
        trusted_proxies: Vec::new(),
        cors: Cors {
            origins: Vec::new(),
            allow_credentials: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
        },
        jwt: Jwt {
            algorithm: JwtAlgorithm::Hs256,
            secret: None,
            previous_secret: None,
            public_key: None,
            issuer: None,
            audience: None,
            leeway: Duration::ZERO,
        },
        rate_limits: RateLimits {
            enabled: true,
            chat_completions: Vec::new(),
            models: Vec::new(),
            default: Vec::new(),
        },
        store: StoreSettings {
            redis: None,
            rate_limits: None,
            on_error: OnStorageError::Memory,
            certificates: None,
            key_prefix: String::new(),
        },
        budget_usd_per_day: None,
        checkpoints: CheckpointSettings { ttl: Duration::ZERO, key: None, previous_key: None },
    }
}
