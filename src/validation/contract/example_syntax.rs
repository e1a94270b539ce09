//! Each example of a reply must be JSON: models copy what they see.

use super::example::{Example, ExampleKind};
use super::step_prompt::StepPrompt;
use crate::diagnostic::Diagnostic;
use crate::rule::Rule;

pub(super) fn check(prompt: &StepPrompt<'_>, examples: &[Example]) -> Vec<Diagnostic> {
    let broken = examples.iter().filter_map(|example| match &example.kind {
        ExampleKind::Broken(fault, _) => Some((example.range.start, fault)),
        _ => None,
    });
    broken
        .take(super::MOST_OF_A_RULE)
        .map(|(start, fault)| {
            let range = fault.range.start + start..fault.range.end + start;
            let message = format!("the example isn't JSON: {}", fault.what);
            prompt.diagnostic(&range, Rule::ExampleSyntax, message).hint(fault.hint)
        })
        .collect()
}
