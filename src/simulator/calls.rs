//! Counts the calls for replies and the requests to the endpoints of batches, and picks the fault that
//! strikes one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::BatchEndpoint;
use super::call_range::CallNumber;
use super::fault::Fault;
use super::fault_rule::FaultRule;
use super::injected::Injected;
use super::request::Request;
use super::step::Step;

/// How many calls have come in.
#[derive(Debug, Default)]
pub(super) struct CallCounter {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    analyze: u64,
    process: u64,
    synthesize: u64,
    /// Of each part of process.
    parts: BTreeMap<u32, u64>,
    endpoints: BTreeMap<BatchEndpoint, u64>,
}

impl CallCounter {
    /// Counts one more.
    pub(super) fn count(&self, step: Option<Step>, part: Option<u32>) -> CallNumber {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all += 1;
        let step = step.map(|step| {
            let count = match step {
                Step::Analyze => &mut counts.analyze,
                Step::Process => &mut counts.process,
                Step::Synthesize => &mut counts.synthesize,
            };
            *count += 1;
            (step, *count)
        });
        let part = part.map(|part| {
            let count = counts.parts.entry(part).or_default();
            *count += 1;
            (part, *count)
        });
        CallNumber { part, step, all: counts.all }
    }

    /// Counts one more request to that endpoint, which is no call for a reply, and says which it is, from 1.
    pub(super) fn count_at(&self, endpoint: BatchEndpoint) -> u64 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.endpoints.entry(endpoint).or_default();
        *count += 1;
        *count
    }
}

/// The fault of the first rule that strikes that call, and can; `can_strike` tells the faults that can strike
/// a call which comes in that way.
pub(super) fn pick<'a>(
    rules: impl IntoIterator<Item = &'a FaultRule>,
    call: CallNumber,
    request: Request<'_>,
    can_strike: fn(Fault) -> bool,
) -> Option<Injected> {
    rules.into_iter().filter_map(|rule| rule.injected(call)).find(|injected| {
        let finds_its_place =
            injected.fault != Fault::StructuredOutputRefused || request.output_schema().is_some();
        finds_its_place && can_strike(injected.fault)
    })
}
