//! A request to the server in a trace.

use opentelemetry::trace::SpanKind;

use super::clock::Clock;
use super::names;
use super::open_span::{Beginning, OpenSpan};
use super::tracer::Tracer;
use crate::trace_context::TraceContext;

/// A request that is being answered. It has to be [ended](Self::end).
#[derive(Debug)]
pub struct RequestTrace {
    tracer: Tracer,
    clock: Clock,
    span: OpenSpan,
}

/// What is known of a request when its head has come.
#[derive(Debug, Clone, Copy)]
pub struct TracedRequest<'a> {
    /// The method as it came.
    pub method: &'a str,
    /// The route that it is for; `None` if there is none.
    pub route: Option<&'a str>,
    /// The path, shortened.
    pub path: &'a str,
    /// Our id of it.
    pub id: &'a str,
}

/// The methods that stand in a span as they came: those that HTTP knows.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// Who ended a response before it was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutBy {
    /// The client, which left.
    Client,
    /// The server, which ended.
    Server,
}

impl RequestTrace {
    /// Of a request that has come, from `caller` if it says so. Beside it stands its place; if the trace isn't
    /// kept, only that.
    #[must_use]
    pub fn begin(
        tracer: &Tracer,
        caller: Option<&TraceContext>,
        request: TracedRequest<'_>,
    ) -> (Option<Self>, TraceContext) {
        let method = METHODS.into_iter().find(|method| *method == request.method);
        let name = [Some(method.unwrap_or("HTTP")), request.route].into_iter().flatten().collect::<Vec<_>>();
        let (name, kind) = (name.join(" "), SpanKind::Server);
        let context = tracer.place(caller, &name, &kind);
        let place = TraceContext::of_span(context.clone());
        if !context.is_sampled() {
            return (None, place);
        }
        let clock = Clock::start();
        let beginning = Beginning { kind, name: name.into(), started: clock.now() };
        let mut span = OpenSpan::new(context, caller.map(TraceContext::span), beginning);
        span.set(names::METHOD, method.unwrap_or("_OTHER"));
        if method.is_none() {
            span.set(names::METHOD_ORIGINAL, request.method.to_owned());
        }
        span.set_known(names::ROUTE, request.route.map(str::to_owned));
        span.set(names::PATH, request.path.to_owned());
        span.set(names::SCHEME, "http");
        span.set(names::REQUEST_ID, request.id.to_owned());
        (Some(Self { tracer: tracer.clone(), clock, span }), place)
    }

    /// Its response has ended; where it wasn't whole, perhaps because there was none, `cut` says for whom.
    pub fn end(mut self, status: Option<u16>, cut: Option<CutBy>) {
        self.span.count_known(names::STATUS_CODE, status.map(u64::from));
        match (status, cut) {
            (Some(status), _) if status >= 500 => self.span.failed(status.to_string(), String::new()),
            (_, Some(CutBy::Client)) => self.span.set(names::ERROR_TYPE, "client_left"),
            (_, Some(CutBy::Server)) => self.span.set(names::ERROR_TYPE, "shutting_down"),
            (_, None) => {}
        }
        self.span.end(&self.tracer, self.clock.now());
    }
}
