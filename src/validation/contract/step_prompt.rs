//! A step's prompt together with what it must agree with.

use std::ops::Range;

use super::layout::Layout;
use super::step_fields::StepFields;
use crate::diagnostic::Diagnostic;
use crate::prompts::Prompt;
use crate::rule::Rule;
use crate::step::{PerStep, StepName};

/// A prompt, read for one of the steps that use it.
#[derive(Debug)]
pub(super) struct StepPrompt<'a> {
    pub(super) step: StepName,
    pub(super) prompt: &'a Prompt,
    pub(super) layout: Layout,
    /// What all the steps return.
    pub(super) all_fields: &'a PerStep<StepFields>,
}

impl<'a> StepPrompt<'a> {
    pub(super) fn new(step: StepName, prompt: &'a Prompt, all_fields: &'a PerStep<StepFields>) -> Self {
        Self { step, prompt, layout: Layout::of(prompt), all_fields }
    }

    /// What this step returns.
    pub(super) fn fields(&self) -> &'a StepFields {
        self.all_fields.get(self.step)
    }

    /// What the steps before this one return.
    pub(super) fn earlier(&self) -> impl Iterator<Item = &'a StepFields> {
        let (step, all) = (self.step, self.all_fields);
        all.iter().filter(move |(other, _)| *other < step).map(|(_, fields)| fields)
    }

    /// About the bytes of `range` within the template.
    pub(super) fn diagnostic(
        &self,
        range: &Range<usize>,
        rule: Rule,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.prompt.diagnostic(range, rule, message)
    }
}
