//! The table of all variables: the one place where a variable is declared. A setting that has no
//! row here can't be set.

mod authentication;
mod cors;
mod gates;
mod log;
mod loki;
mod prompts;
mod rate_limits;
mod resilience;
mod server;
mod shared_store;
mod steps;
mod traces;
mod upstream;

use super::{Section, Variable};

static SECTIONS: [Section; 14] = [
    upstream::SECTION,
    steps::SECTION,
    prompts::SECTION,
    gates::SECTION,
    resilience::LIMITS,
    resilience::RETRIES,
    server::SECTION,
    authentication::SECTION,
    rate_limits::SECTION,
    shared_store::SECTION,
    cors::SECTION,
    log::SECTION,
    loki::SECTION,
    traces::SECTION,
];

/// All variables, in the order they are shown.
#[must_use]
pub fn sections() -> &'static [Section] {
    &SECTIONS
}

/// All variables, in the order they are shown.
pub(super) fn variables() -> impl Iterator<Item = &'static Variable> {
    SECTIONS.iter().flat_map(|section| section.variables)
}

/// The variables that say where the prompts are: needed before front matter can be read.
pub(super) fn prompt_variables() -> &'static [Variable] {
    prompts::SECTION.variables
}

/// The variables that say how the log is written: needed before anything else can be told in it.
pub(super) fn log_variables() -> &'static [Variable] {
    log::SECTION.variables
}

/// The variable of that name.
pub(super) fn find(name: &str) -> Option<&'static Variable> {
    variables().find(|variable| variable.name == name)
}

/// Whether there is a variable of that name that is about the server alone.
pub(super) fn is_for_server(name: &str) -> bool {
    let of_server = SECTIONS.iter().filter(|section| section.for_server);
    of_server.flat_map(|section| section.variables).any(|variable| variable.name == name)
}
