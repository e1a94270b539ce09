//! All of it in one line.

use std::collections::BTreeSet;

use super::ValidationReport;
use crate::diagnostic::Source;

/// `3 errors, 1 warning in 2 files`, or `3 prompts and the settings are fine`.
#[must_use]
pub fn summary(report: &ValidationReport) -> String {
    if report.diagnostics.is_empty() { fine(report) } else { found(report) }
}

fn fine(report: &ValidationReport) -> String {
    let prompts = report.prompts.len();
    match (prompts, report.settings) {
        (0, false) => "nothing was checked".to_owned(),
        (0, true) => "the settings are fine".to_owned(),
        (1, false) => "1 prompt is fine".to_owned(),
        (_, false) => format!("{prompts} prompts are fine"),
        (_, true) => format!("{} and the settings are fine", counted(prompts, "prompt")),
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
    let has = |is_it: fn(&Source) -> bool| sources.iter().any(|source| is_it(source));
    let mut places = Vec::new();
    if files > 0 {
        places.push(counted(files, "file"));
    }
    let others: [(fn(&Source) -> bool, &str); 4] = [
        (|source| matches!(source, Source::BuiltIn(_)), "the built-in prompts"),
        (|source| matches!(source, Source::Environment), "the environment"),
        (|source| matches!(source, Source::Flag(_) | Source::Variable(_)), "the command line"),
        (|source| matches!(source, Source::Upstream(_)), "the upstream"),
    ];
    places.extend(others.into_iter().filter(|(is_it, _)| has(*is_it)).map(|(_, name)| name.to_owned()));
    places
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
