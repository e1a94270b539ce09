//! Where a wrong path of prompts was named. What is wrong with it is for the prompts to know.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Source};
use crate::rule::Rule;
use crate::settings::{Settings, Sources};
use crate::step::StepName;

const FOLDER: &str = "CHAIN_PROMPTS_DIR";

/// The problem at each variable of the `.env` file that names what isn't there, so that it is told where
/// it can be put right; by itself if no such variable does.
pub(super) fn located(problem: Diagnostic, settings: &Settings, sources: &Sources) -> Vec<Diagnostic> {
    let Source::File(path) = &problem.source else { return vec![problem] };
    let names = match problem.rule {
        Rule::PromptsFolder => vec![FOLDER.to_owned()],
        Rule::PromptFileMissing => {
            StepName::ALL.into_iter().filter_map(|step| named(path, settings, step)).collect()
        }
        _ => return vec![problem],
    };
    let located: Vec<Diagnostic> = names
        .iter()
        .map(|name| settings.diagnostic_about(sources, &[], problem.rule, name))
        .filter(|said| said.place.is_some())
        .map(|said| {
            let message = format!("{}{}", said.message, problem.message);
            Diagnostic { message, hint: problem.hint.clone(), ..said }
        })
        .collect();
    if located.is_empty() { vec![problem] } else { located }
}

/// The variable by which the prompt file of `step` is named, if that is at `path`.
fn named(path: &Path, settings: &Settings, step: StepName) -> Option<String> {
    let name = Path::new(settings.prompts.names.get(step));
    let is_it = match &settings.prompts.dir {
        Some(dir) => path == dir.join(name),
        None => path == name,
    };
    is_it.then(|| format!("CHAIN_{}_PROMPT_FILE", step.as_str().to_ascii_uppercase()))
}
