//! What the dashboard, the alerts and the documentation name exists in what a server that is under load tells.

use std::collections::{BTreeMap, BTreeSet};

use super::promql::named;
use super::{BusyServer, Dashboard, Rule, Selector, read};

/// Metrics, with the values of their labels.
struct Exposed {
    samples: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Exposed {
    fn read(text: &str) -> Self {
        let mut samples: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let series = line.rsplit_once(' ').unwrap().0;
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let known = samples.entry(name.to_owned()).or_default();
            let labels = labels.trim_end_matches('}').strip_suffix('"').unwrap_or_default();
            for (label, value) in labels.split("\",").filter_map(|pair| pair.split_once("=\"")) {
                known.entry(label.to_owned()).or_default().insert(value.to_owned());
            }
        }
        let mut exposed = Self { samples };
        // Prometheus's own, and what is recorded.
        exposed.samples.insert("up".to_owned(), BTreeMap::new());
        for rule in Rule::all().into_iter().filter(|rule| !rule.is_alert) {
            exposed.samples.insert(rule.name, BTreeMap::new());
        }
        exposed
    }

    #[track_caller]
    fn has(&self, selector: &Selector, place: &str) {
        let metric = &selector.metric;
        let labels = self.samples.get(metric).unwrap_or_else(|| panic!("{place}: there is no {metric}"));
        for (label, _, value) in &selector.matchers {
            if is_of_the_target(label) {
                continue;
            }
            let values =
                labels.get(label).unwrap_or_else(|| panic!("{place}: {metric} has no label {label}"));
            for value in value.split('|') {
                assert!(values.contains(value), "{place}: {metric} has no {label}={value:?}, but {values:?}");
            }
        }
    }
}

/// The labels that Prometheus gives to what it scrapes.
fn is_of_the_target(label: &str) -> bool {
    label == "job" || label == "instance"
}

#[test]
fn whatever_a_query_names_is_told_by_a_server_under_load_and_documented() {
    let mut server = BusyServer::start();
    server.open_a_circuit();
    server.go_round();
    // That it is scraped is counted when that has been answered.
    server.scrape();
    let text = server.scrape().text;
    let exposed = Exposed::read(&text);
    let of_panels = Dashboard::read().queries().into_iter().map(|it| (it.panel, it.query));
    let of_rules = Rule::all().into_iter().map(|it| (it.name, it.query));
    let mut used = BTreeSet::new();
    for (place, query) in of_panels.chain(of_rules) {
        let named = named(&query);
        assert!(!named.selectors.is_empty() || query.starts_with("vector("), "{place}: {query}");
        for selector in &named.selectors {
            exposed.has(selector, &place);
            used.insert(base_name(&selector.metric).to_owned());
        }
        for label in named.grouping.iter().filter(|label| !is_of_the_target(label)) {
            let mut metrics = named.selectors.iter().filter_map(|it| exposed.samples.get(&it.metric));
            assert!(
                metrics.any(|labels| labels.contains_key(label)),
                "{place} goes by {label}, which nothing has"
            );
        }
    }
    every_metric_is_used(&text, &used);
    every_documented_metric_is_told(&text);
}

/// Without the endings of a histogram's series.
fn base_name(metric: &str) -> &str {
    ["_bucket", "_sum", "_count"].iter().find_map(|it| metric.strip_suffix(it)).unwrap_or(metric)
}

fn types(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(|it| Some(it.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned())).collect()
}

fn every_metric_is_used(text: &str, used: &BTreeSet<String>) {
    let unused: Vec<String> = types(text).into_iter().filter(|name| !used.contains(name)).collect();
    assert_eq!(unused, [""; 0], "no panel shows it");
}

fn every_documented_metric_is_told(text: &str) {
    let docs = read("docs/api.md");
    let (_, section) = docs.split_once("\n## Metrics\n").unwrap();
    let (_, table) = section.split_once("| metric | type | labels |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let documented: BTreeSet<String> =
        cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    assert_eq!(documented, types(text));
}
