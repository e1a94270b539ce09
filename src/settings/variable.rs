//! The declaration of one variable, and of a group of them.

use std::ffi::OsStr;

use super::Kind;
use super::problem::{HIDDEN, printable};
use crate::step::StepName;

/// A variable: everything the program knows about it.
#[derive(Debug)]
pub struct Variable {
    /// Its name in the environment and in `.env`.
    pub name: &'static str,
    /// What values it takes, and which setting they become.
    pub kind: Kind,
    /// What holds if nobody sets it.
    pub fallback: Fallback,
    /// What a running server does about a new value.
    pub on_reload: OnReload,
    /// What it is for, in a line.
    pub doc: &'static str,
}

impl Variable {
    /// `value`, right or wrong, as it can be shown.
    pub(super) fn shown(&self, value: &OsStr) -> String {
        if self.kind.may_hold_secret(value) { HIDDEN.to_owned() } else { printable(value) }
    }

    /// What it takes and what holds without it, as a sentence.
    #[must_use]
    pub fn takes(&self) -> String {
        let default = match self.fallback {
            Fallback::Value(value) => format!("default {value}"),
            Fallback::Unset => "not set by default".to_owned(),
            Fallback::Required(by_whom) => format!("needed {by_whom}"),
        };
        let mut allowed = self.kind.allowed();
        if let Some(first) = allowed.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{allowed}; {default}.")
    }

    /// The default as written in the table.
    #[must_use]
    pub fn default(&self) -> Option<&'static str> {
        match self.fallback {
            Fallback::Value(text) => Some(text),
            Fallback::Unset | Fallback::Required(_) => None,
        }
    }
}

/// The name of a step's variable for `key`, such as `max_tokens`; whether there is one is another question.
/// All of the step's variables begin as with an empty `key`.
pub(super) fn name_for_step(step: StepName, key: &str) -> String {
    format!("CHAIN_{step}_{key}").to_ascii_uppercase()
}

/// What holds if nobody sets a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This value, written as a user would.
    Value(&'static str),
    /// Nothing: the variable is optional.
    Unset,
    /// Nothing, and there are commands that can't run without it: the words tell which.
    Required(&'static str),
}

/// What a running server does about a new value of a variable when its configuration is reloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnReload {
    /// It takes it, for all that begins from then on.
    Taken,
    /// It keeps the old value until it is started anew, and says so.
    Kept,
}

/// Variables that belong together.
#[derive(Debug)]
pub struct Section {
    /// The heading above them.
    pub title: &'static str,
    /// Whether they are about the server alone, so that other commands don't look at them.
    pub for_server: bool,
    /// The variables, in the order they are shown.
    pub variables: &'static [Variable],
}
