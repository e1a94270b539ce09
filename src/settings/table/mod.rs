//! The table of all variables: the one place where a variable is declared. A setting that has no
//! row here can't be set.

mod gates;
mod log;
mod prompts;
mod resilience;
mod steps;
mod upstream;

use super::{Section, Variable};

static SECTIONS: [Section; 7] = [
    upstream::SECTION,
    steps::SECTION,
    prompts::SECTION,
    gates::SECTION,
    resilience::LIMITS,
    resilience::RETRIES,
    log::SECTION,
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

/// The variable of that name.
pub(super) fn find(name: &str) -> Option<&'static Variable> {
    variables().find(|variable| variable.name == name)
}
