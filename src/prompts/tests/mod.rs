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
use crate::diagnostic::{Diagnostic, Place, Severity, Source};
use crate::step::PerStep;

const RESERVED: &[&str] = &["intent", "key_entities"];

/// The problems of a file of that text, one a line, each with its hint.
fn problems(text: &str) -> String {
    let (prompt, problems) = Prompt::parse(Source::File("p.md".into()), text, RESERVED);
    assert!(problems.iter().any(Diagnostic::is_error), "no problem found: {prompt:?}");
    show(&problems)
}

fn show(problems: &[Diagnostic]) -> String {
    let show = |problem: &Diagnostic| {
        let hint = problem.hint.as_ref().map(|hint| format!("\n    hint: {hint}")).unwrap_or_default();
        format!("{problem}{hint}")
    };
    problems.iter().map(show).collect::<Vec<_>>().join("\n")
}

fn prompt(text: &str) -> Prompt {
    let (prompt, problems) = Prompt::parse(Source::File("p.md".into()), text, RESERVED);
    assert!(!problems.iter().any(Diagnostic::is_error), "{}", show(&problems));
    prompt.unwrap()
}

/// A set whose analyze prompt is `text`, with others that need nothing.
fn set(text: &str) -> PromptSet {
    let plain = || Some(prompt("Do it."));
    let (analyze, found) = Prompt::parse(Source::File("p.md".into()), text, RESERVED);
    let prompts = PerStep { analyze, process: plain(), synthesize: plain() };
    PromptSet::new(prompts, PerStep { analyze: RESERVED, process: &[], synthesize: &[] }, found)
}

fn vars(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What the template `text` becomes.
fn rendered(text: &str, given: &[(&str, &str)]) -> String {
    let Rendered { texts, diagnostics, .. } = set(text).render(&vars(given), 1);
    texts.analyze.unwrap_or_else(|| panic!("{}", show(&diagnostics)))
}

/// The problems of rendering `text`.
fn render_problems(text: &str, given: &[(&str, &str)]) -> String {
    let diagnostics = set(text).render(&vars(given), 1).diagnostics;
    assert!(!diagnostics.is_empty());
    show(&diagnostics)
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

fn load(files: &PromptFiles) -> PromptSet {
    PromptSet::load(files, PerStep { analyze: RESERVED, process: &[], synthesize: &[] })
}

/// The problems of loading, without the temporary folder's name.
fn load_problems(files: &PromptFiles) -> String {
    let shown = show(&load(files).diagnostics);
    match &files.dir {
        Some(dir) => shown.replace(dir.to_str().unwrap(), "DIR"),
        None => shown,
    }
}
