//! What the steps before the last returned, as text that chat programs fold away.

use crate::chain::{Analysis, ChainState, Draft, StepOutput};
use crate::settings::ExposedSteps;

/// A step's output, if it is to be shown and isn't the answer itself.
pub(super) fn reasoning_of(output: &StepOutput, exposed: ExposedSteps) -> Option<String> {
    match (exposed, output) {
        (ExposedSteps::Off, _) | (_, StepOutput::Synthesize(_)) => None,
        (ExposedSteps::Reasoning, StepOutput::Analyze(analysis)) => Some(of_analysis(analysis)),
        (ExposedSteps::Reasoning, StepOutput::Process(draft)) => Some(of_draft(draft)),
    }
}

/// The same of all steps together.
pub(super) fn reasoning(state: &ChainState, exposed: ExposedSteps) -> Option<String> {
    let outputs = state.outputs.iter().filter_map(|(_, output)| output.as_ref());
    let shown: Vec<String> = outputs.filter_map(|output| reasoning_of(output, exposed)).collect();
    (!shown.is_empty()).then(|| shown.concat())
}

fn of_analysis(analysis: &Analysis) -> String {
    let mut text = format!("**Intent:** {}\n", analysis.intent);
    if !analysis.key_entities.is_empty() {
        text.push_str(&format!("**About:** {}\n", analysis.key_entities.join(", ")));
    }
    if let Some(complexity) = &analysis.complexity {
        text.push_str(&format!("**Complexity:** {}\n", complexity.as_str()));
    }
    text.push('\n');
    text
}

fn of_draft(draft: &Draft) -> String {
    let confidence =
        draft.confidence.map(|confidence| format!(" (confidence {confidence})")).unwrap_or_default();
    format!("**Draft**{confidence}**:**\n\n{}\n", draft.content)
}
