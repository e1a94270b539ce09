//! From sources to what a run goes by: settings, prompts and catalog are read, checked against one
//! another, and turned into the engine's configuration. Every command that runs chains begins here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;

use super::config;
use crate::chain::{self, ChainConfig};
use crate::error::{Error, ErrorCode};
use crate::model::Catalog;
use crate::model::anthropic::Credentials;
use crate::prompts::{Located, Origin, PromptFiles, PromptSet};
use crate::settings::{
    Credential, EnvFile, FrontMatterKey, FrontMatterValue, Origin as SettingOrigin, PromptLocation, Settings,
    Sources, Warning,
};

/// What a run goes by, and what should be said before it starts.
pub(super) struct Setup {
    pub(super) settings: Settings,
    pub(super) chain: ChainConfig,
    pub(super) warnings: Vec<String>,
}

/// Problems of one kind, as they are gathered.
#[derive(Default)]
struct Problems {
    code: Option<ErrorCode>,
    found: Vec<String>,
}

impl Problems {
    fn add(&mut self, code: ErrorCode, found: impl IntoIterator<Item = impl Display>) {
        let before = self.found.len();
        self.found.extend(found.into_iter().map(|problem| problem.to_string()));
        if self.found.len() > before {
            // Problems of several kinds are a matter of configuration.
            self.code =
                Some(self.code.filter(|known| *known != code).map_or(code, |_| ErrorCode::Configuration));
        }
    }

    fn add_settings(&mut self, found: &crate::settings::Problems) {
        let code = if found.are_all_flags() { ErrorCode::Usage } else { ErrorCode::Configuration };
        self.add(code, found.iter().map(setting_problem));
    }

    fn into_error(self) -> Option<Error> {
        let code = self.code?;
        let mut problems = self.found.into_iter();
        let first = problems.next()?;
        let mut error = match problems.len() {
            0 => Error::new(code, first),
            further => {
                let mut error = Error::new(code, format!("there are {} problems", further + 1));
                error.causes.push(first);
                error
            }
        };
        error.causes.extend(problems);
        Some(error)
    }
}

/// Reads and checks everything that a run goes by, except for the prompt itself.
///
/// `vars` are the template variables given on the command line.
pub(super) fn setup(sources: &Sources, vars: &BTreeMap<String, String>) -> Result<Setup, Error> {
    let mut problems = Problems::default();
    let location = sources.prompt_location();
    let prompts = location.ok().and_then(|location| load_prompts(location, &mut problems));
    let front_matter = prompts.as_ref().map(front_matter).unwrap_or_default();
    let resolve = if sources.for_server { Settings::resolve_to_serve } else { Settings::resolve };
    let resolved = resolve(sources, &front_matter).map_err(|found| {
        problems.add_settings(&found);
    });
    let rendered = prompts.as_ref().and_then(|prompts| {
        let rendered = prompts.render(vars);
        rendered.map_err(|found| problems.add(ErrorCode::PromptFile, found.iter().map(prompt_problem))).ok()
    });
    let (Ok((settings, warnings)), Some(prompts), Some(rendered)) = (resolved, prompts, rendered) else {
        return Err(problems.into_error().unwrap_or_else(nothing_was_said));
    };
    let catalog = catalog(settings.models_file.as_deref())?;
    let chain = config::chain(&settings, catalog, &prompts, rendered);
    problems.add(ErrorCode::Configuration, chain.problems());
    problems.add(ErrorCode::Configuration, foreign_prompts(sources, &settings, &prompts));
    if let Some(error) = problems.into_error() {
        return Err(error);
    }
    let mut warnings: Vec<String> = warnings.iter().map(warning_text).collect();
    warnings.extend(prompts.warnings().iter().map(prompt_problem));
    warnings.extend(ignored_temperatures(&settings, &chain));
    warnings.extend(retiring_models(&chain));
    Ok(Setup { settings, chain, warnings })
}

/// What is wrong with the settings alone, all of it.
pub(super) fn settings_error(found: &crate::settings::Problems) -> Error {
    let mut problems = Problems::default();
    problems.add_settings(found);
    problems.into_error().unwrap_or_else(nothing_was_said)
}

/// Sets the limit on the whole run that was asked for; returns what should be said if it can't be kept.
pub(super) fn set_run_limit(chain: &mut ChainConfig, asked_for: Option<Duration>) -> Option<String> {
    chain.limits.run = asked_for;
    let limit = chain.limits.whole_run();
    asked_for.filter(|asked_for| *asked_for > limit).map(|asked_for| {
        format!(
            "--timeout {}s is longer than the run can be: it ends after {}s, which \
             WORKER_COORDINATION_TIMEOUT and SYNTHESIS_TIMEOUT make together",
            asked_for.as_secs_f64(),
            limit.as_secs_f64()
        )
    })
}

/// The credentials as the client takes them.
pub(super) fn credentials(settings: &Settings) -> Option<Credentials> {
    settings.upstream.credential.as_ref().map(|credential| match credential {
        Credential::ApiKey(key) => Credentials::ApiKey(SecretString::clone(key)),
        Credential::AuthToken(token) => Credentials::AuthToken(SecretString::clone(token)),
    })
}

fn load_prompts(location: PromptLocation, problems: &mut Problems) -> Option<PromptSet> {
    let PromptLocation { dir, names } = location;
    let own = chain::own_fields();
    let own = own.as_ref().map(|_, names| names.iter().map(String::as_str).collect::<Vec<_>>());
    let loaded = PromptSet::load(&PromptFiles { dir, names }, own.as_ref().map(|_, names| names.as_slice()));
    loaded.map_err(|found| problems.add(ErrorCode::PromptFile, found.iter().map(prompt_problem))).ok()
}

