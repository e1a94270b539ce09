//! Whether the prompts ask for what their steps return: the links that make a chain a chain.

use crate::diagnostic::Diagnostic;
use crate::prompts::PromptSet;

pub(super) fn check(prompts: &PromptSet) -> Vec<Diagnostic> {
    let _ = prompts;
    Vec::new()
}
