//! Variables: model, reply size, temperature and time of each step.

use crate::settings::kind::Choice;
use crate::settings::{Fallback, Kind, LeastComplexity, OnReload, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "The steps",
    for_server: false,
    variables: &[
        Variable {
            name: "CHAIN_ANALYZE_MODEL",
            kind: Kind::Text {
                allowed: MODEL,
                check: is_model,
                set: |s, model| s.steps.analyze.model = model,
            },
            fallback: Fallback::Value("claude-haiku-4-5-20251001"),
            on_reload: OnReload::Taken,
            doc: "Model for analyze: an id or an alias.",
        },
        Variable {
            name: "CHAIN_ANALYZE_MAX_TOKENS",
            kind: Kind::Whole { min: 1, max: 64_000, set: |s, tokens| s.steps.analyze.max_tokens = tokens },
            fallback: Fallback::Value("2048"),
            on_reload: OnReload::Taken,
            doc: "The most tokens that a reply of analyze may have.",
        },
        Variable {
            name: "CHAIN_ANALYZE_TEMPERATURE",
            kind: Kind::Decimal { min: 0.0, max: 2.0, set: |s, value| s.steps.analyze.temperature = value },
            fallback: Fallback::Value("0.5"),
            on_reload: OnReload::Taken,
            doc: "Sampling temperature of analyze. Above 1 it is lowered to 1; left out for models that refuse it.",
        },
        Variable {
            name: "CHAIN_ANALYZE_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 270, set: |s, time| s.steps.analyze.timeout = time },
            fallback: Fallback::Value("15"),
            on_reload: OnReload::Taken,
            doc: "Time for the whole of analyze, its attempts included.",
        },
        Variable {
            name: "CHAIN_PROCESS_MODEL",
            kind: Kind::Text {
                allowed: MODEL,
                check: is_model,
                set: |s, model| s.steps.process.model = model,
            },
            fallback: Fallback::Value("claude-haiku-4-5-20251001"),
            on_reload: OnReload::Taken,
            doc: "Model for process: an id or an alias.",
        },
        Variable {
            name: "CHAIN_PROCESS_MAX_TOKENS",
            kind: Kind::Whole { min: 1, max: 64_000, set: |s, tokens| s.steps.process.max_tokens = tokens },
            fallback: Fallback::Value("2048"),
            on_reload: OnReload::Taken,
            doc: "The most tokens that a reply of process may have.",
        },
        Variable {
            name: "CHAIN_PROCESS_TEMPERATURE",
            kind: Kind::Decimal { min: 0.0, max: 2.0, set: |s, value| s.steps.process.temperature = value },
            fallback: Fallback::Value("0.7"),
            on_reload: OnReload::Taken,
            doc: "Sampling temperature of process. Above 1 it is lowered to 1; left out for models that refuse it.",
        },
        Variable {
            name: "CHAIN_PROCESS_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 270, set: |s, time| s.steps.process.timeout = time },
            fallback: Fallback::Value("30"),
            on_reload: OnReload::Taken,
            doc: "Time for the whole of process, its attempts included; for each part, where it is divided.",
        },
        Variable {
            name: "CHAIN_SYNTHESIZE_MODEL",
            kind: Kind::Text {
                allowed: MODEL,
                check: is_model,
                set: |s, model| s.steps.synthesize.model = model,
            },
            fallback: Fallback::Value("claude-haiku-4-5-20251001"),
            on_reload: OnReload::Taken,
            doc: "Model for synthesize: an id or an alias.",
        },
        Variable {
            name: "CHAIN_SYNTHESIZE_MAX_TOKENS",
            kind: Kind::Whole {
                min: 1,
                max: 64_000,
                set: |s, tokens| s.steps.synthesize.max_tokens = tokens,
            },
            fallback: Fallback::Value("2048"),
            on_reload: OnReload::Taken,
            doc: "The most tokens that a reply of synthesize may have.",
        },
        Variable {
            name: "CHAIN_SYNTHESIZE_TEMPERATURE",
            kind: Kind::Decimal {
                min: 0.0,
                max: 2.0,
                set: |s, value| s.steps.synthesize.temperature = value,
            },
            fallback: Fallback::Value("0.5"),
            on_reload: OnReload::Taken,
            doc: "Sampling temperature of synthesize. Above 1 it is lowered to 1; left out for models that refuse it.",
        },
        Variable {
            name: "CHAIN_SYNTHESIZE_TIMEOUT",
            kind: Kind::Seconds { min: 1, max: 270, set: |s, time| s.steps.synthesize.timeout = time },
            fallback: Fallback::Value("20"),
            on_reload: OnReload::Taken,
            doc: "Time for the whole of synthesize, its attempts included.",
        },
        Variable {
            name: "CHAIN_PROCESS_WORKERS",
            kind: Kind::Whole { min: 1, max: 8, set: |s, workers| s.workers.max = workers },
            fallback: Fallback::Value("1"),
            on_reload: OnReload::Taken,
            doc: "The most calls of process at a time. Above 1, the independent parts of an answer are written at the same time, and cost a call each.",
        },
        Variable {
            name: "CHAIN_WORKERS_FROM",
            kind: Kind::Choice(&[
                Choice { word: "simple", set: |s| s.workers.from = LeastComplexity::Simple },
                Choice { word: "moderate", set: |s| s.workers.from = LeastComplexity::Moderate },
                Choice { word: "complex", set: |s| s.workers.from = LeastComplexity::Complex },
            ]),
            fallback: Fallback::Value("complex"),
            on_reload: OnReload::Taken,
            doc: "The least complexity of a request that is divided, as analyze finds it.",
        },
    ],
};

const MODEL: &str = "a model's id or alias: at most 256 characters, none of them a control character";

fn is_model(text: &str) -> bool {
    text.chars().count() <= 256 && !text.chars().any(char::is_control)
}
