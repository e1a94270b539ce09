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
            Step::ALL.into_iter().map(Step::name).chain(BatchEndpoint::ALL.into_iter().map(BatchEndpoint::name)),
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
mod tests {
    use super::*;

    fn rule(text: &str) -> FaultRule {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_is_read_and_written_alike() {
        for text in [
            "overloaded",
            "process:rate-limit=2@1",
            "synthesize:reset-mid-reply@1-2",
            "analyze:hang-before-head@3-",
            "process/2:server-error",
            "process/8:low-confidence=0.1@1",
            "rate-limit=0.25",
            "pings-only=1",
            "slow-drip=0",
            "batch-create:reset-before-head@1",
            "batch-poll:rate-limit=2@1-3",
            "process:expired@2",
        ] {
            assert_eq!(rule(text).to_string(), text);
        }
        assert_eq!(
            rule("process:rate-limit=2@1"),
            FaultRule {
                step: Some(Step::Process),
                part: None,
                endpoint: None,
                fault: Fault::RateLimit,
                parameter: Some(2.0),
                calls: CallRange { first: 1, last: Some(1) },
            }
        );
    }

    #[test]
    fn a_fault_of_one_step_implies_that_step() {
        assert_eq!(rule("low-confidence@1").to_string(), "process:low-confidence@1");
    }

    #[test]
    fn a_list_is_separated_by_commas() {
        let rules = FaultRule::parse_list(" overloaded@1, ,process:server-error ").unwrap();
        let texts: Vec<String> = rules.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["overloaded@1", "process:server-error"]);
        assert_eq!(FaultRule::parse_list(""), Ok(vec![]));
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_refused_with_a_suggestion() {
        for (text, message) in [
            ("overloded", "there is no fault `overloded`; did you mean `overloaded`?"),
            ("zzz", "there is no fault `zzz`"),
            ("", "there is no fault ``"),
            ("proces:overloaded", "there is no step `proces`; did you mean `process`?"),
            ("process/0:overloaded", "`process/0`: expected a part of process, such as process/2"),
            ("process/x:overloaded", "`process/x`: expected a part of process, such as process/2"),
            ("analyze/1:overloaded", "`analyze/1`: expected a part of process, such as process/2"),
            ("overloaded@0", "`@0`: expected calls such as @1, @2-3 or @2-, counted from 1"),
            ("overloaded@3-2", "`@3-2`: expected calls such as @1, @2-3 or @2-, counted from 1"),
            ("overloaded@", "`@`: expected calls such as @1, @2-3 or @2-, counted from 1"),
            ("rate-limit=soon", "rate-limit=soon: expected a number from 0 to a billion"),
            ("rate-limit=-1", "rate-limit=-1: expected a number from 0 to a billion"),
            ("rate-limit=NaN", "rate-limit=NaN: expected a number from 0 to a billion"),
            ("pings-only=0", "pings-only=0: expected a number from 1 to a billion"),
            ("pings-only=0.5", "pings-only=0.5: expected a number from 1 to a billion"),
            ("not-json=3", "not-json takes no parameter, but has `=3`"),
            ("analyze:low-confidence", "low-confidence can only strike process, not analyze"),
            ("batch-pol:server-error", "there is no step `batch-pol`; did you mean `batch-poll`?"),
            ("batch-poll/1:server-error", "`batch-poll/1`: expected a part of process, such as process/2"),
            ("batch-poll:not-json", "not-json can only strike a call for a reply, not batch-poll"),
            (
                "batch-create:low-confidence",
                "low-confidence can only strike a call for a reply, not batch-create",
            ),
        ] {
            assert_eq!(text.parse::<FaultRule>().unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn a_rule_strikes_the_calls_it_counts() {
        let second_of_process = CallNumber { part: None, step: Some((Step::Process, 2)), all: 3 };
        for (text, strikes) in [
            ("overloaded", true),
            ("overloaded@3", true),
            ("overloaded@2", false),
            ("process:overloaded@2", true),
            ("process:overloaded@3-", false),
            ("process:overloaded@1-2", true),
            ("analyze:overloaded", false),
            ("process/1:overloaded", false),
        ] {
            assert_eq!(rule(text).injected(second_of_process).is_some(), strikes, "{text}");
        }
        let first_of_part_2 = CallNumber { part: Some((2, 1)), ..second_of_process };
        for (text, strikes) in [
            ("process/2:overloaded", true),
            ("process/2:overloaded@1", true),
            ("process/2:overloaded@2", false),
            ("process/1:overloaded", false),
            ("process:overloaded@2", true),
        ] {
            assert_eq!(rule(text).injected(first_of_part_2).is_some(), strikes, "{text}");
        }
        assert!(rule("batch-poll:overloaded").injected(second_of_process).is_none());
        assert!(rule("batch-poll:overloaded@2").injected_at(BatchEndpoint::Poll, 2).is_some());
        assert!(rule("batch-poll:overloaded@2").injected_at(BatchEndpoint::Poll, 1).is_none());
        assert!(rule("batch-poll:overloaded").injected_at(BatchEndpoint::List, 1).is_none());
        assert!(rule("overloaded").injected_at(BatchEndpoint::Poll, 1).is_none());
        let unrecognised = CallNumber { part: None, step: None, all: 1 };
        assert!(rule("overloaded").injected(unrecognised).is_some());
        assert!(rule("analyze:overloaded").injected(unrecognised).is_none());
    }
}
