//! Flags, environment, `.env`, front matter and defaults, resolved into plain validated structs.
//!
//! Every variable is declared once, in [`sections`]; validation, `.env.example` and what
//! [`Settings::values`] says of origins are made from that table. This module must not read the
//! environment of the process, nor write to it: the caller passes maps in, as [`Sources`].

mod alternatives;
mod background_tasks;
mod certificates;
mod changes;
mod credentials;
mod cross_checks;
mod duration;
mod env_example;
mod env_file;
mod env_lines;
mod fingerprint;
mod first_few;
mod front_matter;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod kept;
mod kind;
mod list;
mod list_lines;
mod loki;
mod misplaced;
mod origin;
mod pairs;
mod parts;
mod placeholders;
mod problem;
mod proxies;
mod public_key;
mod rate_limit;
mod resolve;
mod secret_form;
mod secret_strength;
mod server;
mod server_checks;
mod set_flag;
mod sources;
mod store;
mod store_address;
mod table;
#[cfg(test)]
mod tests;
mod traces;
mod unknown;
mod variable;

use std::path::PathBuf;

pub use background_tasks::{BackgroundTask, BackgroundTasks, TaskPattern};
pub use credentials::Credential;
pub use duration::parse_duration;
pub use env_example::{env_example, env_to_start};
pub use env_file::EnvFile;
pub use front_matter::{FrontMatterKey, FrontMatterValue};
pub use kept::Kept;
pub use kind::{Choice, Kind};
pub use loki::LokiSettings;
pub use misplaced::holds_secret;
pub use origin::Origin;
pub use parts::{
    Breaker, Gates, LeastComplexity, Limits, Log, LogFormat, LogLevel, PromptLocation, Retry, StepSettings,
    Stream, StructuredOutput, ThinkingMode, Upstream, Workers,
};
pub use problem::{Problem, Problems, Spot};
pub use rate_limit::{RateLimit, RateUnit};
pub use resolve::Demands;
pub use secret_form::SecretForm;
pub use server::{
    BindAddress, Cors, DeploymentEnvironment, ExposedSteps, Jwt, JwtAlgorithm, RateLimits, ServerSettings,
    ServiceModel, StreamSettings,
};
pub use set_flag::SetError;
pub use sources::{Environment, Override, Sources};
pub use store::{CheckpointSettings, OnStorageError, StoreSettings};
pub use store_address::{StoreAddress, StoreNode, StorePlace};
pub use table::sections;
pub use traces::{TraceProtocol, TraceSampler, TraceSettings};
pub use variable::{Fallback, OnReload, Section, Variable};

use fingerprint::Fingerprint;

use crate::diagnostic::Diagnostic;
use crate::rule::Rule;
use crate::step::PerStep;

/// What the program was told to do, validated whole.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The three steps.
    pub steps: PerStep<StepSettings>,
    /// Whether process is divided.
    pub workers: Workers,
    /// Where the prompts are.
    pub prompts: PromptLocation,
    /// What bounds the two phases of a run.
    pub limits: Limits,
    /// What the gates demand.
    pub gates: Gates,
    /// What a run may cost, in US dollars; above 0.
    pub max_cost_usd: Option<f64>,
    /// A catalog of models that is added to the built-in one.
    pub models_file: Option<PathBuf>,
    /// How the JSON of a reply is asked for.
    pub structured_output: StructuredOutput,
    /// Whether models may think.
    pub thinking: ThinkingMode,
    /// How often and when a failed call is tried again.
    pub retry: Retry,
    /// When an unwell upstream is left alone.
    pub breaker: Breaker,
    /// Whom we call, and as whom.
    pub upstream: Upstream,
    /// How a reply is streamed.
    pub stream: Stream,
    /// What is logged.
    pub log: Log,
    /// Where the log is pushed to.
    pub loki: LokiSettings,
    /// Where traces are exported, and what stands in them.
    pub traces: TraceSettings,
    /// How the chain is served.
    pub server: ServerSettings,
    /// Every variable in the order of the table, with what it resolved to and where that came from.
    pub values: Vec<SettingValue>,
}

/// What one variable resolved to.
#[derive(Debug, Clone)]
pub struct SettingValue {
    /// The variable.
    pub variable: &'static Variable,
    /// The value in effect, fit for a message: on one line, shortened, a secret masked. `None` if it is
    /// unset.
    pub text: Option<String>,
    /// The value in effect, whole and as it is. `None` if it is unset, or may hold a secret.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// What tells the value from others, and a file of keys from one of other content; `None` if it is unset.
    fingerprint: Option<Fingerprint>,
}

impl SettingValue {
    /// Whether there is a value that must not be shown, because it may hold a secret.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.text.is_some() && self.value.is_none()
    }

    /// Another value has taken effect in its place.
    fn replace(&mut self, value: String) {
        self.text = Some(value.clone());
        self.value = Some(value);
    }
}

impl Settings {
    /// Resolves every variable; `front_matter` is what the prompt files say about their steps. Beside the
    /// settings stand warnings.
    ///
    /// # Errors
    /// All problems there are, those of the `.env` file included.
    pub fn resolve(
        sources: &Sources,
        front_matter: &[FrontMatterValue],
    ) -> Result<(Self, Vec<Problem>), Problems> {
        Problems::sift(resolve::settings(sources, front_matter, Demands::None))
    }

    /// The same for a command that serves: what a server can't do without must be there, and in production
    /// what makes it unsafe mustn't. `sources` are to be [`for_server`](Sources::for_server).
    ///
    /// # Errors
    /// All problems there are.
    pub fn resolve_to_serve(
        sources: &Sources,
        front_matter: &[FrontMatterValue],
    ) -> Result<(Self, Vec<Problem>), Problems> {
        Problems::sift(resolve::settings(sources, front_matter, Demands::Serving))
    }

    /// The same, but that it always has a result, for whoever wants to know all that is wrong: with the
    /// default in place of each value that isn't allowed, and warnings among the problems.
    #[must_use]
    pub fn resolve_with_defaults(
        sources: &Sources,
        front_matter: &[FrontMatterValue],
        demands: Demands,
    ) -> (Self, Vec<Problem>) {
        resolve::settings(sources, front_matter, demands)
    }

    /// A diagnostic, as yet without words, about the variable of that name, at the place where it was set.
    #[must_use]
    pub fn diagnostic_about(
        &self,
        sources: &Sources,
        front_matter: &[FrontMatterValue],
        rule: Rule,
        name: &str,
    ) -> Diagnostic {
        let mut problem = cross_checks::about(self, rule, name, String::new());
        problem.spot = sources.spot(&problem.origin, name, problem.value.as_deref()).or_else(|| {
            let is_it = |set: &&FrontMatterValue| set.variable_name() == name;
            let set = front_matter.iter().rfind(is_it).filter(|set| set.origin() == problem.origin)?;
            Some(set.spot.clone())
        });
        Diagnostic::from(&problem)
    }

    /// What the variable of that name resolved to; `None` if there is no such variable.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&SettingValue> {
        self.values.iter().find(|value| value.variable.name == name)
    }
}
