//! Goes through the table once: finds each variable's value, checks it, and puts it where it
//! belongs. It doesn't stop at the first problem.

use std::ffi::OsStr;

use super::alternatives::Alternatives;
use super::credentials::{self, CREDENTIALS};
use super::placeholders::placeholders;
use super::problem::HIDDEN;
use super::sources::{Given, Layer};
use super::{
    DeploymentEnvironment, FrontMatterValue, Origin, Problem, Problems, PromptLocation, SettingValue,
    Settings, Sources, Variable, Warning, cross_checks, table, unknown,
};

const SIGNING_SECRETS: Alternatives =
    Alternatives { names: &["JWT_SECRET_KEY", "JWT_SECRET_KEY_FILE"], what: "secret" };

/// With `is_to_serve`, what a server can't do without must be there.
pub(super) fn settings(
    sources: &Sources,
    front_matter: &[FrontMatterValue],
    is_to_serve: bool,
) -> Result<(Settings, Vec<Warning>), Problems> {
    let mut resolver = Resolver::new(sources, front_matter);
    for variable in table::variables() {
        // Which of several is used is found out when all that it depends on is known.
        if CREDENTIALS.include(variable) || SIGNING_SECRETS.include(variable) {
            resolver.leave_unset(variable);
        } else {
            resolver.resolve(variable);
        }
    }
    if !sources.without_credentials {
        credentials::resolve(&mut resolver);
    }
    match SIGNING_SECRETS.pick(sources, Layer::ALL) {
        Ok(Some((variable, given))) => resolver.resolve_late(variable, given),
        Ok(None) => {}
        Err(problem) => resolver.problems.push(problem),
    }
    resolver.report_the_rest();
    if is_to_serve {
        resolver.check_server();
    }
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
    settings(sources, &[], sources.for_server).map(|(settings, _)| settings.prompts)
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

    /// Gives a value to a variable that was left unset before.
    pub(super) fn resolve_late(&mut self, variable: &'static Variable, given: Given<'_>) {
        if let Some(value) = self.apply(variable, given)
            && let Some(unset) = self.settings.values.iter_mut().find(|v| v.variable.name == variable.name)
        {
            *unset = value;
        }
    }

    /// Puts a value where it belongs, and gives back what is to be said of it. `None` if it isn't
    /// allowed, which is then among the problems.
    fn apply(&mut self, variable: &'static Variable, given: Given<'_>) -> Option<SettingValue> {
        let Given { value, origin } = given;
        let text = Some(variable.shown(value));
        match variable.kind.apply(value, &mut self.settings) {
            Ok(()) => {
                let is_shown = !variable.kind.may_hold_secret(value);
                let value = is_shown.then(|| value.to_string_lossy().into_owned());
                Some(SettingValue { variable, text, value, origin })
            }
            Err(message) => {
                self.problems.push(Problem {
                    variable: Some(variable.name.to_owned()),
                    value: text,
                    origin,
                    message,
                    hint: variable.kind.hint(),
                });
                None
            }
        }
    }

    fn leave_unset(&mut self, variable: &'static Variable) {
        let unset = SettingValue { variable, text: None, value: None, origin: Origin::Default };
        self.settings.values.push(unset);
    }

    /// What a server can't do without, and what it shouldn't do; in production, it mustn't.
    fn check_server(&mut self) {
        // What was said wrongly isn't missing too.
        let is_fine = |prefix: &str| {
            let is_about = |problem: &&Problem| {
                problem.variable.as_ref().is_some_and(|variable| variable.starts_with(prefix))
            };
            !self.problems.iter().any(|problem| is_about(&problem))
        };
        let is_symmetric = self.settings.server.jwt.algorithm.is_symmetric();
        let key_name = if is_symmetric { "JWT_SECRET_KEY" } else { "JWT_PUBLIC_KEY" };
        let key =
            (is_fine(key_name) && is_fine("JWT_ALGORITHM")).then(|| self.settings.server.check_key().err());
        let credential = (!self.sources.without_credentials && is_fine("ANTHROPIC_"))
            .then(|| self.settings.upstream.check_credential().err());
        self.problems.extend(key.into_iter().chain(credential).flatten());
        let unsafe_settings = self.settings.server.warnings();
        let environment = self.settings.value("ENVIRONMENT");
        match (self.settings.server.environment, environment) {
            (DeploymentEnvironment::Production, Some(environment)) => {
                let problems = unsafe_settings.into_iter().map(|warning| Problem {
                    variable: Some(environment.variable.name.to_owned()),
                    value: environment.text.clone(),
                    origin: environment.origin.clone(),
                    message: format!("forbids what else is only warned of: {}", warning.message),
                    hint: warning.hint,
                });
                self.problems.extend(problems.collect::<Vec<_>>());
            }
            _ => self.warnings.extend(unsafe_settings),
        }
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
            self.warnings.extend(file.warnings(|name| self.sources.are_about(name)));
        }
        self.warnings.extend(unknown::warnings(self.sources));
    }
}
