//! Where a run stands in a distributed trace, as W3C's Trace Context has it: what comes from a caller, and
//! what goes upstream.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// The header that names the trace and the caller's span: <https://www.w3.org/TR/trace-context/>.
pub const TRACEPARENT: &str = "traceparent";

/// The header with what tracing systems want passed on beside it.
pub const TRACESTATE: &str = "tracestate";

/// The longest `tracestate` that is passed on, in bytes: as much as the standard asks for.
const MAX_TRACESTATE: usize = 512;

/// A place in a trace: whatever is called from here is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceContext {
    span: SpanContext,
    /// Whether spans of ours are made in this trace. If not, a caller's place is passed on as it came.
    has_spans: bool,
}

impl TraceContext {
    /// A caller's place, from its headers; `None` if they name none, or what they name isn't one.
    #[must_use]
    pub fn of_caller(traceparent: Option<&str>, tracestate: Option<&str>) -> Option<Self> {
        let traceparent = traceparent.filter(|text| is_well_formed(text))?;
        let tracestate = tracestate.filter(|text| text.len() <= MAX_TRACESTATE);
        let carrier = Carrier { traceparent, tracestate };
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        let span = context.span().span_context().clone();
        span.is_valid().then_some(Self { span, has_spans: false })
    }

    /// The place of a span of ours.
    #[must_use]
    pub fn of_span(span: SpanContext) -> Self {
        Self { span, has_spans: true }
    }

    /// The place of a further span below this one, with an id of its own; where there are no spans of ours, the
    /// same place.
    #[must_use]
    pub fn below(&self) -> Self {
        if !self.has_spans {
            return self.clone();
        }
        let (id, state) = (new_span_id(), self.span.trace_state().clone());
        let span = SpanContext::new(self.span.trace_id(), id, self.span.trace_flags(), false, state);
        Self { span, has_spans: true }
    }

    /// Whether spans of ours are made in this trace.
    #[must_use]
    pub fn has_spans(&self) -> bool {
        self.has_spans
    }

    /// The span at this place.
    #[must_use]
    pub fn span(&self) -> &SpanContext {
        &self.span
    }

    /// The trace's id, as 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.span.trace_id().to_string()
    }

    /// The header `traceparent` for whatever is called from here.
    #[must_use]
    pub fn traceparent(&self) -> String {
        // Of the flags, only those that this version of the format knows are passed on.
        let sampled = u8::from(self.span.is_sampled());
        format!("00-{}-{}-{sampled:02x}", self.span.trace_id(), self.span.span_id())
    }

    /// The header `tracestate` that goes with it, where there is anything to pass on.
    #[must_use]
    pub fn tracestate(&self) -> Option<String> {
        Some(self.span.trace_state().header()).filter(|state| !state.is_empty())
    }
}

/// A new span of a new trace.
#[must_use]
pub fn new_trace(flags: TraceFlags, state: TraceState) -> SpanContext {
    let trace_id = loop {
        let id = TraceId::from(fastrand::u128(..));
        if id != TraceId::INVALID {
            break id;
        }
    };
    SpanContext::new(trace_id, new_span_id(), flags, false, state)
}

/// A random id; all zeros mean none.
#[must_use]
pub fn new_span_id() -> SpanId {
    SpanId::from(fastrand::u64(1..))
}

/// Whether it has the standard's form: `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits, and in later versions
/// perhaps more. OpenTelemetry's own reader takes shorter ids too.
fn is_well_formed(traceparent: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let fits =
        |(place, byte): (usize, u8)| if matches!(place, 2 | 35 | 52) { byte == b'-' } else { is_digit(byte) };
    let has_end = match traceparent.as_bytes().get(55) {
        None => traceparent.len() == 55,
        Some(next) => *next == b'-' && !traceparent.starts_with("00"),
    };
    has_end && !traceparent.starts_with("ff") && traceparent.bytes().take(55).enumerate().all(fits)
}

struct Carrier<'a> {
    traceparent: &'a str,
    tracestate: Option<&'a str>,
}

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACEPARENT => Some(self.traceparent),
            TRACESTATE => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT, TRACESTATE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_callers_place_is_passed_on_as_it_came_where_there_are_no_spans_of_ours() {
        let context = TraceContext::of_caller(Some(PARENT), Some("vendor=a:b,other=1")).unwrap();
        let below = context.below();
        assert_eq!(below.traceparent(), PARENT);
        assert_eq!(below.tracestate().as_deref(), Some("vendor=a:b,other=1"));
        assert_eq!(below.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    }

    #[test]
    fn below_a_span_of_ours_each_place_has_an_id_of_its_own() {
        let context = TraceContext::of_span(new_trace(TraceFlags::SAMPLED, TraceState::NONE));
        let (one, two) = (context.below(), context.below());
        assert_eq!(one.trace_id(), context.trace_id());
        assert_ne!(one.span().span_id(), context.span().span_id());
        assert_ne!(one.span().span_id(), two.span().span_id());
        assert!(one.traceparent().ends_with("-01"));
        let unsampled = TraceContext::of_span(new_trace(TraceFlags::NOT_SAMPLED, TraceState::NONE));
        assert!(unsampled.below().traceparent().ends_with("-00"));
        assert_eq!(one.tracestate(), None);
    }

    #[test]
    fn what_isnt_a_place_is_none() {
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        let no_span = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01";
        let upper = "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01";
        let too_long = format!("{PARENT}-x");
        let version = PARENT.replacen("00", "ff", 1);
        let wrongs =
            ["", "x", "\u{e9}", "00-1-2-01", zeros, no_span, upper, &PARENT[..54], &too_long, &version];
        for wrong in wrongs {
            assert_eq!(TraceContext::of_caller(Some(wrong), None), None, "{wrong}");
        }
        assert_eq!(TraceContext::of_caller(None, Some("a=b")), None);
        // Later versions may say more after what this one knows.
        let later = PARENT.replacen("00", "cc", 1) + "-more";
        let context = TraceContext::of_caller(Some(&later), Some("not a state")).unwrap();
        assert_eq!((context.traceparent().as_str(), context.tracestate()), (PARENT, None));
        let long = format!("a={}", "x".repeat(511));
        assert_eq!(TraceContext::of_caller(Some(PARENT), Some(&long)).unwrap().tracestate(), None);
    }
}
