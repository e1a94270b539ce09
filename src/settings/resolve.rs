//! Goes through the table once: finds each variable's value, checks it, and puts it where it
//! belongs. It doesn't stop at the first problem.

use std::ffi::OsStr;

use super::alternatives::Alternatives;
use super::credentials::{LOKI, TRACES, UPSTREAM};
use super::placeholders::placeholders;
use super::problem::HIDDEN;
use super::sources::{Given, Layer};
use super::{
    FrontMatterValue, Log, Origin, Problem, PromptLocation, SettingValue, Settings, Sources, Variable,
    cross_checks, proxies, server_checks, table, unknown,
};
use crate::rule::Rule;

const SIGNING_SECRETS: Alternatives =
    Alternatives { names: &["JWT_SECRET_KEY", "JWT_SECRET_KEY_FILE"], what: "secret" };

const CHECKPOINT_KEYS: Alternatives =
    Alternatives { names: &["CHECKPOINT_KEY", "CHECKPOINT_KEY_FILE"], what: "key" };

/// What is asked of settings beside that each is allowed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demands {
    /// Nothing.
    None,
    /// That a server by them is safe. In production what makes it unsafe is an error, elsewhere a warning.
    Safety,
    /// That, and that what a server can't do without is there.
    Serving,
}

/// Every variable, with the default in place of a value that isn't allowed, and all that is wrong.
pub(super) fn settings(
    sources: &Sources,
    front_matter: &[FrontMatterValue],
    demands: Demands,
) -> (Settings, Vec<Problem>) {
    let mut resolver = Resolver::new(sources, front_matter);
    for variable in table::variables() {
        // Which of several is used is found out when all that it depends on is known.
        let late = [
            &UPSTREAM.credentials,
            &LOKI.credentials,
            &TRACES.credentials,
            &SIGNING_SECRETS,
            &CHECKPOINT_KEYS,
        ];
        if late.iter().any(|alternatives| alternatives.include(variable)) {
            resolver.leave_unset(variable);
        } else {
            resolver.resolve(variable);
        }
    }
    if !sources.without_credentials {
        UPSTREAM.resolve(&mut resolver);
    }
    LOKI.resolve(&mut resolver);
    TRACES.resolve(&mut resolver);
    for alternatives in [SIGNING_SECRETS, CHECKPOINT_KEYS] {
        match alternatives.pick(sources, Layer::ALL) {
            Ok(Some((variable, given))) => resolver.resolve_late(variable, given),
            Ok(None) => {}
            Err(problem) => resolver.problems.push(problem),
        }
    }
    resolver.report_the_rest();
    if demands == Demands::Serving {
        resolver.check_that_it_can_serve();
    }
    if demands != Demands::None {
        resolver.problems.extend(server_checks::unsafe_settings(&resolver.settings));
    }
    cross_checks::apply(&mut resolver.settings, &mut resolver.problems);
    resolver.locate_problems();
    (resolver.settings, resolver.problems)
}

pub(super) fn prompt_location(sources: &Sources) -> PromptLocation {
    let mut resolver = Resolver::new(sources, &[]);
    for variable in table::prompt_variables() {
        resolver.resolve(variable);
    }
    resolver.settings.prompts
}

/// How the log is written, with the default in place of a value that isn't allowed.
pub(super) fn log(sources: &Sources) -> Log {
    let mut resolver = Resolver::new(sources, &[]);
    for variable in table::log_variables() {
        resolver.resolve(variable);
    }
    resolver.settings.log
}

pub(super) struct Resolver<'a> {
    pub(super) sources: &'a Sources,
    pub(super) settings: Settings,
    pub(super) problems: Vec<Problem>,
    front_matter: &'a [FrontMatterValue],
}

impl<'a> Resolver<'a> {
    fn new(sources: &'a Sources, front_matter: &'a [FrontMatterValue]) -> Self {
        let settings = placeholders();
        Self { sources, settings, problems: Vec::new(), front_matter }
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
            Ok(fingerprint) => {
                let is_shown = !variable.kind.may_hold_secret(value);
                let value = is_shown.then(|| value.to_string_lossy().into_owned());
                Some(SettingValue { variable, text, value, origin, fingerprint: Some(fingerprint) })
            }
            Err(message) => {
                let problem = match self.front_matter_value(variable, &origin) {
                    Some(set) => Problem {
                        spot: Some(set.spot_showing(&variable.shown(value))),
                        ..Problem::new(Rule::FrontMatterRange, variable.name, origin, message)
                    },
                    None => Problem::new(Rule::InvalidValue, variable.name, origin, message),
                };
                self.problems.push(Problem { value: text, hint: variable.kind.hint(), ..problem });
                // What else is wrong is to be found too.
                if let Some(default) = variable.default() {
                    let _ = variable.kind.apply(OsStr::new(default), &mut self.settings);
                }
                None
            }
        }
    }

    fn leave_unset(&mut self, variable: &'static Variable) {
        let unset =
            SettingValue { variable, text: None, value: None, origin: Origin::Default, fingerprint: None };
        self.settings.values.push(unset);
    }

    fn front_matter_value(&self, variable: &Variable, origin: &Origin) -> Option<&'a FrontMatterValue> {
        let is_it = |set: &&FrontMatterValue| {
            set.variable_name() == variable.name && matches!(origin, Origin::FrontMatter { .. })
        };
        self.front_matter.iter().rfind(is_it)
    }

    /// What a server can't do without.
    fn check_that_it_can_serve(&mut self) {
        // What was said wrongly isn't missing too.
        let is_fine = |prefix: &str| {
            let is_about = |problem: &&Problem| {
                problem.variable.as_ref().is_some_and(|variable| variable.starts_with(prefix))
            };
            !self.problems.iter().filter(|problem| problem.is_error()).any(|problem| is_about(&problem))
        };
        let is_symmetric = self.settings.server.jwt.algorithm.is_symmetric();
        let key_name = if is_symmetric { "JWT_SECRET_KEY" } else { "JWT_PUBLIC_KEY" };
        let key =
            (is_fine(key_name) && is_fine("JWT_ALGORITHM")).then(|| self.settings.server.check_key().err());
        let credential = (!self.sources.without_credentials && is_fine("ANTHROPIC_"))
            .then(|| self.settings.upstream.check_credential().err());
        self.problems.extend(key.into_iter().chain(credential).flatten());
    }

    /// Finds where in their file the things stand that problems are about.
    fn locate_problems(&mut self) {
        for problem in &mut self.problems {
            let name = problem.variable.as_deref();
            let spot =
                name.and_then(|name| self.sources.spot(&problem.origin, name, problem.value.as_deref()));
            problem.spot = problem.spot.take().or(spot);
        }
    }

    /// What isn't about the value of one variable.
    fn report_the_rest(&mut self) {
        for over in self.sources.overrides.iter().filter(|over| table::find(&over.variable).is_none()) {
            let origin = Origin::Flag(over.flag.clone());
            let problem =
                Problem::new(Rule::InvalidValue, &over.variable, origin, "there is no such variable");
            // What it would have been is unknown, so perhaps a secret.
            self.problems.push(problem.with_value(HIDDEN));
        }
        if let Some(file) = &self.sources.env_file {
            self.problems.extend(file.problems.iter().cloned());
            self.problems.extend(file.warnings(|name| self.sources.are_about(name)));
        }
        self.problems.extend(unknown::warnings(self.sources));
        self.problems.extend(proxies::warnings(&self.sources.environment));
    }
}
