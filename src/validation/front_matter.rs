//! What the prompt files say about their steps' settings, as the settings take it.

use std::fmt::Display;

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::prompts::{Located, Prompt, PromptSet};
use crate::rule::Rule;
use crate::settings::{FrontMatterKey, FrontMatterValue, Spot};
use crate::step::StepName;

pub(super) fn values(prompts: &PromptSet) -> Vec<FrontMatterValue> {
    let mut values = Vec::new();
    for (step, prompt) in prompts.prompts.iter() {
        if let Some(prompt) = prompt {
            let matter = &prompt.front_matter;
            values.extend(value(step, prompt, FrontMatterKey::Model, matter.model.as_ref()));
            values.extend(value(step, prompt, FrontMatterKey::MaxTokens, matter.max_tokens.as_ref()));
            values.extend(value(step, prompt, FrontMatterKey::Temperature, matter.temperature.as_ref()));
            values.extend(value(step, prompt, FrontMatterKey::Timeout, matter.timeout.as_ref()));
            values.extend(value(step, prompt, FrontMatterKey::Workers, matter.workers.as_ref()));
        }
    }
    values
}

/// Settings where they have no effect: process alone is divided, and its parts go by its settings.
pub(super) fn without_effect(prompts: &PromptSet) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut say = |prompt: &Prompt, place: Option<Place>, key: &str, why: &str| {
        found.extend(place.map(|place| {
            let message = format!("`{key}` has no effect here: {why}");
            Diagnostic::new(Rule::FrontMatterUnknownKey, prompt.source().clone(), message)
                .at(place, prompt.line(place.line))
        }));
    };
    for (step, prompt) in prompts.prompts.iter() {
        if let (Some(prompt), true) = (prompt, step != StepName::Process) {
            let place = prompt.front_matter.workers.as_ref().map(|located| located.place);
            say(prompt, place, "workers", "only process is divided");
        }
    }
    if let Some(prompt) = &prompts.worker {
        let matter = &prompt.front_matter;
        let why = "a part goes by the settings of process";
        say(prompt, matter.model.as_ref().map(|it| it.place), "model", why);
        say(prompt, matter.max_tokens.as_ref().map(|it| it.place), "max_tokens", why);
        say(prompt, matter.temperature.as_ref().map(|it| it.place), "temperature", why);
        say(prompt, matter.timeout.as_ref().map(|it| it.place), "timeout", why);
        say(prompt, matter.workers.as_ref().map(|it| it.place), "workers", why);
        say(prompt, matter.fields.first().map(|it| it.place), "fields", why);
    }
    found
}

fn value<T: Display>(
    step: StepName,
    prompt: &Prompt,
    key: FrontMatterKey,
    located: Option<&Located<T>>,
) -> Option<FrontMatterValue> {
    let located = located?;
    let path = match prompt.source() {
        Source::File(path) => path.clone(),
        other => other.to_string().into(),
    };
    let spot = Spot { place: located.place, line: prompt.line(located.place.line).to_owned() };
    Some(FrontMatterValue { step, key, value: located.value.to_string(), path, spot })
}
