//! A real Prometheus scrapes a real server under load, and answers what the dashboard asks.

use std::fmt::Write;

use serde_json::Value;

use super::dashboard::PanelQuery;
use super::{ALERTS, BusyServer, Dashboard, Prometheus, Rule, path};
use crate::support::has_redis;

/// Panels that may say 0: of what is under way, whenever nothing is.
const MAY_BE_ZERO: [&str; 4] = ["Draining", "Places taken", "Requests under way", "Streams under way"];

/// A query as Grafana sends it.
fn substituted(query: &str) -> String {
    query
        .replace("$job", "promptchain")
        .replace("$instance", ".+")
        .replace("$__rate_interval", "1m")
        .replace("$__range", "1h")
}

#[test]
fn each_panel_is_answered_and_each_rule_evaluated() {
    if !has_redis() {
        return;
    }
    let mut server = BusyServer::start();
    let Some(prometheus) = Prometheus::start(server.metrics, &path(ALERTS)) else { return };
    let queries = Dashboard::read().queries();
    // What happens before the first scrape is no increase.
    prometheus.wait_for("promptchain_breaker_state");
    server.open_a_circuit();
    // Rates need two scrapes, and something that happens between them. A round takes a second.
    while !(are_answered(&prometheus, &queries) && are_evaluated(&prometheus)) {
        server.go_round();
    }
    for alert in ["PromptchainRunsRefused", "PromptchainLokiDrops"] {
        prometheus.wait_for(&firing(alert));
    }
    for alert in ["PromptchainDown", "PromptchainInternalErrors"] {
        assert_eq!(prometheus.query(&firing(alert)), []);
    }
    let mut table = String::from("| panel | query | values |\n|---|---|---|\n");
    for it in &queries {
        let values = shown(&prometheus.query(&substituted(&it.query)));
        writeln!(table, "| {} | `{}` | {values} |", it.panel, it.query.replace('|', "\\|")).unwrap();
    }
    // For whoever wants to look at it.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/panels.md"), table).unwrap();
}

/// Whether all queries have an answer, and each panel something to show. A quotient of nothings is no answer.
fn are_answered(prometheus: &Prometheus, queries: &[PanelQuery]) -> bool {
    let answers = |it: &PanelQuery| {
        let samples = prometheus.query(&substituted(&it.query)).into_iter();
        samples.map(|(_, value)| value).filter(|value| value != "NaN").collect::<Vec<_>>()
    };
    queries.chunk_by(|one, next| one.panel == next.panel).all(|panel| {
        let all: Vec<Vec<String>> = panel.iter().map(answers).collect();
        let shows_something = all.iter().flatten().any(|value| value != "0");
        let may_be_zero = MAY_BE_ZERO.contains(&panel[0].panel.as_str());
        (shows_something || may_be_zero) && all.iter().all(|values| !values.is_empty())
    })
}

fn firing(alert: &str) -> String {
    format!(r#"ALERTS{{alertname="{alert}", alertstate="firing"}}"#)
}

/// Whether all rules have been evaluated; fails if one can't be.
fn are_evaluated(prometheus: &Prometheus) -> bool {
    let Some(data) = prometheus.data("/api/v1/rules") else { return false };
    let groups = data["groups"].as_array().unwrap().iter();
    let rules: Vec<&Value> = groups.flat_map(|group| group["rules"].as_array().unwrap()).collect();
    assert_eq!(rules.len(), Rule::all().len());
    assert!(rules.iter().all(|rule| rule["health"] != "err"), "{rules:?}");
    rules.iter().all(|rule| rule["health"] == "ok")
}

/// The greatest few samples, for people.
fn shown(samples: &[(Value, String)]) -> String {
    let number = |value: &str| value.parse::<f64>().unwrap();
    let mut greatest: Vec<_> = samples.iter().filter(|(_, value)| value != "NaN").collect();
    greatest.sort_by(|(_, one), (_, other)| number(other).total_cmp(&number(one)));
    let shown = greatest.into_iter().take(4).map(|(labels, value)| {
        let labels = labels.as_object().unwrap().iter();
        let labels = labels.filter(|(name, _)| !["job", "__name__"].contains(&name.as_str()));
        let labels: Vec<&str> = labels.filter_map(|(_, value)| value.as_str()).collect();
        format!("{} {:.4}", labels.join(" "), number(value)).trim().to_owned()
    });
    let shown: Vec<String> = shown.collect();
    format!("{} ({} series)", shown.join(", "), samples.len())
}
