//! All of it in one line.

use std::collections::BTreeSet;

use super::ValidationReport;
use crate::diagnostic::Source;

/// `3 errors, 1 warning in 2 files`, or `1 prompt, 2 built-in prompts and the settings are fine`.
#[must_use]
pub fn summary(report: &ValidationReport) -> String {
    if report.diagnostics.is_empty() { fine(report) } else { found(report) }
}

fn fine(report: &ValidationReport) -> String {
    let built_in = report.prompts.iter().filter(|source| matches!(source, Source::BuiltIn(_))).count();
    let own = report.prompts.len() - built_in;
    let prompts =
        [(own, "prompt"), (built_in, "built-in prompt")].into_iter().filter(|(count, _)| *count > 0);
    let mut checked: Vec<String> = prompts.map(|(count, noun)| counted(count, noun)).collect();
    let is_one = report.prompts.len() + usize::from(report.settings) == 1 && !report.settings;
    checked.extend(report.settings.then(|| "the settings".to_owned()));
    match checked.as_slice() {
        [] => "nothing was checked".to_owned(),
        [only] => format!("{only} {} fine", if is_one { "is" } else { "are" }),
        [first @ .., last] => format!("{} and {last} are fine", first.join(", ")),
    }
}

fn found(report: &ValidationReport) -> String {
    let counts = [(report.errors(), "error"), (report.warnings(), "warning")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(count, noun)).collect();
    let found = counts.join(", ");
    match places(report).as_slice() {
        [] => found,
        [only] => format!("{found} in {only}"),
        [first @ .., last] => format!("{found} in {} and {last}", first.join(", ")),
    }
}

/// Where something was found.
fn places(report: &ValidationReport) -> Vec<String> {
    let sources: BTreeSet<&Source> = report.diagnostics.iter().map(|diagnostic| &diagnostic.source).collect();
    let files = sources.iter().filter(|source| matches!(source, Source::File(_))).count();
    let files = (files > 0).then(|| counted(files, "file"));
    let mut others: Vec<String> = Vec::new();
    for source in sources {
        let name = match source {
            Source::File(_) | Source::Unsaid => continue,
            Source::BuiltIn(_) => "the built-in prompts",
            Source::Variable(_) | Source::Flag(_) => "the command line",
            Source::Environment => "the environment",
            Source::Upstream(_) => "the upstream",
        };
        // Those of one kind follow one another.
        if others.last().is_none_or(|last| last != name) {
            others.push(name.to_owned());
        }
    }
    files.into_iter().chain(others).collect()
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
