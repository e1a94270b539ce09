//! A path on the command line that prompts are read from.

use std::path::{Path, PathBuf};

use super::targets::by_path;
use crate::settings::{Override, Sources};
use crate::step::StepName;

/// A path that prompts are read from.
#[derive(Debug, Clone)]
pub(super) enum PromptPath {
    /// A folder of prompt files.
    Folder(PathBuf),
    /// One prompt file.
    File(PathBuf),
}

impl PromptPath {
    /// What makes the settings take prompts from there. A file takes the place of its step's.
    pub(super) fn overrides(&self, sources: &Sources) -> Vec<Override> {
        match self {
            Self::Folder(folder) => vec![by_path("CHAIN_PROMPTS_DIR", folder.as_os_str())],
            Self::File(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = by_path("CHAIN_PROMPTS_DIR", folder.unwrap_or(Path::new(".")).as_os_str());
                let name = path.file_name().unwrap_or_default();
                let file = step_of(path, sources).map(|step| {
                    let variable = format!("CHAIN_{}_PROMPT_FILE", step.as_str().to_ascii_uppercase());
                    by_path(&variable, name)
                });
                std::iter::once(folder).chain(file).collect()
            }
        }
    }
}

/// The step that a file of that name is for: as the settings say, or the one whose name is in it.
pub(super) fn step_of(path: &Path, sources: &Sources) -> Option<StepName> {
    let name = path.file_name()?.to_string_lossy();
    let names = sources.prompt_location().names;
    let set = names.iter().find(|(_, set)| **set == *name).map(|(step, _)| step);
    let mut called = StepName::ALL.into_iter().filter(|step| name.contains(step.as_str()));
    set.or_else(|| called.next().filter(|_| called.next().is_none()))
}
