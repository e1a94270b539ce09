//! `--set process.max_tokens=1000`: any variable of a step, by the names of step and key.

use thiserror::Error;

use super::variable::name_for_step;
use super::{Override, table};
use crate::nearest::nearest;
use crate::step::StepName;

/// Why the text of a `--set` can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetError {
    /// There is a part missing.
    #[error("must be of the form step.key=value, such as process.max_tokens=1000")]
    Form,
    /// No step is called that.
    #[error("no step is called {name}; {}", did_you_mean(*.nearest, .known))]
    Step {
        /// What was written.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
        /// The steps' names.
        known: Vec<String>,
    },
    /// The step has nothing of that name.
    #[error("{step} has no setting {name}; {}", did_you_mean(.nearest.as_deref(), .known))]
    Key {
        /// The step.
        step: StepName,
        /// What was written.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What the step has.
        known: Vec<String>,
    },
}

fn did_you_mean(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(name) => format!("did you mean {name}?"),
        None => format!("there are {}", known.join(", ")),
    }
}

impl Override {
    /// What `--set` can set, such as `process.max_tokens`.
    pub fn set_flag_targets() -> impl Iterator<Item = String> {
        StepName::ALL.into_iter().flat_map(|step| keys(step).map(move |key| format!("{step}.{key}")))
    }

    /// Reads what follows `--set`. Whether the value is allowed is found out by
    /// [`Settings::resolve`](super::Settings::resolve).
    ///
    /// # Errors
    /// If it isn't `step.key=value`, of a step and a key that exist.
    pub fn from_set_flag(text: &str) -> Result<Self, SetError> {
        let (target, value) = text.split_once('=').ok_or(SetError::Form)?;
        let (step, key) = target.trim().split_once('.').ok_or(SetError::Form)?;
        if [step, key, value].iter().any(|part| part.trim().is_empty()) {
            return Err(SetError::Form);
        }
        let step = step.parse().map_err(|()| unknown_step(step))?;
        let variable = name_for_step(step, key);
        // Keys are in lower case, as in front matter.
        if table::find(&variable).is_none() || key.contains(|char: char| char.is_ascii_uppercase()) {
            return Err(unknown_key(step, key));
        }
        Ok(Self { variable, value: value.trim().into(), flag: format!("--set {step}.{key}") })
    }
}

fn unknown_step(name: &str) -> SetError {
    let names = || StepName::ALL.into_iter().map(StepName::as_str);
    SetError::Step {
        name: name.to_owned(),
        nearest: nearest(&name.to_ascii_lowercase(), names()),
        known: names().map(str::to_owned).collect(),
    }
}

fn unknown_key(step: StepName, name: &str) -> SetError {
    let known: Vec<String> = keys(step).collect();
    let nearest = nearest(&name.to_ascii_lowercase(), known.iter().map(String::as_str)).map(str::to_owned);
    SetError::Key { step, name: name.to_owned(), nearest, known }
}

/// The keys that a step has, in the order of the table.
fn keys(step: StepName) -> impl Iterator<Item = String> {
    let prefix = name_for_step(step, "");
    table::variables()
        .filter_map(move |variable| variable.name.strip_prefix(&prefix).map(str::to_ascii_lowercase))
}
