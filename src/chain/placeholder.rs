//! What stands in a previewed request for what a step hasn't returned yet.

use serde_json::{Map, Value};

use super::config::{ChainConfig, Field};
use super::joined::{Part, joined};
use super::steps::{Analysis, Analyze, Draft, MOST_PARTS, Process, Step, Subtask, own_fields};

/// An analysis that says of each of its fields that it isn't written yet.
pub(super) fn analysis(config: &ChainConfig) -> Analysis {
    Analysis { extra: placeholders::<Analyze>(&config.steps.analyze.fields), ..nothing_found() }
}

/// A draft that says of each of its fields that it isn't written yet.
pub(super) fn draft(config: &ChainConfig) -> Draft {
    Draft { extra: placeholders::<Process>(&config.steps.process.fields), ..nothing_drafted() }
}

/// The least that analyze can return.
pub(super) fn nothing_found() -> Analysis {
    Analysis {
        intent: String::new(),
        key_entities: Vec::new(),
        complexity: None,
        context: Map::new(),
        subtasks: Vec::new(),
        extra: Map::new(),
    }
}

/// The same with as many parts as there may be, of which each is empty.
pub(super) fn empty_parts() -> Analysis {
    let empty = Subtask { title: String::new(), instruction: String::new() };
    Analysis { subtasks: vec![empty; MOST_PARTS], ..nothing_found() }
}

/// The least that process can return.
pub(super) fn nothing_drafted() -> Draft {
    Draft { content: String::new(), confidence: None, metadata: Map::new(), extra: Map::new() }
}

/// What is left of a draft that was written in these parts, if each of them is empty.
pub(super) fn nothing_joined(parts: &[Subtask]) -> Draft {
    let empty = nothing_drafted();
    let parts: Vec<Part> = parts.iter().map(|part| Part { title: &part.title, draft: &empty }).collect();
    joined(&parts, &[], &[])
}

/// A text for each field that the step returns. As further fields they stand in place of the step's own, so
/// that even a number is no number that could be taken for a real one.
fn placeholders<S: Step>(declared: &[Field]) -> Map<String, Value> {
    let declared = declared.iter().map(|field| field.name.clone());
    let names = own_fields::<S>().into_iter().chain(declared);
    let placeholder = |name: String| {
        let text = format!("<{name}: written by {}>", S::NAME);
        (name, Value::String(text))
    };
    names.map(placeholder).collect()
}
