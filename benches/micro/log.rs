//! The line that a finished step has in the log, within the span of a request.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use promptchain::chain::Event;
use promptchain::telemetry::RunTelemetry;
use promptchain::telemetry::logs::{LogConfig, LogFormat, subscriber};
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use super::chain::Chain;
use super::operation::{Operation, Prepared};

/// For machines, and for people.
pub(crate) const OPERATIONS: &[Operation] = &[
    operation("log-json", || written(LogFormat::Json)),
    operation("log-standard", || written(LogFormat::Standard)),
];

const fn operation(name: &'static str, prepare: fn() -> Result<Prepared, Box<dyn Error>>) -> Operation {
    Operation { name, item: "line", passes: 200, prepare }
}

fn written(format: LogFormat) -> Result<Prepared, Box<dyn Error>> {
    let events = Chain::new()?.run();
    let finished = events.into_iter().find(|event| matches!(event, Event::StepFinished(_)));
    let finished = finished.ok_or("no step has finished")?;
    let sink = Arc::new(|line: &str| {
        black_box(line);
    });
    let log = Dispatch::new(subscriber(LogConfig { format, ..LogConfig::default() }, sink));
    let request = with_default(
        &log,
        || tracing::info_span!(target: "promptchain::server", "request", request_id = "req_0123456789", user_id = "alice"),
    );
    let mut telemetry = RunTelemetry::begin(None);
    let pass = move || with_default(&log, || request.in_scope(|| telemetry.hear(&finished)));
    Ok(Prepared { pass: Box::new(pass), items: 1, bytes: None })
}
