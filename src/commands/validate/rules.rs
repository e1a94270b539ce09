//! The list of rules.

use crate::rule::Rule;

/// Every rule with how bad it is to break it and what it is about, by subject.
pub(super) fn list() -> String {
    let width = Rule::all().map(|rule| rule.name().len()).max().unwrap_or_default();
    let mut list = String::new();
    for (number, group) in Rule::GROUPS.iter().enumerate() {
        if number > 0 {
            list.push('\n');
        }
        list.push_str(&format!("{}\n", group.title));
        for rule in group.rules {
            let (name, severity, summary) = (rule.name(), rule.severity().as_str(), rule.summary());
            list.push_str(&format!("  {name:width$}  {severity:7}  {summary}\n"));
        }
    }
    list
}
