//! What follows from what a gate has found: a decision, and nothing else.

use super::Decision;
use super::config::GateRules;

/// What there is to decide on.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and they combine freely")]
pub(super) struct Situation {
    /// Whether the gate fails.
    pub(super) has_errors: bool,
    /// Whether there is an output to go on with, from this reply or an earlier one.
    pub(super) has_output: bool,
    /// Whether the reply can't be put right by asking again: it was cut at a limit that stays, or the model
    /// declined.
    pub(super) is_final: bool,
    /// Whether the model declined in the step where that ends the answer instead of failing the run.
    pub(super) ends_answer: bool,
    /// Whether characters of the text have left.
    pub(super) text_has_left: bool,
    /// Repairs made so far.
    pub(super) repairs: u32,
}

pub(super) fn decide(rules: &GateRules, situation: Situation) -> Decision {
    let may_repair =
        situation.repairs < rules.repair_attempts && !situation.is_final && !situation.text_has_left;
    if !situation.has_errors {
        Decision::Pass
    } else if situation.ends_answer {
        Decision::Warn
    } else if may_repair {
        Decision::Repair
    } else if rules.strict || !situation.has_output {
        Decision::Reject
    } else {
        Decision::Warn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULTY: Situation = Situation {
        has_errors: true,
        has_output: true,
        is_final: false,
        ends_answer: false,
        text_has_left: false,
        repairs: 0,
    };

    fn decided(strict: bool, situation: Situation) -> Decision {
        let rules = GateRules { validation: true, strict, min_confidence: 0.5, repair_attempts: 1 };
        decide(&rules, situation)
    }

    /// (situation, lenient decision, strict decision)
    #[test]
    fn the_decision_depends_on_nothing_but_the_situation_and_the_rules() {
        let cases = [
            (Situation { has_errors: false, ..FAULTY }, Decision::Pass, Decision::Pass),
            (FAULTY, Decision::Repair, Decision::Repair),
            (Situation { has_output: false, ..FAULTY }, Decision::Repair, Decision::Repair),
            (Situation { repairs: 1, ..FAULTY }, Decision::Warn, Decision::Reject),
            (Situation { repairs: 1, has_output: false, ..FAULTY }, Decision::Reject, Decision::Reject),
            (Situation { is_final: true, ..FAULTY }, Decision::Warn, Decision::Reject),
            (Situation { is_final: true, has_output: false, ..FAULTY }, Decision::Reject, Decision::Reject),
            (Situation { is_final: true, ends_answer: true, ..FAULTY }, Decision::Warn, Decision::Warn),
            (Situation { text_has_left: true, ..FAULTY }, Decision::Warn, Decision::Reject),
            (
                Situation { text_has_left: true, has_output: false, ..FAULTY },
                Decision::Reject,
                Decision::Reject,
            ),
        ];
        for (situation, lenient, strict) in cases {
            assert_eq!(
                (decided(false, situation), decided(true, situation)),
                (lenient, strict),
                "{situation:?}"
            );
        }
    }
}
