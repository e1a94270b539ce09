//! Whether what the program is given to work with is right: settings, prompts and models, each by itself
//! and against one another. The one implementation behind `validate` and behind the start of `run` and
//! `serve`.
//!
//! Nothing here calls anybody, needs a key, or prints. What is found are [`Diagnostic`]s, all of them.

mod contract;
mod findings;
mod foreign_prompts;
mod front_matter;
mod linked_files;
mod models;
mod prompt_paths;
mod secrets_readable;
mod unused_files;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use self::findings::Findings;

use crate::chain;
use crate::diagnostic::Diagnostic;
use crate::model::Catalog;
use crate::prompts::{PromptFiles, PromptSet, Rendered};
use crate::settings::{Demands, FrontMatterValue, PromptLocation, Settings, Sources};
use crate::step::PerStep;

/// What is to be checked.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where the settings come from.
    pub sources: &'a Sources,
    /// The template variables that were given outside of the prompt files.
    pub vars: &'a BTreeMap<String, String>,
    /// What is asked of the settings as those of a server.
    pub demands: Demands,
    /// Whether to look at what lies round about too: unused files, and who can read the secrets.
    pub looks_around: bool,
    /// The day for which it is checked: models retire.
    pub today: Date,
}

/// What was found, and what can be worked with.
#[derive(Debug)]
pub struct Validation {
    /// All that is wrong or suspicious, by source and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The settings, with defaults in place of wrong values.
    pub settings: Settings,
    /// What the prompt files say about their steps' settings.
    pub front_matter: Vec<FrontMatterValue>,
    /// The prompts, as far as they can be read.
    pub prompts: PromptSet,
    /// The rendered prompts, of those that can be.
    pub texts: PerStep<Option<String>>,
    /// The rendered prompt for a part of process.
    pub worker: Option<String>,
    /// What is known of models.
    pub catalog: Catalog,
}

impl Validation {
    /// Whether there is something that the program can't go on with.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Everything that the checks look at.
struct Examined<'a> {
    subject: &'a Subject<'a>,
    settings: &'a Settings,
    front_matter: &'a [FrontMatterValue],
    prompts: &'a PromptSet,
    texts: &'a PerStep<Option<String>>,
    catalog: &'a Catalog,
}

/// Checks all of it.
#[must_use]
pub fn validate(subject: &Subject<'_>) -> Validation {
    let sources = subject.sources;
    let mut findings = Findings::default();
    let prompts = load(sources.prompt_location());
    findings.extend(front_matter::without_effect(&prompts));
    let front_matter = front_matter::values(&prompts);
    let (settings, problems) = Settings::resolve_with_defaults(sources, &front_matter, subject.demands);
    let of_prompts = prompts.diagnostics.iter().cloned();
    findings.extend(of_prompts.flat_map(|problem| prompt_paths::located(problem, &settings, sources)));
    findings.extend(problems.iter().map(Diagnostic::from));
    let Rendered { texts, worker, diagnostics } = prompts.render(subject.vars, settings.workers.max);
    findings.extend(diagnostics);
    let mut catalog = Catalog::built_in();
    findings.extend(models::extend(&mut catalog, &settings, sources));
    let examined = Examined {
        subject,
        settings: &settings,
        front_matter: &front_matter,
        prompts: &prompts,
        texts: &texts,
        catalog: &catalog,
    };
    findings.extend(contract::check(&prompts));
    findings.extend(models::check(&examined));
    findings.extend(foreign_prompts::check(&examined));
    if subject.looks_around {
        findings.extend(unused_files::check(&settings.prompts));
        findings.extend(secrets_readable::check(&settings, sources, subject.demands));
    }
    let diagnostics = linked_files::without_lines(findings.in_order());
    Validation { diagnostics, settings, front_matter, prompts, texts, worker, catalog }
}

fn load(PromptLocation { dir, names, worker_name }: PromptLocation) -> PromptSet {
    let own =
        chain::own_fields().zip(chain::optional_fields()).map(|_, (own, optional)| [own, optional].concat());
    let own = own.as_ref().map(|_, names| names.iter().map(String::as_str).collect::<Vec<_>>());
    PromptSet::load(&PromptFiles { dir, names, worker_name }, own.as_ref().map(|_, names| names.as_slice()))
}
