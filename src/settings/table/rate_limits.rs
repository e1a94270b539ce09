//! Variables: how many requests pass.

use crate::settings::kind::Choice;
use crate::settings::{Fallback, Kind, OnReload, OnStorageError, Section, Variable};

pub(super) const SECTION: Section = Section {
    title: "Rate limits",
    for_server: true,
    variables: &[
        Variable {
            name: "RATE_LIMIT_ENABLED",
            kind: Kind::Switch { set: |s, on| s.server.rate_limits.enabled = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether anything is limited.",
        },
        Variable {
            name: "RATE_LIMIT_CHAT_COMPLETIONS",
            kind: Kind::RateLimits { set: |s, limits| s.server.rate_limits.chat_completions = limits },
            fallback: Fallback::Value("10/minute"),
            on_reload: OnReload::Taken,
            doc: "Chat completions, for each caller.",
        },
        Variable {
            name: "RATE_LIMIT_MODELS",
            kind: Kind::RateLimits { set: |s, limits| s.server.rate_limits.models = limits },
            fallback: Fallback::Value("60/minute"),
            on_reload: OnReload::Taken,
            doc: "Lists of models, for each caller.",
        },
        Variable {
            name: "RATE_LIMIT_DEFAULT",
            kind: Kind::RateLimits { set: |s, limits| s.server.rate_limits.default = limits },
            fallback: Fallback::Value("100/hour"),
            on_reload: OnReload::Taken,
            doc: "Everything else that is limited, for each caller, and failed authentication, for each \
                  address.",
        },
        Variable {
            name: "BUDGET_USD_PER_DAY",
            kind: Kind::UsDollars { set: |s, usd| s.server.budget_usd_per_day = Some(usd) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "What each caller may spend in a day of universal time, in US dollars; a claim budget_usd in the \
                  token can lower it. If it isn't set, there is no limit but that.",
        },
        Variable {
            name: "RATE_LIMIT_STORAGE_URI",
            kind: Kind::Store { or_memory: true, set: |s, address| s.server.store.rate_limits = address },
            fallback: Fallback::Value("memory://"),
            on_reload: OnReload::Kept,
            doc: "Where requests are counted; if it isn't set and REDIS_URL is, there. In a Redis or Valkey, \
                  replicas share their limits.",
        },
        Variable {
            name: "RATE_LIMIT_ON_STORAGE_ERROR",
            kind: Kind::Choice(&[
                Choice { word: "memory", set: |s| s.server.store.on_error = OnStorageError::Memory },
                Choice { word: "deny", set: |s| s.server.store.on_error = OnStorageError::Deny },
            ]),
            fallback: Fallback::Value("memory"),
            on_reload: OnReload::Kept,
            doc: "What becomes of requests that can't be counted there: memory has each replica count for \
                  itself meanwhile, deny refuses them with 503. Budgets follow it too.",
        },
    ],
};
