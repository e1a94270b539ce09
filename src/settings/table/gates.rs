//! Variables: what the gates demand.

use crate::settings::{Fallback, Kind, OnReload, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "The gates",
    for_server: false,
    variables: &[
        Variable {
            name: "CHAIN_ENABLE_VALIDATION",
            kind: Kind::Switch { set: |s, on| s.gates.enabled = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether the business rules are checked after each step. Replies are decoded in any case.",
        },
        Variable {
            name: "CHAIN_STRICT_VALIDATION",
            kind: Kind::Switch { set: |s, on| s.gates.strict = on },
            fallback: Fallback::Value("false"),
            on_reload: OnReload::Taken,
            doc: "Whether a failing gate ends the run. Otherwise it is a warning.",
        },
        Variable {
            name: "CHAIN_MIN_CONFIDENCE_THRESHOLD",
            kind: Kind::Decimal { min: 0.0, max: 1.0, set: |s, least| s.gates.min_confidence = least },
            fallback: Fallback::Value("0.5"),
            on_reload: OnReload::Taken,
            doc: "The least confidence of process that passes its gate.",
        },
        Variable {
            name: "CHAIN_REPAIR_ATTEMPTS",
            kind: Kind::Whole { min: 0, max: 3, set: |s, calls| s.gates.repair_attempts = calls },
            fallback: Fallback::Value("1"),
            on_reload: OnReload::Taken,
            doc: "Further calls of a step to repair what its gate found.",
        },
    ],
};
