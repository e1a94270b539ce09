//! Gathers diagnostics, each once.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;

/// Diagnostics as they are found, each with its number. The same may be found more than once, as for steps that
/// share a model.
#[derive(Debug, Default)]
pub struct Findings(HashMap<Diagnostic, usize>);

impl Findings {
    /// Adds what was found, unless it is there already.
    pub fn extend(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in found {
            let number = self.0.len();
            self.0.entry(diagnostic).or_insert(number);
        }
    }

    /// By source and place, in the order of reading; at the same place in the order of finding.
    #[must_use]
    pub fn in_order(self) -> Vec<Diagnostic> {
        let mut found: Vec<_> = self.0.into_iter().collect();
        found.sort_by(|(one, number), (other, other_number)| {
            (&one.source, one.place, number).cmp(&(&other.source, other.place, other_number))
        });
        found.into_iter().map(|(diagnostic, _)| diagnostic).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::rule::Rule;

    #[test]
    fn what_is_found_again_is_told_once_and_where_the_place_is_the_same_in_the_order_of_finding() {
        let found = |file, message: &str| Diagnostic::new(Rule::EmptyPrompt, Source::BuiltIn(file), message);
        let mut findings = Findings::default();
        findings.extend([found("b", "z"), found("b", "y"), found("a", "x"), found("b", "z")]);
        findings.extend([found("b", "y"), found("b", "a")]);
        assert_eq!(findings.in_order(), [found("a", "x"), found("b", "z"), found("b", "y"), found("b", "a")]);
    }
}
