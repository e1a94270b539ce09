//! The prompt folders that show what each rule is about, which the program's own tests use too.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::prompts::PromptFiles;
use crate::rule::Rule;

/// The rules that are broken by the prompts in a folder, in which built-in ones fill the gaps.
fn rules_broken_in(folder: &Path) -> BTreeSet<&'static str> {
    let own = chain::own_fields();
    let reserved = own.as_ref().map(|_, names| names.iter().map(String::as_str).collect::<Vec<_>>());
    let files = PromptFiles { dir: Some(folder.to_owned()), ..PromptFiles::default() };
    let set = PromptSet::load(&files, reserved.as_ref().map(|_, names| names.as_slice()));
    assert_eq!(set.diagnostics, [], "{}", folder.display());
    check(&set).iter().map(|diagnostic| diagnostic.rule.name()).collect()
}

#[test]
fn each_rule_has_a_folder_that_breaks_it_alone_and_one_that_nearly_does() {
    let rules = [
        Rule::ExampleSyntax,
        Rule::ExampleMismatch,
        Rule::UndeclaredField,
        Rule::FieldNotNamed,
        Rule::UnknownField,
        Rule::AsksForFence,
        Rule::AsksForProse,
    ];
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/validation");
    for rule in rules.map(Rule::name) {
        assert_eq!(rules_broken_in(&fixtures.join(rule).join("bad")), BTreeSet::from([rule]), "{rule}");
        assert_eq!(rules_broken_in(&fixtures.join(rule).join("good")), BTreeSet::new(), "{rule}");
    }
}
