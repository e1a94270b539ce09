//! Keeps a stranger's folder from collecting files.
//!
//! A `.env` that was merely found, in a folder cloned from somewhere, may name an upstream of its own. No
//! file from elsewhere on this machine must reach that upstream as a prompt: not by a folder or file name
//! in that `.env`, nor by a link that stands for a prompt.

use std::path::Path;

use super::Examined;
use crate::diagnostic::{Diagnostic, Source};
use crate::rule::Rule;
use crate::settings::{EnvFile, Origin};

/// The variables that say where prompts are.
const NAMES: [&str; 5] = [
    "CHAIN_PROMPTS_DIR",
    "CHAIN_ANALYZE_PROMPT_FILE",
    "CHAIN_PROCESS_PROMPT_FILE",
    "CHAIN_SYNTHESIZE_PROMPT_FILE",
    "CHAIN_WORKER_PROMPT_FILE",
];

pub(super) fn check(examined: &Examined<'_>) -> Vec<Diagnostic> {
    let (sources, settings) = (examined.subject.sources, examined.settings);
    let is_from_env_file =
        |name: &str| settings.value(name).is_some_and(|value| matches!(value.origin, Origin::EnvFile { .. }));
    let is_implicit = sources.env_file.as_ref().is_some_and(EnvFile::is_implicit);
    let is_strange = is_implicit && !settings.upstream.is_default() && is_from_env_file("ANTHROPIC_BASE_URL");
    if !is_strange || sources.without_credentials {
        return Vec::new();
    }
    // A folder that the user names is theirs to send; but only as they name it.
    let user_named = !NAMES.into_iter().any(is_from_env_file);
    let folder = settings.prompts.dir.as_deref().filter(|_| user_named).unwrap_or(Path::new("."));
    let folder = folder.canonicalize();
    let is_foreign = |path: &Path| match (&folder, path.canonicalize()) {
        (Ok(folder), Ok(path)) => !path.starts_with(folder),
        // What can't be followed can't be trusted.
        _ => true,
    };
    let prompts =
        examined.prompts.prompts.as_ref().into_array().into_iter().chain([&examined.prompts.worker]);
    let sources = prompts.filter_map(|prompt| Some(prompt.as_ref()?.source()));
    let foreign = sources.filter(|source| matches!(source, Source::File(path) if is_foreign(path)));
    let message = "it comes from outside the folder, and isn't sent to an upstream that ./.env names";
    foreign
        .map(|source| {
            Diagnostic::new(Rule::ForeignFile, source.clone(), message)
                .hint("--env-file .env says that you mean it")
        })
        .collect()
}
