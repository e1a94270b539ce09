//! What holds of every case.

use promptchain::chain::{AttemptFailure, AttemptRecord, ChainError, Decision, Delivery, Event, StepName};
use promptchain::model::{AttemptUsage, Cost, Usage};
use promptchain::simulator::{Ledger, LogEntry, Step};
use proptest::prelude::*;

use super::ledger;
use super::played::Played;
use super::scenario::Scenario;
use crate::support::price;

/// How exactly a run's cost is the ledger's, in US dollars.
const EXACTLY: f64 = 1e-9;

/// Fails where something doesn't hold.
pub(super) fn check(scenario: &Scenario, played: &Played) -> Result<(), TestCaseError> {
    ends_once(played)?;
    attempts_are_calls(played)?;
    every_call_is_accounted_for(scenario, played)?;
    sums_are_the_ledgers(scenario, played)?;
    calls_are_within_the_policy(scenario, played)?;
    text_was_sent(scenario, played)
}

/// The first event is the run's start and the last its end, of which there is one; of a run that was dropped there
/// may be none.
fn ends_once(played: &Played) -> Result<(), TestCaseError> {
    let told = in_short(&played.events);
    let is_end = |event: &Event| matches!(event, Event::RunFinished { .. });
    let ends = played.events.iter().filter(|event| is_end(event)).count();
    prop_assert_eq!(
        ends,
        usize::from(played.events.last().is_some_and(is_end)),
        "it ends at its end: {}",
        told
    );
    prop_assert!(ends == 1 || played.was_dropped, "it doesn't end: {}", told);
    prop_assert!(!played.goes_on, "it goes on after its end: {}", told);
    let is_start = |event: &Event| matches!(event, Event::RunStarted { .. });
    let starts = played.events.iter().filter(|event| is_start(event)).count();
    prop_assert_eq!(starts, usize::from(played.events.first().is_some_and(is_start)), "{}", told);
    prop_assert!(starts == 1 || played.events.is_empty(), "{}", told);
    Ok(())
}

/// Events without what they hold but for attempts and outcomes.
fn in_short(events: &[Event]) -> String {
    let short = |event: &Event| match event {
        Event::AttemptEnded(record) => format!("{record:?}"),
        Event::RunFinished { .. } | Event::GateJudged { .. } | Event::OutputDelta { .. } => {
            format!("{event:?}")
        }
        Event::AttemptStarted { step, worker, attempt, repair, .. } => {
            format!("AttemptStarted {step} {worker:?} {attempt} {repair}")
        }
        other => format!("{other:?}").split(' ').next().unwrap_or_default().to_owned(),
    };
    events.iter().map(short).collect::<Vec<_>>().join("\n")
}

/// Each attempt that began has ended, and is a call that the simulator saw; one that was cut off early it may not
/// have seen.
fn attempts_are_calls(played: &Played) -> Result<(), TestCaseError> {
    let begun = played.events.iter().filter(|event| matches!(event, Event::AttemptStarted { .. })).count();
    let attempts = &played.summary.attempts;
    let told = format!("{:#?}\n{:#?}", attempts, seen(&played.calls));
    if played.was_dropped {
        // One may have been announced and not sent.
        prop_assert!(begun == attempts.len() || begun == attempts.len() + 1, "{}", told);
    } else {
        prop_assert_eq!(begun, attempts.len(), "{}", told);
    }
    let cut_off = |attempt: &&AttemptRecord| {
        matches!(
            attempt.failure,
            Some(AttemptFailure::Cancelled | AttemptFailure::Silence { .. } | AttemptFailure::TimedOut(_))
        )
    };
    let cut_off = attempts.iter().filter(cut_off).count();
    prop_assert!(played.calls.len() <= attempts.len(), "a call that nobody tells of: {}", told);
    prop_assert!(played.calls.len() + cut_off >= attempts.len(), "an attempt that was no call: {}", told);
    Ok(())
}

