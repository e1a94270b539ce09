//! The result of one line of a batch.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{CodeOf, ErrorReport, RunReport, RunStatus, SpendReport};
use crate::chain::{Spend, StepName, Summary};
use crate::report::Replies;

/// What became of one line of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Result of a line of a batch")]
pub struct BatchLine<'a> {
    /// The line's number in the input, from 1.
    pub line: u64,
    /// The line's own `id`, a string or a number; `null` if it has none.
    #[schemars(with = "Option<LineId>")]
    pub id: &'a Value,
    /// The run. Its usage and cost are all that the line has cost, in earlier tries too; those of a step that
    /// was reused are what it cost then.
    #[serde(flatten)]
    pub run: RunReport<'a>,
}

/// What a line may be called.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is of use")]
enum LineId {
    /// A word.
    Word(String),
    /// A number.
    Number(f64),
}

impl<'a> BatchLine<'a> {
    /// The result of a run that has ended. `total` is what has been spent on the line in all.
    #[must_use]
    pub fn new(line: u64, id: &'a Value, mut run: RunReport<'a>, summary: &Summary, total: &Spend) -> Self {
        run.spend = SpendReport::from(total);
        for (step, report) in StepName::ALL.into_iter().zip(&mut run.steps) {
            let reused =
                summary.state.step_metadata.get(step).as_ref().filter(|_| summary.reused.contains(&step));
            if let Some(metadata) = reused {
                report.spend = SpendReport::from(&metadata.spend);
            }
        }
        Self { line, id, run }
    }

    /// The result of a line that can't be run. `nothing` is a summary of that.
    #[must_use]
    pub fn unfit(
        line: u64,
        id: &'a Value,
        nothing: &'a Summary,
        replies: Replies,
        error: ErrorReport,
        code_of: CodeOf,
    ) -> Self {
        let mut run = RunReport::new(nothing, replies, Some(error), code_of);
        run.status = RunStatus::Failed;
        Self { line, id, run }
    }
}
