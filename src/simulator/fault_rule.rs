//! Says which calls a fault strikes: `[STEP[/PART]:|ENDPOINT:]FAULT[=PARAMETER][@CALLS]`, and reads it
//! from text.

use std::fmt;
use std::str::FromStr;

use super::call_range::{CallNumber, CallRange};
use super::injected::Injected;
use super::{BatchEndpoint, Fault, FaultRuleError, Step};
use crate::nearest::nearest;

/// The largest number that a rule takes; far above any sensible wait or count.
const MAX_PARAMETER: f64 = 1e9;

/// A fault, and the calls that it strikes.
///
/// In text: `[STEP[/PART]:|ENDPOINT:]FAULT[=PARAMETER][@CALLS]`, such as `overloaded`,
/// `process:rate-limit=2@1`, `process/2:server-error`, `synthesize:reset-mid-reply@1-2` or
/// `batch-poll:server-error@1`. `CALLS` is `N`, `N-M` or `N-`, counted from 1; of a part of process, its own
/// calls are counted, and of an endpoint of batches, the requests to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultRule {
    /// The step whose calls are meant and counted; all calls if `None`.
    pub step: Option<Step>,
    /// The part of process whose calls alone are meant and counted, from 1.
    pub part: Option<u32>,
    /// The endpoint of batches whose requests are meant and counted, in the place of calls for replies.
    pub endpoint: Option<BatchEndpoint>,
    /// What goes wrong.
    pub fault: Fault,
    /// A number, whose meaning [`Fault::parameter`] tells.
    pub parameter: Option<f64>,
    /// Which of these calls.
    pub calls: CallRange,
}

impl FaultRule {
    /// Reads rules separated by commas; blank ones are passed over.
    ///
    /// # Errors
    /// The first that can't be read.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, FaultRuleError> {
        text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::parse).collect()
    }

    /// The fault, if it strikes that call.
    pub(super) fn injected(self, call: CallNumber) -> Option<Injected> {
        if self.endpoint.is_some() {
            return None;
        }
        let number = match (self.part, self.step) {
            (Some(part), _) => call.part.filter(|(of, _)| *of == part).map(|(_, number)| number),
            (None, None) => Some(call.all),
            (None, Some(step)) => call.step.filter(|(of, _)| *of == step).map(|(_, number)| number),
        };
        self.if_struck(number)
    }

    /// The fault, if it strikes the request of that number to that endpoint.
    pub(super) fn injected_at(self, endpoint: BatchEndpoint, number: u64) -> Option<Injected> {
        self.if_struck((self.endpoint == Some(endpoint)).then_some(number))
    }

    fn if_struck(self, number: Option<u64>) -> Option<Injected> {
        number
            .is_some_and(|number| self.calls.contain(number))
            .then_some(Injected { fault: self.fault, parameter: self.parameter })
    }
}

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rest, calls) = match text.trim().split_once('@') {
            Some((rest, calls)) => (rest, calls.parse()?),
            None => (text.trim(), CallRange::EVERY),
        };
        let (target, rest) = match rest.split_once(':') {
            Some((of, rest)) => (parse_target(of)?, rest),
            None => (Target::default(), rest),
        };
        let (name, parameter) = match rest.split_once('=') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (rest, None),
        };
        let fault: Fault = name.parse().map_err(|()| FaultRuleError::Fault {
            name: name.to_owned(),
            suggestion: nearest(name, Fault::all().iter().map(|fault| fault.name())),
        })?;
        let parameter = parameter.map(|written| parse_parameter(fault, written)).transpose()?;
        if let Some(endpoint) = target.endpoint {
            if !fault.strikes_endpoint() {
                return Err(FaultRuleError::WrongEndpoint { fault, endpoint });
            }
            return Ok(Self { step: None, part: None, endpoint: Some(endpoint), fault, parameter, calls });
        }
        // A fault of one step counts that step's calls, whether or not the rule names it.
        let step = match (target.step, fault.step()) {
            (Some(step), Some(only)) if step != only => {
                return Err(FaultRuleError::WrongStep { fault, only, step });
            }
            (named, only) => named.or(only),
        };
        Ok(Self { step, part: target.part, endpoint: None, fault, parameter, calls })
    }
}

/// What stands before the colon.
#[derive(Default)]
struct Target {
    step: Option<Step>,
    part: Option<u32>,
    endpoint: Option<BatchEndpoint>,
}

/// `STEP`, `STEP/PART` or `ENDPOINT`.
fn parse_target(written: &str) -> Result<Target, FaultRuleError> {
    if let Ok(endpoint) = written.parse() {
        return Ok(Target { endpoint: Some(endpoint), ..Target::default() });
    }
    let Some((step, part)) = written.split_once('/') else {
        return Ok(Target { step: Some(parse_step(written)?), ..Target::default() });
    };
    if step.parse::<BatchEndpoint>().is_ok() {
        return Err(FaultRuleError::Part(written.to_owned()));
    }
    match (parse_step(step)?, part.parse()) {
        (Step::Process, Ok(part @ 1..)) => {
            Ok(Target { step: Some(Step::Process), part: Some(part), endpoint: None })
        }
        _ => Err(FaultRuleError::Part(written.to_owned())),
    }
}

fn parse_step(name: &str) -> Result<Step, FaultRuleError> {
    name.parse().map_err(|()| FaultRuleError::Step {
        name: name.to_owned(),
        suggestion: nearest(
            name,
            Step::ALL
                .into_iter()
                .map(Step::name)
                .chain(BatchEndpoint::ALL.into_iter().map(BatchEndpoint::name)),
        ),
    })
}

fn parse_parameter(fault: Fault, written: &str) -> Result<f64, FaultRuleError> {
    let parameter = written.to_owned();
    if fault.parameter().is_none() {
        return Err(FaultRuleError::NoParameter { fault, parameter });
    }
    let min = fault.least_parameter();
    match written.parse() {
        Ok(number) if (f64::from(min)..=MAX_PARAMETER).contains(&number) => Ok(number),
        _ => Err(FaultRuleError::Parameter { fault, parameter, min }),
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = self.step {
            match self.part {
                Some(part) => write!(f, "{step}/{part}:")?,
                None => write!(f, "{step}:")?,
            }
        }
        if let Some(endpoint) = self.endpoint {
            write!(f, "{endpoint}:")?;
        }
        write!(f, "{}", self.fault)?;
        if let Some(parameter) = self.parameter {
            write!(f, "={parameter}")?;
        }
        if self.calls == CallRange::EVERY { Ok(()) } else { write!(f, "@{}", self.calls) }
    }
}

#[cfg(test)]
mod tests;