/// What the upstream wrote in the last step.
fn replies(calls: &[LogEntry]) -> Vec<&str> {
    let of_answer = calls.iter().filter(|call| call.step == Some(Step::Synthesize));
    of_answer.filter_map(|call| call.reply.as_deref()).collect()
}

/// The calls, in short.
fn seen(calls: &[LogEntry]) -> Vec<String> {
    let short = |call: &LogEntry| {
        let LogEntry { sequence, step, fault, status, ledger, end, .. } = call;
        format!("{sequence} {step:?} {fault:?} {status:?} {ledger:?} {end:?}")
    };
    calls.iter().map(short).collect()
}

/// What is said of each attempt is what the ledger has of its call: exactly where it is said to be all, and no
/// more than that where it isn't.
fn every_call_is_accounted_for(scenario: &Scenario, played: &Played) -> Result<(), TestCaseError> {
    let mut claimed = Vec::new();
    for attempt in &played.summary.attempts {
        let Some(id) = &attempt.request_id else { continue };
        let call = played.calls.iter().find(|call| format!("req_sim_{:06}", call.sequence) == *id).unwrap();
        let told = format!("{attempt:#?} {call:#?}");
        prop_assert!(!claimed.contains(&call.sequence), "a call is accounted for twice: {}", told);
        claimed.push(call.sequence);
        prop_assert_eq!(call.step.map(Step::name), Some(attempt.step.as_str()), "{}", told);
        match attempt.usage {
            AttemptUsage::Nothing => prop_assert_eq!(call.ledger, Ledger::default(), "{}", told),
            AttemptUsage::Counted(usage) => prop_assert_eq!(as_ledger(usage), call.ledger, "{}", told),
            AttemptUsage::Uncounted { counted, .. } => {
                prop_assert!(is_within(as_ledger(counted), call.ledger), "{}", told);
                // The prompt's tokens are told at once, and don't grow.
                let input = counted.input.unwrap_or(call.ledger.input_tokens);
                prop_assert_eq!(input, call.ledger.input_tokens, "{}", told);
            }
        }
        let known = as_ledger(attempt.usage.counted());
        let was_told = attempt.usage.counted() != Usage::default();
        let priced = match attempt.usage {
            AttemptUsage::Nothing => Some(Cost::ZERO),
            _ => price(scenario.settings.model, known).filter(|_| was_told),
        };
        prop_assert_eq!(attempt.cost, priced, "{}", told);
    }
    // Of these no head came: nothing can have been counted, and nobody says that there was nothing.
    let headless = played.summary.attempts.iter().filter(|attempt| attempt.request_id.is_none());
    for attempt in headless {
        let is_unknown =
            matches!(attempt.usage, AttemptUsage::Uncounted { counted, .. } if counted == Usage::default());
        prop_assert!(is_unknown && attempt.cost.is_none(), "{attempt:#?}");
    }
    Ok(())
}

fn as_ledger(usage: Usage) -> Ledger {
    Ledger {
        input_tokens: usage.input.unwrap_or(0),
        output_tokens: usage.output.unwrap_or(0),
        cache_read_tokens: usage.cache_read.unwrap_or(0),
        cache_write_tokens: usage.cache_write().unwrap_or(0),
    }
}

fn is_within(known: Ledger, all: Ledger) -> bool {
    known.input_tokens <= all.input_tokens
        && known.output_tokens <= all.output_tokens
        && known.cache_read_tokens <= all.cache_read_tokens
        && known.cache_write_tokens <= all.cache_write_tokens
}

