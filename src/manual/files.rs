//! The files that are looked for without being named on the command line.

use super::entry::{Entry, EntryList};
use crate::settings::{Fallback, Variable, sections};

pub(super) fn files() -> EntryList {
    let env = "Variables, a line each, where --env-file names no other file; never a parent folder's. Flags and \
               the environment win.";
    let prompts = "Prompt files, in the folder that --prompts or CHAIN_PROMPTS_DIR names. One that isn't there \
                   is built in.";
    let file_names = sections().iter().flat_map(|section| section.variables).filter_map(prompt_file);
    let entries = vec![
        Entry { term: "./.env".to_owned(), lines: vec![env.to_owned()] },
        Entry { term: file_names.collect::<Vec<_>>().join(", "), lines: vec![prompts.to_owned()] },
    ];
    EntryList::new("Files", entries)
}

/// The name of a step's prompt file, if that is what the variable is about.
fn prompt_file(variable: &Variable) -> Option<&'static str> {
    match variable.fallback {
        Fallback::Value(name) if variable.name.ends_with("_PROMPT_FILE") => Some(name),
        _ => None,
    }
}
