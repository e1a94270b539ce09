//! Whether the prompts ask for what their steps return: the links that make a chain a chain.
//!
//! Templates are looked at as they are written, so that places are right. What steps return, and whether
//! an object decodes, is asked of the chain: nothing here knows a field by name.

mod asks_for_fence;
mod asks_for_prose;
mod broken_json;
mod candidate;
mod code_span;
mod example;
mod example_mismatch;
mod example_syntax;
mod extent;
mod field_not_named;
mod layout;
mod loose_key;
mod mask;
mod members;
mod mention;
mod sentence;
mod step_fields;
mod step_prompt;
#[cfg(test)]
mod tests;
mod type_word;
mod undeclared_field;
mod unknown_field;
mod words;

use self::step_fields::StepFields;
use self::step_prompt::StepPrompt;
use crate::diagnostic::Diagnostic;
use crate::most_told::{MOST_TOLD, tell_most};
use crate::prompts::{Prompt, PromptSet};
use crate::step::PerStep;

/// The most that a rule finds in a prompt: one more than is told, so that it is known that there is more.
const MOST_OF_A_RULE: usize = MOST_TOLD + 1;

pub(super) fn check(prompts: &PromptSet) -> Vec<Diagnostic> {
    let mut found = check_prompts(&prompts.prompts);
    // A part is asked for what the whole step is: its prompt in the place of the step's.
    if let Some(worker) = &prompts.worker {
        let of_worker = |diagnostic: &Diagnostic| diagnostic.source == *worker.source();
        let divided = PerStep { process: Some(worker.clone()), ..prompts.prompts.clone() };
        found.extend(check_prompts(&divided).into_iter().filter(of_worker));
    }
    found
}

fn check_prompts(prompts: &PerStep<Option<Prompt>>) -> Vec<Diagnostic> {
    let fields = StepFields::of(prompts);
    let mut found = Vec::new();
    for (step, prompt) in prompts.iter() {
        // That a prompt says nothing is told elsewhere.
        let Some(prompt) = prompt.as_ref().filter(|prompt| !prompt.template().trim().is_empty()) else {
            continue;
        };
        let prompt = StepPrompt::new(step, prompt, &fields);
        let examples = example::examples(&prompt);
        let mut take = |diagnostics: Vec<Diagnostic>| found.extend(tell_most(diagnostics));
        take(example_syntax::check(&prompt, &examples));
        take(example_mismatch::check(&prompt, &examples));
        take(undeclared_field::check(&prompt, &examples));
        take(field_not_named::check(&prompt));
        take(unknown_field::check(&prompt));
        let sentences = sentence::sentences(&prompt, &examples);
        take(asks_for_fence::check(&prompt, &sentences));
        take(asks_for_prose::check(&prompt, &sentences));
    }
    found
}
