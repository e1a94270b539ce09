//! The alert rules: what Prometheus's own tool says of them, and what each of them has.

use std::process::Command;

use super::{ALERTS, ALERTS_TEST, Dashboard, path, read};
use crate::support::has_program;

/// A rule, as it stands in its file. Whether that is YAML is for promtool to say.
pub(super) struct Rule {
    /// The alert's name, or that of what is recorded.
    pub(super) name: String,
    pub(super) is_alert: bool,
    pub(super) query: String,
    /// The whole of it.
    text: String,
}

impl Rule {
    pub(super) fn all() -> Vec<Self> {
        let file = read(ALERTS);
        let rules: Vec<Self> = file.split("\n      - ").skip(1).map(Self::read).collect();
        assert!(rules.len() > 20, "they are found");
        rules
    }

    pub(super) fn alerts() -> Vec<Self> {
        Self::all().into_iter().filter(|rule| rule.is_alert).collect()
    }

    fn read(text: &str) -> Self {
        let (kind, rest) = text.split_once(": ").unwrap();
        let (name, rest) = rest.split_once('\n').unwrap();
        let query = rest.trim_start().strip_prefix("expr: ").expect("the query comes next");
        let query = match query.strip_prefix("|\n") {
            Some(lines) => {
                let lines = lines.lines().take_while(|line| line.starts_with("          "));
                lines.map(str::trim).collect::<Vec<_>>().join(" ")
            }
            None => query.lines().next().unwrap().to_owned(),
        };
        Self { name: name.to_owned(), is_alert: kind == "alert", query, text: text.to_owned() }
    }

    /// What its annotation of that name says.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        let line = self.text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": \""))?;
        line.strip_suffix('"')
    }
}

#[track_caller]
fn promtool(arguments: &[&str]) -> Option<String> {
    if !has_program("promtool", "apt-get install prometheus") {
        return None;
    }
    let output = Command::new("promtool").args(arguments).current_dir(path("")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    Some(said)
}

#[test]
fn promtool_finds_nothing_wrong_with_the_rules() {
    let Some(said) = promtool(&["check", "rules", "--lint=all", "--lint-fatal", ALERTS]) else { return };
    assert!(said.contains(&format!("{} rules found", Rule::all().len())), "{said}");
}

#[test]
fn each_alert_fires_where_it_should_and_stays_quiet_where_it_should() {
    promtool(&["test", "rules", ALERTS_TEST]);
    // That test can't know whether it has forgotten one.
    let tests = read(ALERTS_TEST);
    for Rule { name, .. } in Rule::alerts() {
        let about = format!(r#"ALERTS{{alertname="{name}", alertstate="firing"}}'"#);
        let checks: Vec<&str> = tests
            .split("- expr: '")
            .chain(tests.split("- {expr: '"))
            .filter(|it| it.starts_with(&about))
            .collect();
        let quiet =
            checks.iter().filter(|it| it.lines().next().unwrap().ends_with("exp_samples: []}")).count();
        assert!(quiet > 0, "nothing proves that {name} can stay quiet");
        assert!(checks.len() > quiet, "nothing proves that {name} can fire");
    }
}

#[test]
fn each_alert_says_how_grave_it_is_what_to_look_at_and_where_that_is_told() {
    for rule in Rule::alerts() {
        let name = &rule.name;
        let severities = ["critical", "warning"].map(|it| format!("labels: {{severity: {it}}}"));
        assert!(severities.iter().any(|it| rule.text.contains(it)), "{name}");
        let said =
            |annotation| rule.annotation(annotation).unwrap_or_else(|| panic!("{name}: no {annotation}"));
        assert!(said("summary").len() > 20, "{name}");
        assert!(
            said("description").contains("ook at ") || said("description").contains("ook for "),
            "{name}"
        );
        assert_eq!(said("runbook"), format!("docs/operations.md: {name}"));
        assert!(!rule.text.contains("://"), "{name} has a link");
        assert!(rule.query.contains(r#"job="promptchain""#), "{name} is about anybody's metrics");
    }
}

#[test]
fn what_alerts_tell_to_look_at_exists() {
    let panels = Dashboard::read().titles();
    let guide = read("docs/operations.md");
    let (_, logs) = guide.split_once("\n## Logs\n").unwrap();
    let (logs, _) = logs.split_once("\n### ").unwrap();
    for rule in Rule::alerts() {
        let quoted = rule.annotation("description").unwrap().split('`').skip(1).step_by(2);
        for word in quoted {
            // A line of the log, or a field of one.
            let is_logged = logs.contains(&format!("`{word}`"));
            let is_panel = panels.iter().any(|title| title == word);
            assert!(is_logged || is_panel, "{}: `{word}` is neither a panel nor in the log", rule.name);
        }
    }
}
