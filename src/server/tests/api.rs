//! A server in process, and the model behind it.

use std::ffi::OsString;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use tower::ServiceExt as _;

use super::{Answer, Ask, Frames, Variables};
use crate::chain::config::{GateRules, StepConfig, StructuredOutput, ThinkingMode, TimeLimits, WorkerConfig};
use crate::chain::{ChainConfig, Complexity, Engine};
use crate::model::scripted::{Reply, ScriptedModel};
use crate::model::{Catalog, Cost, Model};
use crate::profile::Profile;
use crate::resilience::{BreakerConfig, BreakerRegistry, RetryPolicy};
use crate::server::app::{App, Parts};
use crate::server::router::router;
use crate::server::{Lifecycle, ServedModel, ServedModels};
use crate::settings::{Settings, Sources};
use crate::telemetry::metrics::Deliveries;
use crate::telemetry::traces::Tracer;

/// What tokens are signed with.
pub(super) const SECRET: &str = "a secret of thirty-two characters";

/// A server in process. Dropped, it fails the test if a scripted reply was never called for.
pub(super) struct Api {
    pub(super) app: Arc<App>,
    pub(super) model: Arc<ScriptedModel>,
    router: Router,
}

impl Api {
    /// With every setting at its default.
    pub(super) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::with(&[], script)
    }

    /// With these variables in the environment.
    pub(super) fn with(variables: Variables<'_>, script: impl IntoIterator<Item = Reply>) -> Self {
        Self::tuned(variables, |_| {}, script)
    }

    /// The same where the chain has something that no variable can give it.
    pub(super) fn tuned(
        variables: Variables<'_>,
        tune: impl FnOnce(&mut ChainConfig),
        script: impl IntoIterator<Item = Reply>,
    ) -> Self {
        let model = Arc::new(ScriptedModel::new(script));
        Self::before(variables, tune, model.clone(), model)
    }

    /// The same with every setting at its default, whose spans begin there.
    pub(super) fn traced(
        tracer: Tracer,
        variables: Variables<'_>,
        script: impl IntoIterator<Item = Reply>,
    ) -> Self {
        let model = Arc::new(ScriptedModel::new(script));
        Self::of(Parts { tracer: Some(tracer), ..parts(variables, |_| {}, model.clone()) }, model)
    }

    /// With a model that follows no script.
    pub(super) fn unscripted(variables: Variables<'_>, model: Arc<dyn Model>) -> Self {
        Self::before(variables, |_| {}, model, Arc::new(ScriptedModel::new([])))
    }

    fn before(
        variables: Variables<'_>,
        tune: impl FnOnce(&mut ChainConfig),
        called: Arc<dyn Model>,
        model: Arc<ScriptedModel>,
    ) -> Self {
        Self::of(parts(variables, tune, called), model)
    }

    fn of(parts: Parts, model: Arc<ScriptedModel>) -> Self {
        let app = Arc::new(App::new(parts).unwrap());
        Self { router: router(&app), app, model }
    }

    /// The response, of whose body nothing has been read.
    pub(super) async fn open(&self, ask: Ask) -> Response {
        self.router.clone().oneshot(ask.into_request()).await.unwrap()
    }

    /// The whole response.
    pub(super) async fn ask(&self, ask: Ask) -> Answer {
        Answer::read(self.open(ask).await).await
    }

    /// A stream that has begun.
    pub(super) async fn stream(&self, ask: Ask) -> Frames {
        Frames::of(self.open(ask).await)
    }
}

fn parts(variables: Variables<'_>, tune: impl FnOnce(&mut ChainConfig), called: Arc<dyn Model>) -> Parts {
    let settings = settings(variables);
    let mut chain = chain(&settings);
    tune(&mut chain);
    let breakers = Arc::new(BreakerRegistry::new(breaker(&settings)));
    Parts {
        upstream: called.upstream().to_owned(),
        engine: Engine::new(called, Arc::clone(&breakers)),
        breakers,
        models: models(&settings, chain),
        stall: settings.stream.timeout,
        settings: settings.server,
        lifecycle: Lifecycle::new(),
        tracer: None,
        deliveries: Deliveries::default(),
    }
}

fn settings(variables: Variables<'_>) -> Settings {
    let secret = ("JWT_SECRET_KEY", SECRET);
    let variables = std::iter::once(&secret).chain(variables);
    let sources = Sources {
        environment: variables.map(|(name, value)| (OsString::from(name), OsString::from(value))).collect(),
        without_credentials: true,
        for_server: true,
        ..Sources::default()
    };
    Settings::resolve(&sources, &[]).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn chain(settings: &Settings) -> ChainConfig {
    let steps = settings.steps.clone().map(|step, settings| StepConfig {
        model: settings.model,
        max_tokens: settings.max_tokens,
        temperature: settings.temperature,
        timeout: settings.timeout,
        prompt: format!("You {step}.").into(),
        fields: Vec::new(),
    });
    let of_worker = StepConfig { prompt: "You write a part.".into(), ..steps.process.clone() };
    ChainConfig {
        workers: WorkerConfig { max: settings.workers.max, from: Complexity::Complex, step: of_worker },
        steps,
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
        structured_output: StructuredOutput::Auto,
        thinking: ThinkingMode::Off,
        chunk_buffer: 0,
        api_version: settings.upstream.version.clone(),
        catalog: Arc::new(Catalog::built_in()),
    }
}

fn breaker(settings: &Settings) -> BreakerConfig {
    BreakerConfig {
        enabled: settings.breaker.enabled,
        failure_threshold: settings.breaker.failure_threshold,
        open_for: settings.breaker.timeout,
        half_open_attempts: settings.breaker.half_open_attempts,
    }
}

fn models(settings: &Settings, chain: ChainConfig) -> ServedModels {
    let name = &settings.server.service_model;
    let profile = |profile: Profile| ServedModel {
        name: format!("{name}-{}", profile.as_str()),
        chain: Arc::new(chain.with_models(|step| profile.model(step))),
    };
    ServedModels {
        profiles: Profile::ALL.map(profile).to_vec(),
        default: ServedModel { name: name.clone(), chain: Arc::new(chain) },
        aliases: Vec::new(),
        created: 1_700_000_000,
    }
}
