//! Which steps of the chain a run makes: all, unless some are finished already or the rest isn't wanted.

use super::steps::{Analysis, Answer, Draft};
use super::{FinishReason, PerStep, StepFinished, StepName, StepOutput};

/// Which steps are run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Steps that an earlier run has finished, and that aren't run again. One counts only if those before it
    /// are there too.
    pub earlier: PerStep<Option<Box<StepFinished>>>,
    /// The last step that is run.
    pub until: StepName,
    /// One call that answers the conversation as it is, in the place of all steps: of the model and by the
    /// limits of synthesize, under whose name it is told.
    pub direct: bool,
    /// How the earlier run ended, if it did. Where all its steps are there too, nothing is run: its answer is
    /// told again.
    pub finish: Option<FinishReason>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { earlier: PerStep::default(), until: StepName::Synthesize, direct: false, finish: None }
    }
}

impl Plan {
    /// The analysis, if it is there already.
    pub(super) fn analysis(&self) -> Option<(&StepFinished, &Analysis)> {
        let finished = self.earlier.analyze.as_deref()?;
        let StepOutput::Analyze(analysis) = &finished.output else { return None };
        Some((finished, analysis))
    }

    /// The draft, if that and the analysis are there already.
    pub(super) fn draft(&self) -> Option<(&StepFinished, &Draft)> {
        self.analysis()?;
        let finished = self.earlier.process.as_deref()?;
        let StepOutput::Process(draft) = &finished.output else { return None };
        Some((finished, draft))
    }

    /// The answer and how it ended, if the whole run is there already.
    pub(super) fn answer(&self) -> Option<(&StepFinished, &Answer, FinishReason)> {
        if !self.direct {
            self.draft()?;
        }
        let finished = self.earlier.synthesize.as_deref()?;
        let StepOutput::Synthesize(answer) = &finished.output else { return None };
        Some((finished, answer, self.finish?))
    }
}
