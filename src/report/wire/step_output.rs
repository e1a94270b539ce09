//! What the steps returned, in the JSON. Fields that a prompt declares, and those that a reply had
//! beyond, stand beside a step's own.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::chain::{Analysis, Answer, Complexity, Draft, StepOutput, Subtask};

/// What analyze found out.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AnalysisReport<'a> {
    /// What the user wants.
    pub intent: &'a str,
    /// What the request is about, most important first.
    pub key_entities: &'a [String],
    /// `simple`, `moderate` or `complex`; another word only where the gate let it pass; `null` if the
    /// model didn't say.
    pub complexity: Option<&'a str>,
    /// What else the next step should know.
    pub context: &'a Map<String, Value>,
    /// The independent parts that the answer can be written in; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subtasks: Vec<SubtaskReport<'a>>,
    /// Declared and additional fields.
    #[serde(flatten)]
    pub fields: &'a Map<String, Value>,
}

/// An independent part of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SubtaskReport<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What it is to say.
    pub instruction: &'a str,
}

impl<'a> From<&'a Analysis> for AnalysisReport<'a> {
    fn from(analysis: &'a Analysis) -> Self {
        Self {
            intent: &analysis.intent,
            key_entities: &analysis.key_entities,
            complexity: analysis.complexity.as_ref().map(Complexity::as_str),
            context: &analysis.context,
            subtasks: analysis.subtasks.iter().map(SubtaskReport::from).collect(),
            fields: &analysis.extra,
        }
    }
}

impl<'a> From<&'a Subtask> for SubtaskReport<'a> {
    fn from(subtask: &'a Subtask) -> Self {
        Self { title: &subtask.title, instruction: &subtask.instruction }
    }
}

/// What process drafted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DraftReport<'a> {
    /// The answer's substance.
    pub content: &'a str,
    /// How sure the model is of it, 0–1 unless the gate let another figure pass; `null` if it didn't
    /// say.
    pub confidence: Option<f64>,
    /// How the draft was made, in the model's words.
    pub metadata: &'a Map<String, Value>,
    /// Declared and additional fields.
    #[serde(flatten)]
    pub fields: &'a Map<String, Value>,
}

impl<'a> From<&'a Draft> for DraftReport<'a> {
    fn from(draft: &'a Draft) -> Self {
        Self {
            content: &draft.content,
            confidence: draft.confidence,
            metadata: &draft.metadata,
            fields: &draft.extra,
        }
    }
}

/// What synthesize wrote.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AnswerReport<'a> {
    /// The final text.
    pub final_text: &'a str,
    /// How it is formatted, in the model's words; `null` if it didn't say.
    pub formatting: Option<&'a str>,
    /// Declared and additional fields.
    #[serde(flatten)]
    pub fields: &'a Map<String, Value>,
}

impl<'a> From<&'a Answer> for AnswerReport<'a> {
    fn from(answer: &'a Answer) -> Self {
        Self {
            final_text: &answer.final_text,
            formatting: answer.formatting.as_deref(),
            fields: &answer.extra,
        }
    }
}

/// What a step returned.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum StepOutputReport<'a> {
    /// Analyze's.
    Analyze(AnalysisReport<'a>),
    /// Process's.
    Process(DraftReport<'a>),
    /// Synthesize's.
    Synthesize(AnswerReport<'a>),
}

impl<'a> From<&'a StepOutput> for StepOutputReport<'a> {
    fn from(output: &'a StepOutput) -> Self {
        match output {
            StepOutput::Analyze(analysis) => Self::Analyze(analysis.into()),
            StepOutput::Process(draft) => Self::Process(draft.into()),
            StepOutput::Synthesize(answer) => Self::Synthesize(answer.into()),
        }
    }
}
