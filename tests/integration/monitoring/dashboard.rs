//! The dashboard, as its file has it: complete, and importable anywhere.

use std::collections::BTreeSet;

use serde_json::Value;

use super::read;

/// The dashboard.
pub(super) struct Dashboard {
    json: Value,
}

/// A query of a panel.
pub(super) struct PanelQuery {
    pub(super) panel: String,
    pub(super) query: String,
}

impl Dashboard {
    pub(super) fn read() -> Self {
        Self { json: serde_json::from_str(&read("deploy/grafana/promptchain.json")).unwrap() }
    }

    fn rows_and_panels(&self) -> &[Value] {
        self.json["panels"].as_array().unwrap()
    }

    fn panels(&self) -> impl Iterator<Item = &Value> {
        self.rows_and_panels().iter().filter(|panel| panel["type"] != "row")
    }

    pub(super) fn titles(&self) -> Vec<String> {
        self.panels().map(|panel| panel["title"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn queries(&self) -> Vec<PanelQuery> {
        let queries = self.panels().flat_map(|panel| {
            let targets = panel["targets"].as_array().unwrap().iter();
            targets.map(|target| PanelQuery {
                panel: panel["title"].as_str().unwrap().to_owned(),
                query: target["expr"].as_str().unwrap().to_owned(),
            })
        });
        queries.collect()
    }
}

const DATASOURCE: &str = "${datasource}";

#[test]
fn every_panel_says_what_it_is_about_in_which_unit_and_from_where() {
    let dashboard = Dashboard::read();
    assert!(dashboard.panels().count() > 30);
    let mut titles = BTreeSet::new();
    for panel in dashboard.panels() {
        let title = panel["title"].as_str().unwrap();
        assert!(!title.is_empty());
        assert!(titles.insert((title, panel["type"].as_str())), "there are two of {title}");
        assert!(
            panel["description"].as_str().is_some_and(|it| it.len() > 10 && it.ends_with('.')),
            "{title}"
        );
        assert!(
            ["timeseries", "stat", "heatmap", "table"].contains(&panel["type"].as_str().unwrap()),
            "{title}"
        );
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}");
        assert_eq!(panel["datasource"]["uid"], DATASOURCE, "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        let mut names = BTreeSet::new();
        for target in targets {
            assert!(names.insert(target["refId"].as_str().unwrap()), "{title}: two queries of one name");
            assert_eq!(target["datasource"]["uid"], DATASOURCE, "{title}");
            let has_legend = target["legendFormat"].as_str().is_some_and(|it| !it.is_empty());
            assert!(has_legend || panel["type"] == "table", "{title}: a query without a legend");
        }
    }
}

#[test]
fn every_query_goes_by_the_variables_and_each_variable_is_declared() {
    let dashboard = Dashboard::read();
    let variables = dashboard.json["templating"]["list"].as_array().unwrap();
    let names: Vec<&str> = variables.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["datasource", "job", "instance"]);
    assert_eq!(variables[0]["type"], "datasource");
    for PanelQuery { panel, query } in dashboard.queries() {
        for selector in super::promql::named(&query).selectors {
            for (label, value) in [("job", "$job"), ("instance", "$instance")] {
                let by = (label.to_owned(), "=~".to_owned(), value.to_owned());
                assert!(selector.matchers.contains(&by), "{panel}: {query}");
            }
        }
        let others = query.split('$').skip(1).filter(|rest| {
            !["job\"", "instance\"", "__rate_interval]", "__range]"].iter().any(|it| rest.starts_with(it))
        });
        assert_eq!(others.count(), 0, "{panel}: {query}");
    }
}

#[test]
fn panels_have_ids_of_their_own_and_lie_beside_one_another() {
    let dashboard = Dashboard::read();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in dashboard.rows_and_panels() {
        let title = &panel["title"];
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        let (x, y, width, height) = (at("x"), at("y"), at("w"), at("h"));
        assert!(width > 0 && height > 0 && x + width <= 24, "{title}");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{title} lies over another at {cell:?}");
        }
    }
}

/// All data sources that are named, wherever that is.
fn sources<'a>(json: &'a Value, into: &mut Vec<&'a Value>) {
    match json {
        Value::Object(fields) => {
            into.extend(fields.get("datasource").filter(|it| it.is_object()));
            fields.values().for_each(|value| sources(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| sources(value, into)),
        _ => {}
    }
}

#[test]
fn nothing_in_it_belongs_to_one_grafana_alone() {
    let dashboard = Dashboard::read();
    assert_eq!(dashboard.json["id"], Value::Null);
    assert_eq!(dashboard.json["uid"], "promptchain");
    assert!(dashboard.json["schemaVersion"].as_u64().unwrap() >= 39);
    let mut found = Vec::new();
    sources(&dashboard.json, &mut found);
    assert!(found.len() > 60);
    for source in found {
        // Grafana's own annotations have a source of its own everywhere.
        assert!([DATASOURCE, "-- Grafana --"].contains(&source["uid"].as_str().unwrap()), "{source}");
    }
}
