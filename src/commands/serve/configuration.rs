//! What a server goes by: read whole and checked whole, at its start and at every reload in the same way.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::chain::{ChainConfig, Engine, StepName};
use crate::commands::setup::{self, Setup};
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::AnthropicClient;
use crate::profile::Profile;
use crate::resilience::BreakerRegistry;
use crate::server::{Lifecycle, Parts, ServedModel, ServedModels};
use crate::settings::{EnvFile, Kept, Override, ServerSettings, Settings, Sources, Variable};
use crate::telemetry::metrics::Deliveries;
use crate::telemetry::traces::Tracer;

/// What the time to drain is longer than the longest run, if nobody says otherwise.
const FURTHER_GRACE: Duration = Duration::from_secs(5);

/// Where the configuration is read from. Flags and environment are what they were when the process began.
#[derive(Debug)]
pub(super) struct Origins {
    pub(super) overrides: Vec<Override>,
    /// The file that was named, if there was one.
    pub(super) env_file: Option<PathBuf>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) without_credentials: bool,
}

impl Origins {
    /// Reads the `.env` file anew.
    pub(super) fn sources(&self, kept: Kept) -> Sources {
        Sources {
            overrides: self.overrides.clone(),
            env_file: EnvFile::find(self.env_file.as_deref(), Path::new("")),
            environment: self.environment.iter().cloned().collect(),
            without_credentials: self.without_credentials,
            for_server: true,
            kept,
        }
    }
}

/// What a server goes by.
pub(super) struct Configuration {
    pub(super) settings: Settings,
    pub(super) warnings: Vec<String>,
    /// The `.env` file that it was read from.
    env_file: Option<PathBuf>,
    /// The files in the prompts folder that it was read from.
    prompt_files: Vec<PathBuf>,
    chain: Arc<ChainConfig>,
    profiles: Vec<ServedModel>,
}

/// What all configurations of a server share.
pub(super) struct Surviving {
    pub(super) breakers: Arc<BreakerRegistry>,
    pub(super) lifecycle: Lifecycle,
    /// The upstream's origin.
    pub(super) upstream: String,
    /// Where spans begin, if they are made.
    pub(super) tracer: Option<Tracer>,
    /// What becomes of the log's lines and of spans, where they are sent away.
    pub(super) deliveries: Deliveries,
    /// When the server began, in seconds of unix time.
    pub(super) created: u64,
}

impl Surviving {
    /// An engine that calls by that client, and has yet to learn what the upstream takes.
    pub(super) fn engine(&self, client: &Arc<AnthropicClient>) -> Engine {
        Engine::new(client.clone(), Arc::clone(&self.breakers))
    }
}

impl Configuration {
    /// Reads and checks all of it. Waits for files.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn read(sources: &Sources) -> Result<Self, Error> {
        let Setup { settings, chain, warnings, .. } = setup::setup(sources, &BTreeMap::new())?;
        let profiles = profiles(&settings.server, &chain)?;
        Ok(Self {
            env_file: sources.env_file.as_ref().map(|file| file.path().to_path_buf()),
            prompt_files: settings.prompts.files().filter(|path| path.exists()).collect(),
            settings,
            warnings,
            chain: Arc::new(chain),
            profiles,
        })
    }

    /// How long runs may go on after the server was asked to end.
    pub(super) fn grace(&self) -> Duration {
        let of_runs = || self.chain.limits.whole_run() + FURTHER_GRACE;
        self.settings.server.shutdown_grace.unwrap_or_else(of_runs)
    }

    /// The server's parts, with that engine.
    pub(super) fn parts(&self, engine: Engine, surviving: &Surviving) -> Parts {
        let Surviving { breakers, lifecycle, upstream, tracer, deliveries, created } = surviving;
        let server = &self.settings.server;
        let service_model = &server.service_model;
        let aliases = server.model_aliases.iter().map(|alias| {
            let model = alias.profile.map_or_else(|| service_model.clone(), |it| profile_name(server, it));
            (alias.alias.clone(), model)
        });
        Parts {
            engine,
            breakers: Arc::clone(breakers),
            upstream: upstream.clone(),
            models: ServedModels {
                default: ServedModel { name: service_model.clone(), chain: Arc::clone(&self.chain) },
                profiles: self.profiles.clone(),
                aliases: aliases.collect(),
                created: *created,
            },
            settings: server.clone(),
            stall: self.settings.stream.timeout,
            lifecycle: lifecycle.clone(),
            tracer: tracer.clone(),
            deliveries: deliveries.clone(),
        }
    }

    /// The variables of which the value isn't that of `earlier`, or of which the file has another content.
    pub(super) fn changed_since(&self, earlier: &Self) -> Vec<&'static Variable> {
        let of_settings: Vec<&str> =
            self.settings.changed_since(&earlier.settings).map(|variable| variable.name).collect();
        let of_files = self.changed_files(earlier);
        let variables = self.settings.values.iter().map(|value| value.variable);
        variables.filter(|it| of_settings.contains(&it.name) || of_files.contains(&it.name)).collect()
    }

    /// The variables that name files of another content than in `earlier`: prompts and catalog.
    fn changed_files(&self, earlier: &Self) -> Vec<&'static str> {
        let (new, old) = (&self.chain, &earlier.chain);
        let is_new_prompt = |step| {
            let (new, old) = (new.steps.get(step), old.steps.get(step));
            new.prompt != old.prompt || new.fields != old.fields
        };
        let files = [
            ("CHAIN_ANALYZE_PROMPT_FILE", is_new_prompt(StepName::Analyze)),
            ("CHAIN_PROCESS_PROMPT_FILE", is_new_prompt(StepName::Process)),
            ("CHAIN_SYNTHESIZE_PROMPT_FILE", is_new_prompt(StepName::Synthesize)),
            ("CHAIN_WORKER_PROMPT_FILE", new.workers.step.prompt != old.workers.step.prompt),
            ("CHAIN_MODELS_FILE", new.catalog != old.catalog),
        ];
        files.into_iter().filter(|(_, is_new)| *is_new).map(|(name, _)| name).collect()
    }

    /// The `.env` file that it was read from.
    pub(super) fn env_file(&self) -> Option<&Path> {
        self.env_file.as_deref()
    }

    /// Files that `earlier` was read from and this isn't, though it was looked for them.
    pub(super) fn gone_since<'a>(&self, earlier: &'a Self) -> Vec<&'a Path> {
        let is_same_folder = self.settings.prompts == earlier.settings.prompts;
        let prompts =
            earlier.prompt_files.iter().filter(|path| is_same_folder && !self.prompt_files.contains(path));
        let env_file = earlier.env_file.iter().filter(|_| self.env_file.is_none());
        env_file.chain(prompts).map(PathBuf::as_path).collect()
    }
}

/// The chain with each profile's models.
fn profiles(settings: &ServerSettings, chain: &ChainConfig) -> Result<Vec<ServedModel>, Error> {
    let mut profiles = Vec::new();
    for profile in Profile::ALL {
        let chain = chain.with_models(|step| profile.model(step));
        let name = profile_name(settings, profile);
        if let Some(problem) = chain.problems().into_iter().next() {
            return Err(Error::new(ErrorCode::Configuration, format!("{name}: {problem}")));
        }
        profiles.push(ServedModel { name, chain: Arc::new(chain) });
    }
    Ok(profiles)
}

fn profile_name(settings: &ServerSettings, profile: Profile) -> String {
    format!("{}-{}", settings.service_model, profile.as_str())
}
