//! The third step: the final text.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::super::config::GateRules;
use super::{Analysis, Draft, Fields, Finding, Step, StepName, StepOutput, object, schema};
use crate::model::ReplySchema;

/// What the third step wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The final text.
    pub final_text: String,
    /// How it is formatted, in the model's words; `None` if it didn't say.
    pub formatting: Option<String>,
    /// Fields beyond these, declared by the prompt or added by the model.
    pub extra: Map<String, Value>,
}

impl Answer {
    pub(crate) fn to_json(&self) -> Value {
        object([("final_text", json!(self.final_text)), ("formatting", json!(self.formatting))], &self.extra)
    }
}

impl From<Answer> for StepOutput {
    fn from(answer: Answer) -> Self {
        Self::Synthesize(answer)
    }
}

pub(crate) struct SynthesizeInput<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) draft: &'a Draft,
}

pub(crate) struct Synthesize;

impl Step for Synthesize {
    const NAME: StepName = StepName::Synthesize;
    const CORE_FIELD: &'static str = "final_text";
    type Input<'a> = SynthesizeInput<'a>;
    type Output = Answer;

    fn properties() -> Map<String, Value> {
        // The text comes first, so that it can be delivered while the rest is still being written.
        Map::from_iter([
            ("final_text".to_owned(), schema::string("The final text, as the user is to read it.")),
            ("formatting".to_owned(), schema::string("How the text is formatted, in a few words.")),
        ])
    }

    fn own_schema() -> Arc<ReplySchema> {
        static SCHEMA: LazyLock<Arc<ReplySchema>> = LazyLock::new(schema::own::<Synthesize>);
        Arc::clone(&SCHEMA)
    }

    fn documents(input: &SynthesizeInput<'_>) -> Vec<(&'static str, Value)> {
        vec![("analysis", input.analysis.to_json()), ("draft", input.draft.to_json())]
    }

    fn decode(fields: &mut Fields) -> Option<Answer> {
        let final_text = fields.string("final_text");
        let formatting = fields.string("formatting");
        Some(Answer { final_text: final_text?, formatting, extra: Map::new() })
    }

    fn gate(answer: &Answer, _rules: &GateRules) -> Vec<Finding> {
        let blank = answer.final_text.trim().is_empty();
        blank.then(|| Finding::error("blank-final-text", "`final_text` is blank")).into_iter().collect()
    }

    fn degrade(text: Option<&str>, _request: &str) -> Option<Answer> {
        Some(Answer { final_text: text?.to_owned(), formatting: None, extra: Map::new() })
    }

    fn extra(answer: &mut Answer) -> &mut Map<String, Value> {
        &mut answer.extra
    }

    fn final_text(answer: &mut Answer) -> Option<&mut String> {
        Some(&mut answer.final_text)
    }
}
