//! The operator's guide tells of every alert and of every error.

use promptchain::error::ErrorCode;

use super::{Rule, read};

const GUIDE: &str = "docs/operations.md";

#[test]
fn every_alert_has_a_section_and_every_section_an_alert() {
    let guide = read(GUIDE);
    let (_, alerts) = guide.split_once("\n## Alerts\n").unwrap();
    let (alerts, _) = alerts.split_once("\n## ").unwrap();
    let told: Vec<&str> = alerts.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let exist: Vec<String> = Rule::alerts().into_iter().map(|rule| rule.name).collect();
    assert_eq!(told, exist, "in the order of the rules");
}
