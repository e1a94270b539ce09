//! Prompts as a user meets them: good and bad files, each problem with its place.

mod built_in;
mod files;
mod front_matter;
mod template;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::step::PerStep;

const RESERVED: &[&str] = &["intent", "key_entities"];

/// The problems of a file of that text, one a line, each with its hint.
fn problems(text: &str) -> String {
    match Prompt::parse(Origin::File("p.md".into()), text, RESERVED) {
        Ok(prompt) => panic!("no problem found: {prompt:?}"),
        Err(problems) => show(&problems),
    }
}

fn show(problems: &[Problem]) -> String {
    let show = |problem: &Problem| {
        let hint = problem.hint.as_ref().map(|hint| format!("\n    hint: {hint}")).unwrap_or_default();
        format!("{problem}{hint}")
    };
    problems.iter().map(show).collect::<Vec<_>>().join("\n")
}

fn prompt(text: &str) -> Prompt {
    Prompt::parse(Origin::File("p.md".into()), text, RESERVED).unwrap_or_else(|all| panic!("{}", show(&all)))
}

/// A set whose analyze prompt is `text`, with others that need nothing.
fn set(text: &str) -> PromptSet {
    let plain = || prompt("Do it.");
    let prompts = PerStep { analyze: prompt(text), process: plain(), synthesize: plain() };
    PromptSet::new(prompts, PerStep { analyze: RESERVED, process: &[], synthesize: &[] })
}

fn vars(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What the template `text` becomes.
fn rendered(text: &str, given: &[(&str, &str)]) -> String {
    set(text).render(&vars(given)).unwrap_or_else(|all| panic!("{}", show(&all))).analyze
}

/// The problems of rendering `text`.
fn render_problems(text: &str, given: &[(&str, &str)]) -> String {
    show(&set(text).render(&vars(given)).unwrap_err())
}

/// A folder with files of those names and contents.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn in_folder(dir: &Path) -> PromptFiles {
    PromptFiles { dir: Some(dir.to_owned()), ..PromptFiles::default() }
}

fn load(files: &PromptFiles) -> Result<PromptSet, Vec<Problem>> {
    PromptSet::load(files, PerStep { analyze: RESERVED, process: &[], synthesize: &[] })
}

/// The problems of loading, without the temporary folder's name.
fn load_problems(files: &PromptFiles) -> String {
    let shown = show(&load(files).unwrap_err());
    match &files.dir {
        Some(dir) => shown.replace(dir.to_str().unwrap(), "DIR"),
        None => shown,
    }
}
