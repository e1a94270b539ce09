//! What reads bytes that anybody may have written, each with what must hold whatever they are.
//!
//! The checks stand beside the code, in files called `fuzzed.rs`. They are compiled for tests, which run them over
//! the committed seeds, and for the fuzzers in `fuzz/`; the program has none of them. A check panics where
//! something doesn't hold.

mod cuts;
mod headers;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod tests;

pub(crate) use cuts::cuts;

/// A check of one reader.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: of the fuzzer, and of the folder of its seeds.
    pub name: &'static str,
    /// The check.
    pub check: fn(&[u8]),
}

/// Every check there is.
pub const TARGETS: &[Target] = &[
    Target { name: "sse", check: crate::model::anthropic::fuzzed::sse },
    Target { name: "reply", check: crate::model::anthropic::fuzzed::reply },
    Target { name: "json_text", check: crate::chain::json_text::fuzzed::check },
    Target { name: "lenient_json", check: crate::chain::lenient_json::fuzzed::check },
    Target { name: "chat_request", check: crate::server::openai::fuzzed::check },
    Target { name: "jwt", check: crate::server::auth::fuzzed::check },
    Target { name: "headers", check: headers::check },
    Target { name: "prompt_file", check: crate::prompts::fuzzed::check },
    Target { name: "settings", check: crate::settings::fuzzed::settings },
    Target { name: "env_file", check: crate::settings::fuzzed::env_file },
    Target { name: "state_file", check: crate::report::fuzzed::check },
    Target { name: "checkpoint", check: crate::server::checkpoints_fuzzed::check },
    Target { name: "journal", check: crate::commands::fuzzed::check },
    Target { name: "recording", check: crate::model::anthropic::recording::fuzzed::check },
];

/// Checks what the target of that name says of `data`.
///
/// # Panics
/// If it doesn't hold, or there is no such target.
pub fn check(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    assert!(target.is_some(), "no target is called {name}");
    if let Some(target) = target {
        (target.check)(data);
    }
}
