//! What must hold of prompt files, whatever they hold.

use std::collections::BTreeMap;

use super::{Prompt, PromptSet};
use crate::diagnostic::{Diagnostic, Source};
use crate::step::PerStep;

const RESERVED: [&str; 2] = ["content", "confidence"];

/// Every problem has its place within the file and is told in one line, however the lines end; what is rendered is
/// bounded.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (prompt, found) = Prompt::parse(Source::BuiltIn("fuzzed.md"), text, &RESERVED);
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    for problem in &found {
        is_told_well(problem, &lines);
    }
    assert!(found.len() <= 400, "{} problems are told", found.len());
    let Some(prompt) = prompt else {
        assert!(found.iter().any(Diagnostic::is_error), "what can't be used has an error");
        return;
    };
    let elsewhere = format!("\u{feff}{}", lines.replace('\n', "\r\n"));
    let (again, found_again) = Prompt::parse(Source::BuiltIn("fuzzed.md"), &elsewhere, &RESERVED);
    assert_eq!((again.as_ref(), &found_again), (Some(&prompt), &found), "the editor makes no difference");
    tags_are_in_order(&prompt);
    is_rendered(prompt, &lines);
}

/// That its place and what is shown of its line are there.
fn is_told_well(problem: &Diagnostic, text: &str) {
    let is_line = |text: &str| !text.is_empty() && !text.contains('\n');
    assert!(is_line(&problem.message), "{problem:?}");
    assert!(problem.hint.as_deref().is_none_or(is_line), "{problem:?}");
    let Some(place) = problem.place else { return };
    let line = usize::try_from(place.line).ok().and_then(|line| line.checked_sub(1));
    let line = line.and_then(|line| text.split('\n').nth(line));
    let Some(line) = line else { unreachable!("no such line: {problem:?}") };
    let chars = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
    assert!(place.col >= 1 && place.col - 1 + place.len <= chars, "{problem:?}");
    let Some(excerpt) = &problem.excerpt else { return };
    assert!(excerpt.text().chars().count() <= 242);
    assert!(line.contains(excerpt.text().trim_matches('…')));
    let shown = excerpt.place(place);
    assert!(
        shown.col <= u32::try_from(excerpt.text().chars().count()).unwrap_or(u32::MAX) + 1,
        "{problem:?}"
    );
}

fn tags_are_in_order(prompt: &Prompt) {
    let mut end = 0;
    for tag in prompt.tags() {
        assert!(tag.range.start >= end && tag.range.end > tag.range.start, "{tag:?}");
        end = tag.range.end;
        assert!(prompt.template().get(tag.range.clone()).is_some(), "{tag:?}");
    }
}

fn is_rendered(prompt: Prompt, text: &str) {
    let compiles = prompt.is_whole();
    let given = BTreeMap::from([("given".to_owned(), "1".to_owned())]);
    let prompts = PerStep { analyze: None, process: Some(prompt), synthesize: None };
    let set = PromptSet::new(prompts, PerStep::from_fn(|_| &RESERVED[..]), Vec::new());
    let rendered = set.render(&given, 1);
    match &rendered.texts.process {
        Some(text) => assert!(compiles && !text.is_empty() && text.len() <= super::MAX_RENDERED_BYTES),
        None => assert!(!compiles || rendered.diagnostics.iter().any(Diagnostic::is_error)),
    }
    for problem in &rendered.diagnostics {
        if matches!(problem.source, Source::BuiltIn(_)) {
            is_told_well(problem, text);
        }
    }
}
