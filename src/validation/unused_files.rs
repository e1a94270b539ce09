//! Finds prompt files that no step uses, and a folder of them that nothing names.

use std::fs;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Source};
use crate::nearest::did_you_mean;
use crate::rule::Rule;
use crate::settings::PromptLocation;

/// The ending of prompt files, in lower case.
const ENDING: &str = "md";

/// What a folder of prompts is usually called.
const USUAL_FOLDER: &str = "prompts";

/// What is for people, in lower case, without the ending.
const FOR_PEOPLE: [&str; 4] = ["readme", "changelog", "license", "contributing"];

pub(super) fn check(location: &PromptLocation) -> Vec<Diagnostic> {
    let Some(dir) = &location.dir else { return unnamed_folder(location).into_iter().collect() };
    let used = || names(location);
    let mut unused: Vec<_> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let is_prompt = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING));
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let is_used = path.file_name().is_some_and(|name| used().any(|used| name == used));
            is_prompt && !is_used && !FOR_PEOPLE.contains(&stem.as_str()) && path.is_file()
        })
        .collect();
    unused.sort_unstable();
    let say = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let hint = did_you_mean(&name, used())
            .unwrap_or_else(|| format!("the steps use {}", used().collect::<Vec<_>>().join(", ")));
        Diagnostic::new(Rule::PromptFileUnused, Source::File(path), "no step uses this file").hint(hint)
    };
    unused.into_iter().map(say).collect()
}

/// The names of all prompt files.
fn names(location: &PromptLocation) -> impl Iterator<Item = &str> {
    location.names.as_ref().into_array().into_iter().chain([&location.worker_name]).map(String::as_str)
}

/// A folder of prompts where one would look for it, that nothing names.
fn unnamed_folder(location: &PromptLocation) -> Option<Diagnostic> {
    let folder = Path::new(USUAL_FOLDER);
    names(location).find(|name| folder.join(name).is_file())?;
    let message = "there are prompt files in it, and nothing names it: the built-in prompts are used";
    let problem = Diagnostic::new(Rule::PromptsFolderUnused, Source::File(folder.to_owned()), message);
    Some(problem.hint(format!(
        "set CHAIN_PROMPTS_DIR={USUAL_FOLDER}, or name the folder: promptchain validate {USUAL_FOLDER}"
    )))
}
