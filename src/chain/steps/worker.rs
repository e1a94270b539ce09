//! One part of the second step, where that is divided: the draft of that part alone.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::config::{ChainConfig, GateRules, StepConfig};
use super::{Analysis, Draft, Fields, Finding, Process, Step, StepName};
use crate::model::ReplySchema;

pub(crate) struct WorkerInput<'a> {
    pub(crate) analysis: &'a Analysis,
    /// Which of the analysis's parts it is to write, from 0.
    pub(crate) part: usize,
}

/// Writes one part. It knows the whole outline, so that parts neither repeat nor contradict one another.
pub(crate) struct Worker;

impl Step for Worker {
    const NAME: StepName = StepName::Process;
    const CORE_FIELD: &'static str = Process::CORE_FIELD;
    type Input<'a> = WorkerInput<'a>;
    type Output = Draft;

    fn properties() -> Map<String, Value> {
        Process::properties()
    }

    fn own_schema() -> Arc<ReplySchema> {
        Process::own_schema()
    }

    fn settings(config: &ChainConfig) -> &StepConfig {
        &config.workers.step
    }

    fn documents(input: &WorkerInput<'_>) -> Vec<(&'static str, Value)> {
        let analysis = Analysis { subtasks: Vec::new(), ..input.analysis.clone() };
        let numbered = |(index, part): (usize, &super::Subtask)| json!({"part": index + 1, "title": part.title, "instruction": part.instruction});
        let outline: Vec<Value> = input.analysis.subtasks.iter().enumerate().map(numbered).collect();
        let part = outline.get(input.part).cloned().unwrap_or_default();
        vec![("analysis", analysis.to_json()), ("outline", outline.into()), ("part", part)]
    }

    fn decode(fields: &mut Fields) -> Option<Draft> {
        Process::decode(fields)
    }

    fn gate(draft: &Draft, rules: &GateRules) -> Vec<Finding> {
        Process::gate(draft, rules)
    }

    fn degrade(text: Option<&str>, request: &str) -> Option<Draft> {
        Process::degrade(text, request)
    }

    fn extra(draft: &mut Draft) -> &mut Map<String, Value> {
        Process::extra(draft)
    }
}
