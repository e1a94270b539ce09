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

/// The code of our own below a folder, each file up to its tests.
fn sources(folder: &str) -> Vec<String> {
    fn collect(folder: &Path, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "tests" {
                collect(&path, into);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                into.push(text.split("\n#[cfg(test)]\nmod ").next().unwrap().to_owned());
            }
        }
    }
    let mut sources = Vec::new();
    collect(&path(folder), &mut sources);
    sources
}
