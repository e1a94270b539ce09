//! Requests to the server, and their responses.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

use super::http_labels::{Method, Route, Status};
use super::register::registered;
use super::{Metrics, buckets, names};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActiveLabels {
    route: Route,
    method: Method,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    route: Route,
    method: Method,
    status: Status,
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Status {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

/// Requests to the server.
#[derive(Debug)]
pub(super) struct HttpMetrics {
    durations: Family<DurationLabels, Histogram>,
    active: Family<ActiveLabels, Gauge>,
}

impl HttpMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        Self {
            durations: registered(registry, names::HTTP_DURATION, buckets::durations()),
            active: registered(registry, names::HTTP_ACTIVE, Family::default()),
        }
    }
}

/// A request that is being answered; dropped, its response has ended.
#[derive(Debug)]
pub struct RequestInMetrics {
    metrics: Arc<Metrics>,
    route: Route,
    method: Method,
    status: Status,
    active: Gauge,
    started: Instant,
}

impl RequestInMetrics {
    /// A request has arrived: for that route, if it has one, and with that method.
    #[must_use]
    pub fn begin(metrics: Arc<Metrics>, matched_path: Option<&str>, method: &str) -> Self {
        let (route, method) = (Route::of(matched_path), Method::of(method));
        let active = metrics.http.active.get_or_create_owned(&ActiveLabels { route, method });
        active.inc();
        Self { metrics, route, method, status: Status::NONE, active, started: Instant::now() }
    }

    /// Its response has this status.
    pub fn answered(&mut self, status: u16) {
        self.status = Status::of(status);
    }
}

impl Drop for RequestInMetrics {
    fn drop(&mut self) {
        self.active.dec();
        let labels = DurationLabels { route: self.route, method: self.method, status: self.status };
        let durations = self.metrics.http.durations.get_or_create(&labels);
        durations.observe(self.started.elapsed().as_secs_f64());
    }
}