/// A `.env` that was merely found, in a folder cloned from somewhere, may name an upstream of its own. No
/// file from elsewhere on this machine must reach that upstream as a prompt: not by a folder or file name
/// in that `.env`, nor by a link that stands for a prompt.
fn foreign_prompts(sources: &Sources, settings: &Settings, prompts: &PromptSet) -> Vec<String> {
    let is_from_env_file = |name: &str| {
        settings.value(name).is_some_and(|value| matches!(value.origin, SettingOrigin::EnvFile { .. }))
    };
    let is_implicit = sources.env_file.as_ref().is_some_and(EnvFile::is_implicit);
    let is_strange = is_implicit && !settings.upstream.is_default() && is_from_env_file("ANTHROPIC_BASE_URL");
    if !is_strange || sources.without_credentials {
        return Vec::new();
    }
    let names = [
        "CHAIN_PROMPTS_DIR",
        "CHAIN_ANALYZE_PROMPT_FILE",
        "CHAIN_PROCESS_PROMPT_FILE",
        "CHAIN_SYNTHESIZE_PROMPT_FILE",
    ];
    // A folder that the user names is theirs to send; but only as they name it.
    let user_named = !names.into_iter().any(is_from_env_file);
    let folder = settings.prompts.dir.as_deref().filter(|_| user_named).unwrap_or(Path::new("."));
    let folder = folder.canonicalize();
    let is_foreign = |path: &Path| match (&folder, path.canonicalize()) {
        (Ok(folder), Ok(path)) => !path.starts_with(folder),
        // What can't be followed can't be trusted.
        _ => true,
    };
    let foreign = prompts.prompts.iter().filter_map(|(_, prompt)| match prompt.origin() {
        Origin::File(path) if is_foreign(path) => Some(path),
        _ => None,
    });
    foreign
        .map(|path| {
            format!(
                "{} comes from outside the folder, and isn't sent to an upstream that ./.env names; --env-file .env \
                 says that you mean it",
                path.display()
            )
        })
        .collect()
}

/// What the prompt files say about their steps' settings.
fn front_matter(prompts: &PromptSet) -> Vec<FrontMatterValue> {
    let mut values = Vec::new();
    for (step, prompt) in prompts.prompts.iter() {
        let path = match prompt.origin() {
            Origin::File(path) => path.clone(),
            other => other.to_string().into(),
        };
        let mut add = |key, value: Option<(String, u32)>| {
            if let Some((value, line)) = value {
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                values.push(FrontMatterValue { step, key, value, path: path.clone(), line });
            }
        };
        let matter = &prompt.front_matter;
        add(FrontMatterKey::Model, matter.model.as_ref().map(located));
        add(FrontMatterKey::MaxTokens, matter.max_tokens.as_ref().map(located));
        add(FrontMatterKey::Temperature, matter.temperature.as_ref().map(located));
        add(FrontMatterKey::Timeout, matter.timeout.as_ref().map(located));
    }
    values
}

fn located<T: Display>(located: &Located<T>) -> (String, u32) {
    (located.value.to_string(), located.place.line)
}

fn catalog(models_file: Option<&Path>) -> Result<Catalog, Error> {
    let mut catalog = Catalog::built_in();
    if let Some(path) = models_file {
        catalog.extend_from_file(path).map_err(|error| {
            Error::new(ErrorCode::Configuration, format!("CHAIN_MODELS_FILE: can't use {}", path.display()))
                .because(error)
        })?;
    }
    Ok(catalog)
}

/// A temperature that somebody asked for and that won't be sent is said, once for each model.
fn ignored_temperatures(settings: &Settings, chain: &ChainConfig) -> Vec<String> {
    let mut models: Vec<&str> = settings
        .steps
        .iter()
        .map(|(_, step)| step)
        .filter(|step| step.temperature_is_explicit)
        .map(|step| step.model.as_str())
        .filter(|model| !chain.catalog.accepts_temperature(model, &chain.api_version))
        .collect();
    models.sort_unstable();
    models.dedup();
    let say = |model| {
        format!("{model} with API version {} accepts no temperature: it is left out", chain.api_version)
    };
    models.into_iter().map(say).collect()
}

/// A model whose last day is known is said, once for each.
fn retiring_models(chain: &ChainConfig) -> Vec<String> {
    let mut retiring: Vec<String> = chain
        .steps
        .iter()
        .filter_map(|(_, step)| {
            let day = chain.catalog.find(&step.model)?.retires?;
            Some(format!("{} retires on {day}: choose another model", step.model))
        })
        .collect();
    retiring.sort_unstable();
    retiring.dedup();
    retiring
}

/// One problem with the settings.
pub(super) fn configuration_error(problem: &crate::settings::Problem) -> Error {
    let mut error = Error::new(ErrorCode::Configuration, problem.to_string());
    error.hint.clone_from(&problem.hint);
    error
}

fn setting_problem(problem: &crate::settings::Problem) -> String {
    with_hint(problem, problem.hint.as_deref())
}

fn prompt_problem(problem: &crate::prompts::Problem) -> String {
    with_hint(problem, problem.hint.as_deref())
}

/// One warning about the settings.
pub(super) fn warning_text(warning: &Warning) -> String {
    with_hint(warning, warning.hint.as_deref())
}

fn with_hint(what: impl Display, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{what}; {hint}"),
        None => what.to_string(),
    }
}

fn nothing_was_said() -> Error {
    Error::new(ErrorCode::Internal, "the settings were refused without a reason")
}
