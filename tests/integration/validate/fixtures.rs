//! Every rule is broken by one folder and kept by another.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use promptchain::rule::Rule;

use super::{Command, found, validate};

/// The settings of a fixture: not called `.env`, which is kept out of the repository.
const SETTINGS: &str = "settings.env";

/// Rules that a folder alone can't break: they are broken by the tests beside this one.
const BROKEN_ELSEWHERE: [Rule; 13] = [
    Rule::PromptFileTooLarge,
    Rule::UnknownOverride,
    Rule::OverrideType,
    Rule::SecretsReadable,
    Rule::EnvFileTracked,
    Rule::MissingVariable,
    Rule::UnusedCredential,
    Rule::FoundUpstream,
    Rule::ForeignFile,
    Rule::UnreadableProxy,
    Rule::UpstreamUnreachable,
    Rule::UpstreamCredentials,
    Rule::UpstreamModel,
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/validation")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

/// `validate` of a copy of that folder, with its settings where it has some, and its prompts.
fn check_of(folder: &Path) -> Command {
    let mut command = validate(&[]);
    copy(folder, command.folder());
    let has = |name: &str| folder.join(name).exists();
    let mut names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    if names.any(|path| path.extension().is_some_and(|ending| ending == "md" || ending == "txt")) {
        command.args(&["."]);
    }
    if has(SETTINGS) {
        command.args(&[SETTINGS]);
    }
    command
}

fn rules(found: &[String]) -> BTreeSet<&str> {
    found.iter().map(|told| told.split(' ').next().unwrap()).collect()
}

#[test]
fn every_rule_is_found_where_it_is_broken_and_nothing_where_it_is_kept() {
    let mut seen: BTreeSet<Rule> = BROKEN_ELSEWHERE.into_iter().collect();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let rule = Rule::parse(&name).unwrap_or_else(|_| panic!("{name} is no rule"));
        let bad = found(check_of(&folder.join("bad")));
        let mut found_rules = rules(&bad);
        if rule == Rule::CredentialsOfAnyOrigin {
            found_rules.remove(Rule::AnyOrigin.name());
        }
        assert_eq!(found_rules, BTreeSet::from([name.as_str()]), "{bad:?}");
        assert_eq!(found(check_of(&folder.join("good"))), [""; 0], "{name}");
        assert!(seen.insert(rule), "{name} has two folders");
    }
    let all: BTreeSet<Rule> = Rule::all().collect();
    let missing: Vec<&str> = all.difference(&seen).map(|rule| rule.name()).collect();
    assert!(missing.is_empty(), "no folder breaks {missing:?}");
}

#[test]
fn what_breaks_a_rule_decides_the_exit_code() {
    for entry in fs::read_dir(fixtures()).unwrap() {
        let folder = entry.unwrap().path().join("bad");
        let rule = Rule::parse(folder.parent().unwrap().file_name().unwrap().to_str().unwrap()).unwrap();
        let is_error = rule.severity() == promptchain::diagnostic::Severity::Error;
        check_of(&folder).run().exits(i32::from(is_error));
    }
}
