//! What the prompt files say about their steps' settings, as the settings take it.

use std::fmt::Display;

use crate::diagnostic::Source;
use crate::prompts::{Located, Prompt, PromptSet};
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