/// A run that says that all was counted has the ledger's tokens and cost; one that doesn't, has no more, and says
/// of how many attempts it doesn't know.
fn sums_are_the_ledgers(scenario: &Scenario, played: &Played) -> Result<(), TestCaseError> {
    let spend = played.summary.spend();
    let all = ledger::sum(&played.calls);
    let known = as_ledger(spend.usage);
    let told = format!("{:#?}\n{:#?}", spend, seen(&played.calls));
    let whole = played.summary.attempts.iter().filter(|attempt| attempt.usage.is_complete()).count();
    let begun = played.events.iter().filter(|event| matches!(event, Event::AttemptStarted { .. })).count();
    prop_assert_eq!(spend.uncounted_attempts as usize, begun - whole, "{}", told);
    prop_assert!(is_within(known, all), "{}", told);
    if spend.is_complete() {
        prop_assert_eq!(known, all, "{}", told);
    }
    match (price(scenario.settings.model, all), spend.cost) {
        (Some(all), Some(cost)) if spend.is_complete() => {
            prop_assert!((all.usd() - cost.usd()).abs() < EXACTLY, "{}", told);
        }
        (Some(all), Some(cost)) => prop_assert!(cost <= all, "{}", told),
        (Some(_), None) => prop_assert!(whole == 0 && known == Ledger::default(), "{}", told),
        // Nothing costs nothing, whatever the price.
        (None, Some(cost)) => prop_assert!(cost == Cost::ZERO && known == Ledger::default(), "{}", told),
        (None, None) => {}
    }
    if let (Some(cap), Some(all)) = (scenario.settings.cap, price(scenario.settings.model, all)) {
        prop_assert!(all.usd() <= cap + EXACTLY, "the cap of {cap} was crossed: {} {}", all.usd(), told);
    }
    Ok(())
}

/// No step makes more calls than its policy allows, a refusal isn't asked again, and nothing is asked once text has
/// left.
fn calls_are_within_the_policy(scenario: &Scenario, played: &Played) -> Result<(), TestCaseError> {
    let parts = played.events.iter().filter(|event| matches!(event, Event::WorkerStarted { .. })).count();
    for step in Step::ALL {
        let calls = played.calls.iter().filter(|call| call.step == Some(step)).count();
        let most = scenario.most_calls(step, parts.max(1));
        prop_assert!(
            calls <= most,
            "{calls} calls for {step}, {most} are allowed: {:#?}",
            seen(&played.calls)
        );
    }
    let first_text = played.events.iter().position(|event| matches!(event, Event::OutputDelta { .. }));
    let after = &played.events[first_text.unwrap_or(played.events.len())..];
    let asked_again = after.iter().any(|event| matches!(event, Event::AttemptStarted { .. }));
    prop_assert!(!asked_again, "asked again after text had left: {}", in_short(&played.events));
    let repairs = played.summary.verdicts.iter();
    let repairs =
        repairs.filter(|it| it.step == StepName::Synthesize && it.verdict.decision == Decision::Repair);
    let most = scenario.settings.repairs as usize;
    prop_assert!(repairs.count() <= most, "{:#?}", played.summary.verdicts);
    Ok(())
}

/// What has left is the beginning of what was sent; of a run that fails with held delivery nothing has left.
fn text_was_sent(scenario: &Scenario, played: &Played) -> Result<(), TestCaseError> {
    let delivered = &played.summary.delivered;
    prop_assert!(
        ledger::has_sent(&played.calls, delivered),
        "{delivered:?} of {:#?}",
        replies(&played.calls)
    );
    let is_held = scenario.settings.strict || scenario.delivery == Delivery::Held;
    if let Some(Err(error)) = &played.summary.outcome {
        prop_assert!(!is_held || delivered.is_empty(), "{delivered:?} has left, and then {error}");
        let never_sent = matches!(error.cause(), ChainError::UnknownPrice { .. });
        prop_assert!(!never_sent || played.calls.is_empty(), "{error}");
    }
    if let (Some(Ok(_)), Some(answer)) = (&played.summary.outcome, &played.summary.state.final_response) {
        prop_assert_eq!(answer, delivered, "the result isn't what has left");
    }
    Ok(())
}
