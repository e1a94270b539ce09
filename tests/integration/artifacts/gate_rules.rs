//! The rules of gates are listed as they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use promptchain::chain::GATE_RULES;

use super::{check_table, repository};

/// The rules by which findings are made in the sources below `folder`, and whether gates fail for them.
fn made(folder: &Path, rules: &mut BTreeMap<String, bool>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            made(&path, rules);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" {
            let source = fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            for (call, fails) in [("Finding::error(", true), ("Finding::warning(", false)] {
                for made in source.split(call).skip(1) {
                    let rule = made.trim_start().strip_prefix('"').expect("the rule is a word");
                    let rule = rule.split('"').next().unwrap();
                    let known = rules.insert(rule.to_owned(), fails);
                    assert!(known.is_none_or(|known| known == fails), "{rule} fails here and not there");
                }
            }
        }
    }
}

#[test]
fn every_rule_by_which_a_gate_finds_something_is_listed_and_no_other() {
    let mut rules = BTreeMap::new();
    made(&repository().join("src/chain"), &mut rules);
    let listed: BTreeMap<String, bool> =
        GATE_RULES.iter().map(|rule| (rule.name.to_owned(), rule.fails)).collect();
    assert_eq!(listed.len(), GATE_RULES.len(), "each is listed once");
    assert_eq!(listed, rules);
}

#[test]
fn the_rules_of_gates_are_in_the_documentation() {
    let mut table = "\n| rule | | what was found |\n|---|---|---|\n".to_owned();
    for rule in &GATE_RULES {
        let fails = if rule.fails { "fails" } else { "warns" };
        table += &format!("| `{}` | {fails} | {} |\n", rule.name, rule.meaning);
    }
    check_table("docs/operations.md", "gate rules", &table);
}
