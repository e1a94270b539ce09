//! Which of the calls a fault strikes: `N`, `N-M` or `N-`, counted from 1.

use std::fmt;
use std::str::FromStr;

use super::{FaultRuleError, Step};

/// A range of calls, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRange {
    /// The first, at least 1.
    pub first: u64,
    /// The last, itself included; without end if `None`.
    pub last: Option<u64>,
}

impl CallRange {
    /// All calls.
    pub const EVERY: Self = Self { first: 1, last: None };

    pub(super) fn contain(self, call: u64) -> bool {
        call >= self.first && self.last.is_none_or(|last| call <= last)
    }
}

impl FromStr for CallRange {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || FaultRuleError::Calls(text.to_owned());
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number >= 1).ok_or_else(wrong);
        let range = match text.split_once('-') {
            None => Self { first: number(text)?, last: Some(number(text)?) },
            Some((first, "")) => Self { first: number(first)?, last: None },
            Some((first, last)) => Self { first: number(first)?, last: Some(number(last)?) },
        };
        if range.last.is_some_and(|last| last < range.first) { Err(wrong()) } else { Ok(range) }
    }
}

impl fmt::Display for CallRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (first, Some(last)) if first == last => write!(f, "{first}"),
            (first, Some(last)) => write!(f, "{first}-{last}"),
            (first, None) => write!(f, "{first}-"),
        }
    }
}

/// The place of a call among those that a simulator has seen, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct CallNumber {
    /// The part of process, if it is for one, and the call's place among that part's calls.
    pub(super) part: Option<(u32, u64)>,
    /// The step, if it was recognised, and the call's place among that step's calls.
    pub(super) step: Option<(Step, u64)>,
    /// Its place among all calls.
    pub(super) all: u64,
}
