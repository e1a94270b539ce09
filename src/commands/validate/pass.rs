//! One check: sources, and which of what is found is of interest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::prompt_path::{PromptPath, step_of};
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::prompts::Prompt;
use crate::rule::Rule;
use crate::settings::{Demands, EnvFile, Sources};
use crate::validation::{self, Subject, Validation};

/// One check.
#[derive(Debug)]
pub(super) struct Pass {
    sources: Sources,
    /// The one prompt file that is of interest, if it is one.
    only: Option<PathBuf>,
}

impl Pass {
    pub(super) fn new(mut sources: Sources, prompts: Option<&PromptPath>) -> Self {
        let Some(prompts) = prompts else { return Self { sources, only: None } };
        let overrides = prompts.overrides(&sources);
        let only = match prompts {
            PromptPath::Folder(_) => None,
            PromptPath::File(path) => Some(path.clone()),
        };
        sources.overrides.extend(overrides);
        Self { sources, only }
    }

    /// Where the settings come from.
    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The `.env` file that is looked at.
    pub(super) fn env_file(&self) -> Option<&EnvFile> {
        self.sources.env_file.as_ref()
    }

    pub(super) fn validate(&self, vars: &BTreeMap<String, String>, today: Date) -> Validation {
        let subject =
            Subject { sources: &self.sources, vars, demands: Demands::Safety, looks_around: true, today };
        validation::validate(&subject)
    }

    /// The prompts that were checked.
    pub(super) fn checked_prompts(&self, validation: &Validation) -> Vec<Source> {
        let prompts = validation.prompts.prompts.as_ref().into_array().into_iter();
        let prompts = prompts.chain([&validation.prompts.worker]).flatten();
        prompts.map(Prompt::source).filter(|source| self.is_of_interest(source)).cloned().collect()
    }

    /// What is of interest of `found`.
    pub(super) fn pick(&self, validation: Validation) -> Vec<Diagnostic> {
        let Validation { diagnostics, settings, .. } = validation;
        let is_models = |source: &Source| matches!(source, Source::File(path) if Some(path) == settings.models_file.as_ref());
        let of_interest = diagnostics
            .into_iter()
            .filter(|diagnostic| self.is_of_interest(&diagnostic.source) || is_models(&diagnostic.source));
        let Some(only) = &self.only else { return of_interest.collect() };
        let mut picked: Vec<_> = of_interest
            .map(|diagnostic| match &diagnostic.source {
                // As it was named, without the ./ that its folder makes of it.
                Source::File(path) if is_same(path, only) => {
                    Diagnostic { source: Source::File(only.clone()), ..diagnostic }
                }
                _ => diagnostic,
            })
            .collect();
        if step_of(only, &self.sources).is_none() {
            let message = "no step uses a file of this name: it wasn't checked as a prompt";
            let hint = "give it the name of its step, such as chain_process.md";
            picked.retain(|diagnostic| diagnostic.rule != Rule::PromptFileUnused);
            let problem = Diagnostic::new(Rule::PromptFileUnused, Source::File(only.clone()), message);
            // Whoever names a file wants it checked.
            picked.push(Diagnostic { severity: Severity::Error, ..problem.hint(hint) });
        }
        picked
    }

    /// Of the other files beside the one in question nobody has asked.
    fn is_of_interest(&self, source: &Source) -> bool {
        match (&self.only, source) {
            (Some(only), Source::File(path)) if path == folder_of(only) => false,
            (Some(only), Source::File(path)) => {
                let is_beside = folder_of(path) == folder_of(only)
                    && self.env_file().is_none_or(|file| file.path() != path);
                !is_beside || is_same(path, only)
            }
            (Some(_), Source::BuiltIn(_)) => false,
            _ => true,
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_same(one: &Path, other: &Path) -> bool {
    folder_of(one) == folder_of(other) && one.file_name() == other.file_name()
}
