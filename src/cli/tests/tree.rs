//! What holds for every command, however many there are.

use clap::builder::StyledStr;
use clap::{Arg, Command};

use super::Cli;

/// Every command below the program's own, with the words that lead to it.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn add(command: &Command, path: &[String], into: &mut Vec<(Vec<String>, Command)>) {
        for below in command.get_subcommands() {
            let path: Vec<String> = path.iter().cloned().chain([below.get_name().to_owned()]).collect();
            into.push((path.clone(), below.clone()));
            add(below, &path, into);
        }
    }
    let mut root = Cli::command();
    root.build();
    let mut commands = Vec::new();
    add(&root, &[], &mut commands);
    commands
}

#[test]
fn every_commands_help_begins_with_examples_of_it_that_are_understood() {
    for (path, command) in commands() {
        let before = command.get_before_help().map(StyledStr::to_string).unwrap_or_default();
        let mut lines = before.lines();
        assert_eq!(lines.next(), Some("Examples:"), "{path:?}");
        let examples: Vec<&str> = lines.collect();
        let own = format!("promptchain {}", path.join(" "));
        assert!(examples.iter().any(|example| example.contains(&own)), "{path:?}: {examples:?}");
        for example in examples {
            assert!(example.starts_with("  "), "{example:?} isn't set in");
            let Some(at) = example.find("promptchain ") else { panic!("{example:?} is another program's") };
            understood(&example[at..]);
        }
    }
}

/// Asserts that the command line, up to where the shell takes over, can be parsed.
#[track_caller]
fn understood(example: &str) {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in example.chars() {
        match char {
            '"' => quoted = !quoted,
            '|' | '<' | '>' | ')' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            char => words.last_mut().unwrap().push(char),
        }
    }
    words.retain(|word| !word.is_empty());
    if let Err(error) = Cli::try_parse_from(&words) {
        panic!("{words:?}: {error}");
    }
}

#[test]
fn flags_stand_in_groups_and_no_list_under_options_is_long() {
    for (path, command) in commands() {
        let flags =
            command.get_arguments().filter(|arg| !arg.is_positional() && arg.get_help_heading().is_none());
        let flags: Vec<&str> = flags.filter_map(Arg::get_long).filter(|long| *long != "help").collect();
        assert!(flags.len() <= 4, "{path:?}: {flags:?} want groups");
    }
}

#[test]
fn every_flag_and_value_is_described() {
    for (path, command) in commands() {
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{path:?}: {}", arg.get_id());
        }
    }
}

#[test]
fn what_is_merely_offered_does_not_fill_the_help_and_does_not_keep_from_other_values() {
    let help = Cli::try_parse_from(["promptchain", "run", "--help"]).unwrap_err().to_string();
    assert!(!help.contains("claude-opus") && !help.contains("synthesize.timeout="));
    for args in [["--model", "llama3.2"], ["--analyze-model", "a b"], ["--set", "process.model=llama3.2"]] {
        Cli::try_parse_from(["promptchain", "run", "x"].into_iter().chain(args)).unwrap();
    }
}
