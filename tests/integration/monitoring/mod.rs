//! What those who operate the server are given: a dashboard, alerts, and what is said of both. All of it goes by
//! what a real server tells a real Prometheus.

mod answered;
mod busy_server;
mod dashboard;
mod exposed;
mod operations;
mod prometheus;
mod promql;
mod rules;

use std::path::{Path, PathBuf};

use busy_server::BusyServer;
use dashboard::Dashboard;
use prometheus::Prometheus;
use promql::Selector;
use rules::Rule;

const ALERTS: &str = "deploy/prometheus/alerts.yml";
const ALERTS_TEST: &str = "deploy/prometheus/alerts_test.yml";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
