//! What can be wrong with the text of a fault rule.

use thiserror::Error;

use super::{BatchEndpoint, Fault, Step};

/// A rule that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultRuleError {
    /// There is no fault of that name.
    #[error("there is no fault `{name}`{}", suggest(*.suggestion))]
    Fault {
        /// What was written.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// There is no step of that name, nor an endpoint of batches.
    #[error("there is no step `{name}`{}", suggest(*.suggestion))]
    Step {
        /// What was written.
        name: String,
        /// The name that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// Only process has parts, numbered from 1.
    #[error("`{0}`: expected a part of process, such as process/2")]
    Part(String),
    /// The fault only spoils the replies of another step.
    #[error("{fault} can only strike {only}, not {step}")]
    WrongStep {
        /// The fault.
        fault: Fault,
        /// Its step.
        only: Step,
        /// The step that was written.
        step: Step,
    },
    /// The fault spoils something that the endpoint's answers don't have.
    #[error("{fault} can only strike a call for a reply, not {endpoint}")]
    WrongEndpoint {
        /// The fault.
        fault: Fault,
        /// The endpoint that was written.
        endpoint: BatchEndpoint,
    },
    /// The fault has no parameter.
    #[error("{fault} takes no parameter, but has `={parameter}`")]
    NoParameter {
        /// The fault.
        fault: Fault,
        /// What was written.
        parameter: String,
    },
    /// The parameter isn't a number, or is out of range.
    #[error("{fault}={parameter}: expected a number from {min} to a billion")]
    Parameter {
        /// The fault.
        fault: Fault,
        /// What was written.
        parameter: String,
        /// The least that is allowed.
        min: u32,
    },
    /// The calls aren't of the documented form.
    #[error("`@{0}`: expected calls such as @1, @2-3 or @2-, counted from 1")]
    Calls(String),
}

fn suggest(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
