//! From sources to what a run goes by: settings, prompts and catalog are read, checked against one
//! another, and turned into the engine's configuration. Every command that runs chains begins here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use secrecy::SecretString;

use super::config;
use crate::chain::ChainConfig;
use crate::error::{Error, ErrorCode};
use crate::model::Catalog;
use crate::model::anthropic::Credentials;
use crate::prompts::{Located, Origin, PromptFiles, PromptSet};
use crate::settings::{Credential, FrontMatterKey, FrontMatterValue, PromptLocation, Settings, Sources};
use crate::step::PerStep;

/// Field names that a prompt file can't declare for a step, because they are the step's own.
const RESERVED: PerStep<&[&str]> = PerStep {
    analyze: &["intent", "key_entities", "complexity", "context", "subtasks"],
    process: &["content", "confidence", "metadata"],
    synthesize: &["final_text", "formatting"],
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
    let resolved = Settings::resolve(sources, &front_matter).map_err(|found| {
        let code = if found.are_all_flags() { ErrorCode::Usage } else { ErrorCode::Configuration };
        problems.add(code, found.iter().map(setting_problem));
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
    if let Some(error) = problems.into_error() {
        return Err(error);
    }
    let mut warnings: Vec<String> =
        warnings.iter().map(|warning| with_hint(warning, warning.hint.as_deref())).collect();
    warnings.extend(prompts.warnings().iter().map(prompt_problem));
    warnings.extend(ignored_temperatures(&settings, &chain));
    warnings.extend(retiring_models(&chain));
    Ok(Setup { settings, chain, warnings })
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
    let loaded = PromptSet::load(&PromptFiles { dir, names }, RESERVED);
    loaded.map_err(|found| problems.add(ErrorCode::PromptFile, found.iter().map(prompt_problem))).ok()
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
        let wrong = |error: &dyn Display| {
            Error::new(ErrorCode::Configuration, format!("CHAIN_MODELS_FILE: can't use {}", path.display()))
                .because(error)
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        catalog.extend(&text).map_err(|error| wrong(&error))?;
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

fn with_hint(what: impl Display, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{what}; {hint}"),
        None => what.to_string(),
    }
}

fn nothing_was_said() -> Error {
    Error::new(ErrorCode::Internal, "the settings were refused without a reason")
}
