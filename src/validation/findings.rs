//! Gathers diagnostics, each once.

use crate::diagnostic::Diagnostic;

/// Diagnostics as they are found. The same may be found more than once, as for steps that share a model.
#[derive(Debug, Default)]
pub struct Findings(Vec<Diagnostic>);

impl Findings {
    /// Adds what was found, unless it is there already.
    pub fn extend(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in found {
            if !self.0.contains(&diagnostic) {
                self.0.push(diagnostic);
            }
        }
    }

    /// By source and place, in the order of reading; at the same place in the order of finding.
    #[must_use]
    pub fn in_order(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|one, other| (&one.source, one.place).cmp(&(&other.source, other.place)));
        self.0
    }
}
