//! Variables: how long things may take, and what happens when a call fails.

use crate::settings::{Fallback, Kind, OnReload, Section, Variable};

pub(super) const LIMITS: Section = Section {
    title: "Time limits and streaming",
    for_server: false,
    variables: &[
        Variable {
            name: "WORKER_COORDINATION_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 270, set: |s, time| s.limits.worker_coordination = time },
            fallback: Fallback::Value("45"),
            on_reload: OnReload::Taken,
            doc: "Time for analyze and process together.",
        },
        Variable {
            name: "SYNTHESIS_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 270, set: |s, time| s.limits.synthesis = time },
            fallback: Fallback::Value("30"),
            on_reload: OnReload::Taken,
            doc: "Time for synthesize, its streaming included.",
        },
        Variable {
            name: "STREAMING_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 300, set: |s, time| s.stream.timeout = time },
            fallback: Fallback::Value("60"),
            on_reload: OnReload::Taken,
            doc: "The longest silence of the upstream within a reply; never more than half of the step's time.",
        },
        Variable {
            name: "STREAMING_CHUNK_BUFFER",
            kind: Kind::Whole { min: 0, max: 1000, set: |s, chars| s.stream.chunk_buffer = chars },
            fallback: Fallback::Value("0"),
            on_reload: OnReload::Taken,
            doc: "Characters gathered before a chunk of the final text leaves.",
        },
    ],
};

pub(super) const RETRIES: Section = Section {
    title: "Retries and the circuit breaker",
    for_server: false,
    variables: &[
        Variable {
            name: "RETRY_MAX_ATTEMPTS",
            kind: Kind::Whole { min: 1, max: 10, set: |s, attempts| s.retry.max_attempts = attempts },
            fallback: Fallback::Value("3"),
            on_reload: OnReload::Taken,
            doc: "Attempts in all for each call, the first included.",
        },
        Variable {
            name: "RETRY_EXPONENTIAL_MULTIPLIER",
            kind: Kind::Decimal { min: 0.5, max: 5.0, set: |s, factor| s.retry.multiplier = factor },
            fallback: Fallback::Value("1.0"),
            on_reload: OnReload::Taken,
            doc: "What the waits of 1, 2, 4, 8 ... seconds between attempts are multiplied by; each is then multiplied by a random 0.5 to 1.0.",
        },
        Variable {
            name: "RETRY_EXPONENTIAL_MAX",
            kind: Kind::Seconds { min: 5, max: 300, set: |s, time| s.retry.max_wait = time },
            fallback: Fallback::Value("30"),
            on_reload: OnReload::Taken,
            doc: "The longest wait between two attempts.",
        },
        Variable {
            name: "CIRCUIT_BREAKER_ENABLED",
            kind: Kind::Switch { set: |s, on| s.breaker.enabled = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether an upstream that keeps failing is left alone for a while.",
        },
        Variable {
            name: "CIRCUIT_BREAKER_FAILURE_THRESHOLD",
            kind: Kind::Whole { min: 1, max: 10, set: |s, calls| s.breaker.failure_threshold = calls },
            fallback: Fallback::Value("3"),
            on_reload: OnReload::Taken,
            doc: "Consecutive failed calls that open the circuit of their model; all attempts of a call count as one, and a call that succeeds begins the count anew.",
        },
        Variable {
            name: "CIRCUIT_BREAKER_TIMEOUT",
            kind: Kind::Seconds { min: 10, max: 300, set: |s, time| s.breaker.timeout = time },
            fallback: Fallback::Value("30"),
            on_reload: OnReload::Taken,
            doc: "Time the circuit stays open before it is probed.",
        },
        Variable {
            name: "CIRCUIT_BREAKER_HALF_OPEN_ATTEMPTS",
            kind: Kind::Whole { min: 1, max: 5, set: |s, probes| s.breaker.half_open_attempts = probes },
            fallback: Fallback::Value("1"),
            on_reload: OnReload::Taken,
            doc: "Probes allowed at the same time, and successes needed to close the circuit.",
        },
    ],
};
