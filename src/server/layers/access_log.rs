//! The outermost layer: gives the request its id, and logs and counts it when its response has ended, in
//! whichever way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;
use tracing::{Instrument, Span, field};

use super::request_id::X_REQUEST_ID;
use super::{Arrival, RequestId};
use crate::server::app::App;
use crate::server::lifecycle::Lifecycle;
use crate::settings::holds_secret;
use crate::telemetry::metrics::RequestInMetrics;
use crate::telemetry::traces::{CutBy, RequestTrace, TracedRequest};
use crate::trace_context::{TRACEPARENT, TRACESTATE, TraceContext};

/// The most characters of a path, and of a method, that are logged.
const MAX_PATH: usize = 256;
const MAX_METHOD: usize = 32;

/// Paths that are asked for all the time, by machines: logged for whoever looks for a fault.
const PROBES: [&str; 4] = ["/health", "/health/", "/health/ready", "/metrics"];

/// Gives the request its id, and logs and counts it.
pub(in crate::server) async fn access_log(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::of(request.headers());
    let (trace, place) = traced(&app, &request, &id);
    let span = tracing::info_span!(
        "request",
        request_id = id.as_str(),
        user_id = field::Empty,
        trace_id = place.as_ref().map(TraceContext::trace_id),
        background_task = field::Empty
    );
    let mut entry = Entry::begin(&request, span.clone(), &app);
    entry.trace = trace;
    request.extensions_mut().insert(id.clone());
    if let Some(place) = place {
        request.extensions_mut().insert(place);
    }
    request.extensions_mut().insert(Arrival::at(entry.started));
    let mut response = next.run(request).instrument(span).await;
    entry.answered(response.status());
    if let Some(id) = id.to_header() {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response.map(|body| Body::new(LoggedBody { body, entry }))
}

/// The request in a trace, if there is one that is kept, and where it stands in any. What machines ask for all
/// the time isn't traced.
fn traced(app: &App, request: &Request, id: &RequestId) -> (Option<RequestTrace>, Option<TraceContext>) {
    let headers = |name| -> Vec<&str> {
        request.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    };
    // Of several parents none is one; several states are one that goes on.
    let parent = headers(TRACEPARENT);
    let parent = if let [parent] = parent.as_slice() { Some(*parent) } else { None };
    let state = headers(TRACESTATE).join(",");
    let caller =
        TraceContext::of_caller(parent, Some(&state).filter(|state| !state.is_empty()).map(String::as_str));
    let path = request.uri().path();
    let Some(tracer) = app.tracer.as_ref().filter(|_| !PROBES.contains(&path)) else { return (None, caller) };
    let path = told_path(path);
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method: String = request.method().as_str().chars().take(MAX_METHOD).collect();
    let asked = TracedRequest { method: &method, route, path: &path, id: id.as_str() };
    let (trace, place) = RequestTrace::begin(tracer, caller.as_ref(), asked);
    (trace, Some(place))
}

/// The beginning of a path, without the tokens and keys that clients put there by mistake.
fn told_path(path: &str) -> String {
    let path: String = path.chars().take(MAX_PATH).collect();
    let told = path.split('/').map(|part| if holds_secret(part) { "[secret]" } else { part });
    told.collect::<Vec<_>>().join("/")
}

/// A request's line in the log, written when it is dropped.
struct Entry {
    method: String,
    path: String,
    started: Instant,
    span: Span,
    /// The response's status; `None` while there is no response.
    status: Option<StatusCode>,
    /// Whether nobody wants the response's body.
    is_head: bool,
    /// Whether the response has been taken to its end.
    is_whole: bool,
    lifecycle: Lifecycle,
    metrics: RequestInMetrics,
    trace: Option<RequestTrace>,
}

impl Entry {
    fn begin(request: &Request, span: Span, app: &App) -> Self {
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        Self {
            metrics: RequestInMetrics::begin(Arc::clone(&app.metrics), matched, request.method().as_str()),
            method: request.method().as_str().chars().take(MAX_METHOD).collect(),
            path: told_path(request.uri().path()),
            started: Instant::now(),
            span,
            status: None,
            is_head: request.method() == Method::HEAD,
            is_whole: false,
            lifecycle: app.lifecycle.clone(),
            trace: None,
        }
    }

    fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        // There is nothing of its body to be taken.
        self.is_whole = self.is_head;
        self.metrics.answered(status.as_u16());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let _entered = self.span.enter();
        let (method, path) = (self.method.as_str(), self.path.as_str());
        let status_code = self.status.map(|status| status.as_u16());
        let response_time = self.started.elapsed().as_secs_f64();
        // A macro's message is fixed text, so that each of these is a line of its own.
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(method, path, status_code, response_time, $message)
            };
        }
        let cut =
            (!self.is_whole).then(|| if self.lifecycle.is_cut() { CutBy::Server } else { CutBy::Client });
        match (cut, PROBES.contains(&path)) {
            (None, true) => line!(debug, "Response sent"),
            (None, false) => line!(info, "Response sent"),
            (Some(CutBy::Server), _) => line!(info, "Response cut by the server's end"),
            (Some(CutBy::Client), _) => line!(info, "Client left before the response's end"),
        }
        if let Some(trace) = self.trace.take() {
            trace.end(status_code, cut);
        }
    }
}

/// A response's body that knows whether it has been taken to its end.
struct LoggedBody {
    body: Body,
    entry: Entry,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let _entered = this.entry.span.enter();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        // A body of known length isn't asked again after its last byte.
        this.entry.is_whole |= matches!(frame, Poll::Ready(None)) || this.body.is_end_stream();
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for LoggedBody {
    /// The body first, and within the request's span: a run that is under way is logged as it ends.
    fn drop(&mut self) {
        self.entry.is_whole |= self.body.is_end_stream();
        let _entered = self.entry.span.clone().entered();
        drop(std::mem::take(&mut self.body));
    }
}
