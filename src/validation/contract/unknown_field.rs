//! A prompt may only read fields that an earlier step returns: a name that doesn't exist reads as
//! something that isn't there.

use std::collections::BTreeSet;

use super::mention::{Mention, mentions};
use super::step_prompt::StepPrompt;
use crate::diagnostic::Diagnostic;
use crate::nearest::did_you_mean;
use crate::rule::Rule;

pub(super) fn check(prompt: &StepPrompt<'_>) -> Vec<Diagnostic> {
    let mentions = mentions(&prompt.layout);
    let mut told = BTreeSet::new();
    mentions
        .iter()
        .filter(|mention| prompt.step > mention.step || told.insert(mention.block))
        .filter_map(|mention| check_one(prompt, mention))
        .take(super::MOST_OF_A_RULE)
        .collect()
}

fn check_one(prompt: &StepPrompt<'_>, mention: &Mention<'_>) -> Option<Diagnostic> {
    let problem = |message: String| prompt.diagnostic(&mention.range, Rule::UnknownField, message);
    let Mention { block, step, .. } = mention;
    if prompt.step <= *step {
        let message = format!("{} reads no {block}: there is none yet", prompt.step);
        let hint = format!("drop it: only what comes after {step} reads the {block}");
        return Some(problem(message).hint(hint));
    }
    let field = mention.field?;
    let fields = prompt.all_fields.get(*step);
    // The step's own field likely isn't said to come from the block.
    if !fields.are_all_known || fields.has(field) || prompt.fields().has(field) {
        return None;
    }
    let hint = did_you_mean(field, fields.names())
        .unwrap_or_else(|| format!("{step} could return it: declare it under [fields] in {step}'s prompt"));
    Some(problem(format!("the {block} has no field `{field}`: {step} doesn't return it")).hint(hint))
}
