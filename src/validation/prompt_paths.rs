//! Where a wrong path of prompts was named. What is wrong with it is for the prompts to know.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Source};
use crate::rule::Rule;
use crate::settings::{Settings, Sources};

const FOLDER: &str = "CHAIN_PROMPTS_DIR";

/// The problem at each variable of the `.env` file that names what isn't there, so that it is told where
/// it can be put right; by itself if no such variable does.
pub(super) fn located(problem: Diagnostic, settings: &Settings, sources: &Sources) -> Vec<Diagnostic> {
    let Source::File(path) = &problem.source else { return vec![problem] };
    let names = match problem.rule {
        Rule::PromptsFolder => vec![FOLDER.to_owned()],
        Rule::PromptFileMissing => {
            let names = settings.prompts.names.iter();
            let names = names
                .map(|(step, name)| (step.as_str(), name))
                .chain([("worker", &settings.prompts.worker_name)]);
            names.filter_map(|(what, name)| named(path, settings, what, name)).collect()
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

/// The variable by which that prompt file is named, if it is at `path`.
fn named(path: &Path, settings: &Settings, what: &str, name: &str) -> Option<String> {
    let is_it = match &settings.prompts.dir {
        Some(dir) => path == dir.join(name),
        None => path == Path::new(name),
    };
    is_it.then(|| format!("CHAIN_{}_PROMPT_FILE", what.to_ascii_uppercase()))
}
