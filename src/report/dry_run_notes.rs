//! What is to be known of the figures of a dry run, in sentences.

use std::collections::BTreeSet;

use super::amounts::dollars;
use super::wire::DryRunParts;
use crate::chain::{Forecast, PlannedCall};

/// How the figures come about, and what isn't in them.
pub(super) fn dry_run_notes(parts: &DryRunParts<'_>, total: &Forecast) -> Vec<String> {
    let mut notes = vec![method(parts.counted).to_owned()];
    if !parts.calls.iter().all(PlannedCall::is_exact) {
        notes.push(
            "For a request with placeholders the low figure is for what is known of it alone; the high one adds \
             a reply of full length (max_tokens) of each step whose output it holds."
                .to_owned(),
        );
    }
    notes.extend(divided(parts.calls));
    notes.push(
        "The low cost is for the input alone at its cheapest, without a reply; the high one for the input at \
         its dearest and replies of full length. Retries and repairs are not in it, nor what follows from a \
         reply that can't be used."
            .to_owned(),
    );
    notes.extend(unpriced(parts));
    notes.extend(tight(parts));
    notes.extend(cap(parts, total));
    notes
}

fn method(counted: bool) -> &'static str {
    if counted {
        "Input tokens are the upstream's own count (count_tokens)."
    } else {
        "Input tokens are estimated: one for every four ASCII characters and one for every other character, \
         times the model's tokens_per_estimate; --count asks the upstream."
    }
}

fn divided(calls: &[PlannedCall]) -> Option<String> {
    let call = calls.iter().find(|call| call.max_calls() > 1)?;
    Some(format!(
        "{} is shown undivided. It may become up to {} requests instead, by the prompt for parts: the high \
         figures are for that many, each with the whole analysis and a reply of full length, all of which \
         the next step gets.",
        call.step,
        call.max_calls()
    ))
}

fn unpriced(parts: &DryRunParts<'_>) -> Option<String> {
    let is_unpriced = |call: &&PlannedCall| call.forecast(parts.config).cost.is_none();
    let models: BTreeSet<&str> =
        parts.calls.iter().filter(is_unpriced).map(|call| call.request().model.as_str()).collect();
    let models: Vec<&str> = models.into_iter().collect();
    (!models.is_empty()).then(|| format!("No price is known of {}.", models.join(", ")))
}

/// What may turn out not to fit into its model's context.
fn tight(parts: &DryRunParts<'_>) -> Vec<String> {
    let too_large = |call: &PlannedCall| {
        let request = call.request();
        let context = parts.config.catalog.find(&request.model)?.context;
        let most = call.largest_input() + u64::from(request.max_tokens);
        (most > context).then(|| {
            format!(
                "{} may not fit: its input and reply may come to {most} tokens, and {} takes {context}.",
                call.step, request.model
            )
        })
    };
    parts.calls.iter().filter_map(too_large).collect()
}

fn cap(parts: &DryRunParts<'_>, total: &Forecast) -> Option<String> {
    let (cap, cost) = (parts.config.max_cost?, total.cost?);
    Some(if cost.high <= cap {
        format!("The high figure is within the cap of {}.", dollars(cap))
    } else {
        format!(
            "The high figure is above the cap of {}: the run would end before a call that could cross it.",
            dollars(cap)
        )
    })
}
