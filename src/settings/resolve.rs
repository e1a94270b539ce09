//! Goes through the table once: finds each variable's value, checks it, and puts it where it
//! belongs. It doesn't stop at the first problem.

use std::ffi::OsStr;
use std::time::Duration;

use super::problem::HIDDEN;
use super::sources::Given;
use super::{
    Breaker, Cors, DeploymentEnvironment, ExposedSteps, FrontMatterValue, Gates, Jwt, JwtAlgorithm, Limits,
    Log, LogFormat, LogLevel, Origin, Problem, Problems, PromptLocation, RateLimits, Retry, ServerSettings,
    SettingValue, Settings, Sources, StepSettings, Stream, StreamSettings, StructuredOutput, ThinkingMode,
    Upstream, Variable, Warning, credentials, cross_checks, table, unknown,
};
use crate::step::PerStep;

pub(super) fn settings(
    sources: &Sources,
    front_matter: &[FrontMatterValue],
) -> Result<(Settings, Vec<Warning>), Problems> {
    let mut resolver = Resolver::new(sources, front_matter);
    for variable in table::variables() {
        // Which of the credentials may be used depends on the upstream: they come when it is known.
        if credentials::is_credential(variable) {
            resolver.leave_unset(variable);
        } else {
            resolver.resolve(variable);
        }
    }
    if !sources.without_credentials {
        credentials::resolve(&mut resolver);
    }
    resolver.report_the_rest();
    let Resolver { mut settings, problems, mut warnings, .. } = resolver;
    if let Some(problems) = Problems::new(problems) {
        return Err(problems);
    }
    cross_checks::apply(&mut settings, &mut warnings);
    Ok((settings, warnings))
}

pub(super) fn prompt_location(sources: &Sources) -> Result<PromptLocation, Problems> {
    let mut resolver = Resolver::new(sources, &[]);
    for variable in table::prompt_variables() {
        resolver.resolve(variable);
    }
    if resolver.problems.is_empty() {
        return Ok(resolver.settings.prompts);
    }
    // Whoever must put this right will want to hear of everything else too.
    settings(sources, &[]).map(|(settings, _)| settings.prompts)
}

pub(super) struct Resolver<'a> {
    pub(super) sources: &'a Sources,
    pub(super) settings: Settings,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    front_matter: &'a [FrontMatterValue],
}

impl<'a> Resolver<'a> {
    fn new(sources: &'a Sources, front_matter: &'a [FrontMatterValue]) -> Self {
        let settings = placeholders();
        Self { sources, settings, problems: Vec::new(), warnings: Vec::new(), front_matter }
    }

    fn resolve(&mut self, variable: &'static Variable) {
        let default = || Some(Given { value: OsStr::new(variable.default()?), origin: Origin::Default });
        match self.sources.find(variable.name, self.front_matter).or_else(default) {
            Some(given) => {
                if let Some(value) = self.apply(variable, given) {
                    self.settings.values.push(value);
                }
            }
            None => self.leave_unset(variable),
        }
    }

    /// Puts a value where it belongs, and gives back what is to be said of it. `None` if it isn't
    /// allowed, which is then among the problems.
    pub(super) fn apply(&mut self, variable: &'static Variable, given: Given<'_>) -> Option<SettingValue> {
        let Given { value, origin } = given;
        let text = Some(variable.shown(value));
        match variable.kind.apply(value, &mut self.settings) {
            Ok(()) => Some(SettingValue { variable, text, origin }),
            Err(message) => {
                self.problems.push(Problem {
                    variable: Some(variable.name.to_owned()),
                    value: text,
                    origin,
                    message,
                    hint: None,
                });
                None
            }
        }
    }

    fn leave_unset(&mut self, variable: &'static Variable) {
        self.settings.values.push(SettingValue { variable, text: None, origin: Origin::Default });
    }

    /// What isn't about the value of one variable.
    fn report_the_rest(&mut self) {
        for over in self.sources.overrides.iter().filter(|over| table::find(&over.variable).is_none()) {
            self.problems.push(Problem {
                variable: Some(over.variable.clone()),
                // What it would have been is unknown, so perhaps a secret.
                value: Some(HIDDEN.to_owned()),
                origin: Origin::Flag(over.flag.clone()),
                message: "there is no such variable".to_owned(),
                hint: None,
            });
        }
        if let Some(file) = &self.sources.env_file {
            self.problems.extend(file.problems.iter().cloned());
            self.warnings.extend(file.warnings.iter().cloned());
        }
        self.warnings.extend(unknown::warnings(self.sources));
    }
}

/// Settings of which nothing is meant: the table has a value for every one, or leaves it `None`.
fn placeholders() -> Settings {
    let step = StepSettings {
        model: String::new(),
        max_tokens: 0,
        temperature: 0.0,
        temperature_is_explicit: false,
        timeout: Duration::ZERO,
    };
    Settings {
        steps: PerStep::from_fn(|_| step.clone()),
        prompts: PromptLocation { dir: None, names: PerStep::default() },
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
        stream: StreamSettings {
            commit_after: Duration::ZERO,
            heartbeat: Duration::ZERO,
            exposed_steps: ExposedSteps::Off,
        },
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
    }
}
