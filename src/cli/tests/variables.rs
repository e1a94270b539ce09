//! Beside each flag that sets a variable stands its name, and no other name stands anywhere.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Arg, ArgAction};

use super::*;
use crate::manual::OUTSIDE_THE_TABLE;
use crate::settings::sections;

/// Values of which each flag takes at least one.
const SAMPLES: [&str; 12] = [
    "input",
    "weak-secret",
    "HS512",
    "1",
    "::1",
    "fast",
    "process.timeout=9",
    "a=b",
    "overloaded",
    "auto",
    "json",
    "process",
];

/// Flags that say nothing without another, and that other with a value.
const WITH_ANOTHER: [(&str, [&str; 2]); 1] = [("replay-speed", ["--replay", "folder"])];

/// What a flag of a step says, whose variable depends on its value.
const OF_A_STEP: &str = "CHAIN_<STEP>_<KEY>";

/// The variables that a command line sets.
fn set_by(cli: Cli) -> BTreeSet<String> {
    let overrides = match cli.command {
        Command::Run(args) => args.chain.overrides(),
        Command::Batch(args) => args.chain.overrides(),
        Command::Serve(args) => args.overrides(),
        Command::Config(args) => args.chain.overrides(),
        Command::Token(args) => match args.command {
            Some(TokenCommand::Inspect(args)) => args.overrides(),
            None => args.jwt.overrides(),
        },
        Command::Validate(_)
        | Command::Init(_)
        | Command::Simulate(_)
        | Command::Schema(_)
        | Command::Help(_)
        | Command::Completions(_)
        | Command::Man(_) => Vec::new(),
    };
    overrides.into_iter().map(|over| over.variable).collect()
}

/// The variables that the help of a flag names.
fn named_by(arg: &Arg) -> BTreeSet<String> {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let names = help.split_once("[env: ").and_then(|(_, rest)| rest.split_once(']'));
    names.map(|(names, _)| names.split(", ").map(str::to_owned).collect()).unwrap_or_default()
}

/// The command line that has this flag and what its command can't do without.
fn with_flag(path: &[&str], command: &clap::Command, arg: &Arg) -> Cli {
    let required = command.get_arguments().filter(|other| other.is_required_set());
    let others: Vec<&Arg> = required.filter(|other| other.get_id() != arg.get_id()).collect();
    let words = |arg: &Arg, sample: &str| -> Vec<OsString> {
        let flag = arg.get_long().map(|long| format!("--{long}"));
        let value = match arg.get_action() {
            ArgAction::SetTrue | ArgAction::Count => None,
            _ => Some(sample.to_owned()),
        };
        flag.into_iter().chain(value).map(OsString::from).collect()
    };
    let value_for = |arg: &Arg| {
        arg.get_possible_values().first().map_or("1".to_owned(), |value| value.get_name().to_owned())
    };
    let tried = SAMPLES.iter().find_map(|sample| {
        let line = ["promptchain"].iter().chain(path).map(OsString::from);
        let line = line.chain(words(arg, sample));
        let another = WITH_ANOTHER.iter().filter(|(flag, _)| Some(*flag) == arg.get_long());
        let line = line.chain(another.flat_map(|(_, another)| another.map(OsString::from)));
        let line = line.chain(others.iter().flat_map(|other| words(other, &value_for(other))));
        Cli::try_parse_from(line).ok()
    });
    tried.unwrap_or_else(|| panic!("no sample fits {path:?} --{}", arg.get_long().unwrap()))
}

fn check(path: &[&str], command: &clap::Command) -> usize {
    let mut flags = 0;
    let ends = |arg: &&Arg| matches!(arg.get_action(), ArgAction::Help | ArgAction::Version);
    for arg in command.get_arguments().filter(|arg| !arg.is_positional() && !ends(arg)) {
        let (set, named) = (set_by(with_flag(path, command, arg)), named_by(arg));
        let flag = format!("{path:?} --{}", arg.get_long().unwrap());
        if named.contains(OF_A_STEP) {
            assert!(set.iter().all(|name| name.starts_with("CHAIN_")), "{flag} sets {set:?}");
            assert_eq!(set.len(), 1, "{flag}");
        } else if set.is_empty() {
            let is_of_others = |name: &String| OUTSIDE_THE_TABLE.iter().any(|(known, _)| known == name);
            assert!(named.iter().all(is_of_others), "{flag} names {named:?}, and sets nothing");
        } else {
            assert_eq!(named, set, "{flag}");
            let in_table = |name: &&String| {
                sections().iter().flat_map(|section| section.variables).any(|known| known.name == **name)
            };
            assert_eq!(named.iter().find(|name| !in_table(name)), None, "{flag}");
        }
        flags += usize::from(!set.is_empty());
    }
    flags
        + command
            .get_subcommands()
            .map(|below| check(&path.iter().copied().chain([below.get_name()]).collect::<Vec<_>>(), below))
            .sum::<usize>()
}

#[test]
fn beside_each_flag_that_sets_a_variable_stands_its_name() {
    let mut root = Cli::command();
    root.build();
    let flags = root.get_subcommands().map(|below| check(&[below.get_name()], below)).sum::<usize>();
    assert!(flags > 10, "only {flags} flags set anything");
}

#[test]
fn every_setting_of_a_step_that_a_flag_sets_is_in_the_table() {
    for target in Override::set_flag_targets() {
        let over = Override::from_set_flag(&format!("{target}=1")).unwrap();
        let (step, key) = target.split_once('.').unwrap();
        let name = OF_A_STEP.replace("<STEP>", step).replace("<KEY>", key).to_ascii_uppercase();
        assert_eq!(over.variable, name);
    }
}
