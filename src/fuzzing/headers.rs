//! Headers from both sides: each line is a header's value.

use axum::http::HeaderValue;

use crate::trace_context::TraceContext;

/// What clients and upstreams say in headers is read as its form has it, or not at all.
pub(super) fn check(data: &[u8]) {
    crate::server::fuzzed::headers(data);
    let values = data.split(|byte| *byte == b'\n').map(|line| HeaderValue::from_bytes(line).ok());
    let mut texts = values.map(|value| Some(value?.to_str().ok()?.to_owned()));
    let (first, second) = (texts.next().flatten(), texts.next().flatten());
    let (first, second) = (first.as_deref(), second.as_deref());
    crate::model::anthropic::fuzzed::retry_headers(first, second);
    trace(first, second);
}

fn trace(traceparent: Option<&str>, tracestate: Option<&str>) {
    let Some(place) = TraceContext::of_caller(traceparent, tracestate) else { return };
    let (passed_on, state) = (place.traceparent(), place.tracestate());
    assert_eq!(passed_on.len(), 55);
    assert!(traceparent.is_some_and(|given| given.contains(&place.trace_id())));
    assert!(state.as_ref().is_none_or(|state| state.len() <= 512 && !state.contains(['\r', '\n'])));
    let again = TraceContext::of_caller(Some(&passed_on), state.as_deref());
    let again = again.map(|place| (place.traceparent(), place.tracestate()));
    assert_eq!(again, Some((passed_on, state)), "what is passed on is read alike");
}
