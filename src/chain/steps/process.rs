//! The second step: the draft of the answer.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::super::config::GateRules;
use super::{Analysis, Fields, Finding, Step, StepName, StepOutput, object, schema};
use crate::model::ReplySchema;

/// What the second step wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The answer's substance.
    pub content: String,
    /// How sure the model is of it, 0.0–1.0 unless the gate was told to let other figures pass;
    /// `None` if it didn't say.
    pub confidence: Option<f64>,
    /// What the model says about how it went about it.
    pub metadata: Map<String, Value>,
    /// Fields beyond these, declared by the prompt or added by the model.
    pub extra: Map<String, Value>,
}

impl Draft {
    pub(crate) fn to_json(&self) -> Value {
        object(
            [
                ("content", json!(self.content)),
                ("metadata", json!(self.metadata)),
                ("confidence", json!(self.confidence)),
            ],
            &self.extra,
        )
    }
}

impl From<Draft> for StepOutput {
    fn from(draft: Draft) -> Self {
        Self::Process(draft)
    }
}

pub(crate) struct ProcessInput<'a> {
    pub(crate) analysis: &'a Analysis,
}

pub(crate) struct Process;

impl Step for Process {
    const NAME: StepName = StepName::Process;
    const CORE_FIELD: &'static str = "content";
    type Input<'a> = ProcessInput<'a>;
    type Output = Draft;

    fn properties() -> Map<String, Value> {
        let confidence =
            json!({"type": "number", "description": "How sure you are of the content, from 0.0 to 1.0."});
        Map::from_iter([
            ("content".to_owned(), schema::string("The draft: the answer's whole substance.")),
            ("metadata".to_owned(), schema::entries("How the draft was made: approach, assumptions, gaps.")),
            // Last, so that the gaps are named before they are weighed.
            ("confidence".to_owned(), confidence),
        ])
    }

    fn own_schema() -> Arc<ReplySchema> {
        static SCHEMA: LazyLock<Arc<ReplySchema>> = LazyLock::new(schema::own::<Process>);
        Arc::clone(&SCHEMA)
    }

    fn documents(input: &ProcessInput<'_>) -> Vec<(&'static str, Value)> {
        vec![("analysis", input.analysis.to_json())]
    }

    fn decode(fields: &mut Fields) -> Option<Draft> {
        let content = fields.string("content");
        let confidence = fields.number("confidence");
        let metadata = fields.entries("metadata").unwrap_or_default();
        Some(Draft { content: content?, confidence, metadata, extra: Map::new() })
    }

    fn gate(draft: &Draft, rules: &GateRules) -> Vec<Finding> {
        let mut findings = Vec::new();
        if draft.content.trim().is_empty() {
            findings.push(Finding::error("blank-content", "`content` is blank"));
        }
        match draft.confidence {
            Some(confidence) if !(0.0..=1.0).contains(&confidence) => {
                let message = format!("`confidence` must be within 0.0 and 1.0, not {confidence}");
                findings.push(Finding::error("confidence-out-of-range", message));
            }
            Some(confidence) if confidence < rules.min_confidence => {
                let message =
                    format!("`confidence` is {confidence}, below the threshold of {}", rules.min_confidence);
                findings.push(Finding::error("low-confidence", message));
            }
            _ => {}
        }
        findings
    }

    fn degrade(text: Option<&str>, _request: &str) -> Option<Draft> {
        let content = text?.to_owned();
        Some(Draft { content, confidence: None, metadata: Map::new(), extra: Map::new() })
    }

    fn extra(draft: &mut Draft) -> &mut Map<String, Value> {
        &mut draft.extra
    }
}
