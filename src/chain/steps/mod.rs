//! The three steps: what each reads, what it returns, and what its gate asks for.
//!
//! A step knows nothing of calls, attempts or events: it turns values into values.

mod analyze;
mod direct;
mod fields;
mod process;
mod schema;
mod synthesize;
mod worker;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use analyze::{Analysis, Complexity, Subtask};
pub use process::Draft;
pub use synthesize::Answer;

pub(super) use analyze::{Analyze, MOST_PARTS, SUBTASKS};
pub(super) use direct::Direct;
pub(super) use process::{Process, ProcessInput};
pub(super) use synthesize::{Synthesize, SynthesizeInput};
pub(super) use worker::{Worker, WorkerInput};

use super::config::{ChainConfig, Field, GateRules, StepConfig};
use super::{Finding, StepName};
use crate::model::ReplySchema;

/// One step of the chain, in types: the compiler checks that each gets what the one before it
/// gives.
pub(super) trait Step {
    /// Its name.
    const NAME: StepName;
    /// The field without which a reply is of no use, and which a cut reply may still hold a part of.
    const CORE_FIELD: &'static str;
    /// Whether a reply is the text itself, rather than a JSON object. It isn't repaired then.
    const IS_TEXT: bool = false;
    /// What it reads beside the conversation.
    type Input<'a>;
    /// What it returns.
    type Output: Clone + Into<StepOutput>;

    /// Its own fields, as JSON Schema properties, in the order in which they are to be written.
    fn properties() -> Map<String, Value>;

    /// The schema of these fields.
    fn own_schema() -> Arc<ReplySchema>;

    /// Further fields that it returns only where they are asked for, as JSON Schema properties.
    fn further_properties(_config: &ChainConfig) -> Map<String, Value> {
        Map::new()
    }

    /// What its calls go by.
    fn settings(config: &ChainConfig) -> &StepConfig {
        config.steps.get(Self::NAME)
    }

    /// What it reads beside the conversation, as named JSON documents.
    fn documents(input: &Self::Input<'_>) -> Vec<(&'static str, Value)>;

    /// Takes a reply's fields apart. Without the core field there is no output; anything else that
    /// is missing or of the wrong type is a finding.
    fn decode(fields: &mut Fields) -> Option<Self::Output>;

    /// What the business rules find.
    fn gate(output: &Self::Output, rules: &GateRules) -> Vec<Finding>;

    /// The output made of a reply that couldn't be decoded, of which `text` is what can be used;
    /// `None` if there is nothing to make it of. `request` is the user's last message.
    fn degrade(text: Option<&str>, request: &str) -> Option<Self::Output>;

    /// The fields beyond its own that the output carries.
    fn extra(output: &mut Self::Output) -> &mut Map<String, Value>;

    /// The final text, if it is this step that writes it.
    fn final_text(_output: &mut Self::Output) -> Option<&mut String> {
        None
    }
}

/// What a step returned.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOutput {
    /// Analyze's.
    Analyze(Analysis),
    /// Process's.
    Process(Draft),
    /// Synthesize's.
    Synthesize(Answer),
}

impl StepOutput {
    /// As the JSON object that the step is asked for, with `context` and `metadata` as objects.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Analyze(analysis) => analysis.to_json(),
            Self::Process(draft) => draft.to_json(),
            Self::Synthesize(answer) => answer.to_json(),
        }
    }

    /// What [`to_json`](Self::to_json) gave for that step; `None` if it lacks what the step can't do without.
    #[must_use]
    pub fn from_json(step: StepName, object: Map<String, Value>) -> Option<Self> {
        match step {
            StepName::Analyze => decode::<Analyze>(object, &[]).output.map(Self::Analyze),
            StepName::Process => decode::<Process>(object, &[]).output.map(Self::Process),
            StepName::Synthesize => decode::<Synthesize>(object, &[]).output.map(Self::Synthesize),
        }
    }

    /// The confidence, of a step that has one and said it.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        match self {
            Self::Process(draft) => draft.confidence,
            Self::Analyze(_) | Self::Synthesize(_) => None,
        }
    }
}

pub(super) use fields::Fields;
pub(super) use schema::schema;

/// A reply, decoded as far as it could be.
#[derive(Debug)]
pub(super) struct Decoded<T> {
    /// The output; `None` if the core field is missing.
    pub(super) output: Option<T>,
    /// What is missing or of the wrong type.
    pub(super) findings: Vec<Finding>,
}

/// Decodes a reply's object as that step's, with the fields that its prompt declares.
pub(super) fn decode<S: Step>(object: Map<String, Value>, declared: &[Field]) -> Decoded<S::Output> {
    let mut fields = Fields::new(object);
    let mut output = S::decode(&mut fields);
    let own_and_declared = fields.take_declared(declared);
    let (rest, findings) = fields.into_rest();
    if let Some(output) = &mut output {
        let extra = S::extra(output);
        extra.extend(own_and_declared);
        extra.extend(rest);
    }
    Decoded { output, findings }
}

/// The names of that step's own fields, which no prompt may declare again.
pub(super) fn own_fields<S: Step>() -> Vec<String> {
    S::properties().keys().cloned().collect()
}

/// An output's own fields and its further ones, as one object.
fn object<const N: usize>(own: [(&str, Value); N], extra: &Map<String, Value>) -> Value {
    let mut object: Map<String, Value> =
        own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    object.extend(extra.clone());
    Value::Object(object)
}

#[cfg(test)]
mod tests;
