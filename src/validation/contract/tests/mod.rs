//! The rules as whoever writes a prompt meets them.

mod arbitrary;
mod built_in;
mod examples;
mod fields;
mod fixtures;
mod requests;

use super::*;
use crate::chain;
use crate::diagnostic::{Diagnostic, Source};
use crate::excerpt::Excerpt;
use crate::step::StepName;
use crate::step::StepName::{Analyze, Process, Synthesize};

const BUILT_IN: PerStep<&str> = PerStep {
    analyze: include_str!("../../../../prompts/chain_analyze.md"),
    process: include_str!("../../../../prompts/chain_process.md"),
    synthesize: include_str!("../../../../prompts/chain_synthesize.md"),
};

/// What is found in a chain of these texts.
fn diagnostics(texts: &PerStep<&str>) -> Vec<Diagnostic> {
    let reserved = chain::own_fields();
    let prompts = texts.as_ref().zip(reserved.as_ref()).map(|step, (text, reserved)| {
        let reserved: Vec<&str> = reserved.iter().map(String::as_str).collect();
        Prompt::parse(Source::File(step.as_str().into()), text, &reserved).0
    });
    check_prompts(&prompts)
}

/// What is found if `text` is that step's prompt, in a chain whose other prompts are built in.
fn found(step: StepName, text: &str) -> String {
    let mut texts = BUILT_IN;
    *texts.get_mut(step) = text;
    show(text, &diagnostics(&texts))
}

/// The same for a text that needs to name no field.
fn of_part(step: StepName, text: &str) -> String {
    let fields = chain::own_fields().get(step).join(", ");
    found(step, &format!("{text}\n\nFields: {fields}."))
}

/// `line:col:len`, what stands there, the message and the hint.
fn show(text: &str, diagnostics: &[Diagnostic]) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().collect();
    let show = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.unwrap();
        let line = lines[place.line as usize - 1];
        assert_eq!(diagnostic.excerpt, Some(Excerpt::of(line, place)));
        let there: String = line.chars().skip(place.col as usize - 1).take(place.len as usize).collect();
        assert_eq!(there.chars().count(), place.len as usize, "the place is within its line");
        let hint = diagnostic.hint.as_deref().expect("a hint");
        let name = diagnostic.rule.name();
        let message = &diagnostic.message;
        format!("{}:{}:{} ‹{there}› {message} [{name}]\n    {hint}", place.line, place.col, place.len)
    };
    diagnostics.iter().map(show).collect::<Vec<_>>().join("\n")
}
