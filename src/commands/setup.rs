//! From sources to what a run goes by: settings, prompts and catalog are read and checked, and turned into
//! the engine's configuration. Every command that runs chains begins here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use jiff::Zoned;
use secrecy::SecretString;

use super::chain_config::{self, Rendered};
use crate::chain::ChainConfig;
use crate::chain::config::StepConfig;
use crate::diagnostic::{Diagnostic, Source};
use crate::error::{Error, ErrorCode};
use crate::model::anthropic::Credentials;
use crate::prompts::PromptSet;
use crate::rule::Rule;
use crate::settings::{Credential, Demands, Settings, Sources};
use crate::validation::{Subject, Validation, validate};

/// What a run goes by, and what should be said before it starts.
pub struct Setup {
    /// Every variable, resolved.
    pub settings: Settings,
    /// What the engine goes by.
    pub chain: ChainConfig,
    /// What should be said before anything is run.
    pub warnings: Vec<String>,
    prompts: PromptSet,
}

impl Setup {
    /// The chain with these variables of the prompt files, all of them.
    pub(super) fn chain_with(&self, vars: &BTreeMap<String, String>) -> Result<ChainConfig, Error> {
        let rendered = self.prompts.render(vars, self.settings.workers.max);
        let errors = rendered.diagnostics.into_iter();
        let errors =
            errors.filter(|problem| problem.is_error() && !problem.rule.is_about_wording()).collect();
        if let Some(error) = into_error(errors) {
            return Err(error);
        }
        let (Some(steps), Some(worker)) = (rendered.texts.whole(), rendered.worker) else {
            return Err(refused_without_reason());
        };
        let step =
            |config: &StepConfig, prompt: String| StepConfig { prompt: prompt.into(), ..config.clone() };
        let mut chain = self.chain.clone();
        chain.steps = chain.steps.as_ref().zip(steps).map(|_, (config, prompt)| step(config, prompt));
        chain.workers.step = step(&chain.workers.step, worker);
        Ok(chain)
    }
}

/// Reads and checks everything that a run goes by, except for the prompt itself.
///
/// `vars` are the template variables given on the command line.
///
/// # Errors
/// All that is wrong, as one error.
pub fn setup(sources: &Sources, vars: &BTreeMap<String, String>) -> Result<Setup, Error> {
    let demands = if sources.for_server { Demands::Serving } else { Demands::None };
    let Validation { diagnostics, settings, prompts, texts, worker, catalog, .. } =
        checked(sources, vars, demands);
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics
        .into_iter()
        .partition(|diagnostic| diagnostic.is_error() && !diagnostic.rule.is_about_wording());
    if let Some(error) = into_error(errors) {
        return Err(error);
    }
    let (Some(whole), Some(steps), Some(worker)) = (prompts.prompts.clone().whole(), texts.whole(), worker)
    else {
        return Err(refused_without_reason());
    };
    let chain = chain_config::chain(&settings, catalog, &whole, Rendered { steps, worker });
    Ok(Setup { settings, chain, warnings: warnings.iter().map(told).collect(), prompts })
}

fn refused_without_reason() -> Error {
    Error::new(ErrorCode::Internal, "the prompts were refused without a reason")
}

/// The settings alone, for a command that only shows what others would go by, and what should be said of
/// them. Nothing is needed, and what is wrong with what prompts say and with models is for others to tell.
pub(super) fn settings_to_show(
    sources: &Sources,
    vars: &BTreeMap<String, String>,
) -> Result<(Settings, Vec<String>), Error> {
    let Validation { diagnostics, settings, .. } = checked(sources, vars, Demands::None);
    let of_settings = diagnostics.into_iter().filter(|diagnostic| diagnostic.rule.is_about_settings());
    let (errors, warnings): (Vec<_>, Vec<_>) = of_settings.partition(Diagnostic::is_error);
    match into_error(errors) {
        Some(error) => Err(error),
        None => Ok((settings, warnings.iter().map(told).collect())),
    }
}

fn checked(sources: &Sources, vars: &BTreeMap<String, String>, demands: Demands) -> Validation {
    let looks_around = demands == Demands::Serving;
    validate(&Subject { sources, vars, demands, looks_around, today: Zoned::now().date() })
}

/// What is wrong with the settings alone, all of it.
pub(super) fn settings_error(found: &crate::settings::Problems) -> Error {
    let error = into_error(found.iter().map(Diagnostic::from).collect())
        .unwrap_or_else(|| Error::new(ErrorCode::Internal, "the settings were refused without a reason"));
    let code = if found.are_all_flags() { ErrorCode::Usage } else { ErrorCode::Configuration };
    Error { code, ..error }
}

/// One error for all of them; `None` if there are none.
fn into_error(errors: Vec<Diagnostic>) -> Option<Error> {
    let all = errors.len();
    let code = errors.iter().map(code_of).reduce(|one, other| {
        // Problems of several kinds are a matter of configuration.
        if one == other { one } else { ErrorCode::Configuration }
    })?;
    let mut errors = errors.into_iter();
    if all == 1 {
        let only = errors.next()?;
        let error = Error::new(code, only.to_string());
        return Some(Error { hint: only.hint.or(error.hint.clone()), ..error });
    }
    let mut error = Error::new(code, format!("there are {all} problems"));
    error.causes = errors.map(|problem| told(&problem)).collect();
    error.is_list = true;
    error.hint = None;
    Some(error)
}

fn code_of(diagnostic: &Diagnostic) -> ErrorCode {
    match (diagnostic.rule, &diagnostic.source) {
        (Rule::UnknownPrice, _) => ErrorCode::UnknownPrice,
        (rule, _) if rule.is_about_prompts() => ErrorCode::PromptFile,
        (_, Source::Flag(_)) => ErrorCode::Usage,
        _ => ErrorCode::Configuration,
    }
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

/// One problem with the settings.
pub(super) fn configuration_error(problem: &crate::settings::Problem) -> Error {
    let mut error = Error::new(ErrorCode::Configuration, problem.to_string());
    error.hint.clone_from(&problem.hint);
    error
}

/// What is said of it in one line.
fn told(diagnostic: &Diagnostic) -> String {
    with_hint(diagnostic, diagnostic.hint.as_deref())
}

/// What is said of a warning about the settings.
pub(super) fn warning_text(warning: &crate::settings::Problem) -> String {
    with_hint(warning, warning.hint.as_deref())
}

fn with_hint(what: impl Display, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{what}; {hint}"),
        None => what.to_string(),
    }
}
