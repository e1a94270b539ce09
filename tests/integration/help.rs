//! `promptchain help`, and what is said where nobody has asked for it.

use clap::Command;
use promptchain::cli::Cli;

use crate::support::promptchain;

#[test]
fn without_arguments_the_program_says_in_short_what_it_is_and_where_to_go_on() {
    let ran = promptchain(&[]).run().exits(2).says_nothing();
    assert!(ran.stderr.starts_with("Runs a three-step prompt chain"), "{}", ran.stderr);
    for part in ["Examples:\n  promptchain run", "Commands:\n  run ", "promptchain help"] {
        assert!(ran.stderr.contains(part), "no {part:?} in: {}", ran.stderr);
    }
    // Flags are for those who ask.
    assert!(!ran.stderr.contains("--env-file"), "{}", ran.stderr);
    assert!(ran.stderr.lines().count() < 30, "{}", ran.stderr);
}

/// The words that lead to each command, none for the program itself.
fn every_command() -> Vec<Vec<String>> {
    fn below(command: &Command, path: &[String]) -> Vec<Vec<String>> {
        let longer = |name: &str| path.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
        let deeper = command.get_subcommands().flat_map(|sub| below(sub, &longer(sub.get_name())));
        [path.to_owned()].into_iter().chain(deeper).collect()
    }
    below(&Cli::command(), &[])
}

#[test]
fn help_tells_the_same_as_a_commands_own_flag() {
    for words in every_command() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let by_word = promptchain(&[&["help"], &words[..]].concat()).run().exits(0);
        let by_flag = promptchain(&[&words[..], &["--help"]].concat()).run().exits(0);
        assert_eq!(by_word.stdout.trim(), by_flag.stdout.trim(), "{words:?}");
        assert_eq!((by_word.stderr.as_str(), by_flag.stderr.as_str()), ("", ""));
        assert!(by_word.stdout.starts_with("Examples:\n  "), "{words:?}: {}", by_word.stdout);
    }
}

#[test]
fn the_overview_lists_the_topics_and_each_has_a_page() {
    let overview = promptchain(&["help"]).run().exits(0).stdout;
    for (topic, part) in [("exit-codes", "max_cost_exceeded"), ("environment", "CHAIN_PROMPTS_DIR")] {
        assert!(overview.contains(&format!("\n  {topic} ")), "{overview}");
        assert!(promptchain(&["help", topic]).run().exits(0).stdout.contains(part), "{topic}");
    }
}

#[test]
fn a_command_or_topic_that_is_not_there_is_answered_with_the_nearest_one() {
    let refused = |words: &[&str]| promptchain(words).run().exits(2).says_nothing();
    refused(&["help", "exit-code"]).complains("hint: did you mean exit-codes?");
    refused(&["help", "rnu"]).complains("hint: did you mean run?");
    refused(&["help", "run", "x"]).complains("there is no subcommand x");
    refused(&["rnu"]).complains("'run'");
    refused(&["run", "--modle", "x"]).complains("'--model'");
}

#[test]
fn a_topic_that_is_typed_as_a_command_leads_to_its_page() {
    for topic in ["exit-codes", "environment"] {
        promptchain(&[topic]).run().exits(2).complains(&format!("promptchain help {topic}\n"));
    }
}

#[test]
fn flags_that_exclude_one_another_are_no_misspelt_ones() {
    for args in [
        &["run", "--json", "--jsonl", "x"][..],
        &["run", "-q", "-v", "x"],
        &["validate", "--list-rules", "--format", "json"],
    ] {
        let ran = promptchain(args).run().exits(2).complains("cannot be used with");
        assert!(!ran.stderr.contains("similar argument"), "{}", ran.stderr);
    }
}

#[test]
fn with_json_what_was_probably_meant_is_the_hint() {
    let error = promptchain(&["run", "--json", "--modle", "x"]).run().exits(2).says_nothing().error_json();
    assert_eq!(error["message"], "unexpected argument '--modle' found");
    assert_eq!(error["hint"], "a similar argument exists: '--model'");
}

#[test]
fn a_closed_pipe_is_quiet() {
    for args in [
        &["help", "environment"][..],
        &["help"],
        &["--help"],
        &["run", "--help"],
        &["completions", "zsh"],
        &["man"],
    ] {
        let mut started = promptchain(args).start();
        drop(started.take_stdout());
        let ran = started.finish().exits(0);
        assert_eq!(ran.stderr, "", "{args:?}");
    }
}

#[test]
fn help_and_usage_errors_are_coloured_as_everything_else() {
    let both = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = promptchain(args);
        for (name, value) in variables {
            command.env(name, value);
        }
        let ran = command.run();
        format!("{}{}", ran.stdout, ran.stderr).contains('\u{1b}')
    };
    let (no, force) = (("NO_COLOR", "1"), ("FORCE_COLOR", "1"));
    for args in
        [&["help", "run"][..], &["help", "exit-codes"], &["--help"], &["--modle"], &["run", "--modle"], &[]]
    {
        let with = |flag: &[&'static str]| [args, flag].concat();
        assert!(!both(args, &[]), "{args:?} in a pipe");
        assert!(!both(args, &[no]), "{args:?}");
        assert!(both(args, &[force]), "{args:?}");
        assert!(!both(args, &[no, force]), "{args:?}");
        if !args.is_empty() {
            assert!(both(&with(&["--color=always"]), &[no]), "{args:?}");
            assert!(!both(&with(&["--color", "never"]), &[force]), "{args:?}");
        }
    }
    // The formats that other programs read never are.
    for args in [["man", "run"], ["completions", "bash"]] {
        assert!(!both(&args, &[force]), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_told_of_the_program_and_cannot_be_written_has_failed() {
    for words in [&["--version"][..], &["--help"], &["run", "--help"], &["help", "run"], &["help"]] {
        let under = ["sh", "-c", "exec \"$@\" > /dev/full", "sh"];
        let ran = promptchain(words).under(&under).run().exits(74).says_nothing();
        assert!(ran.stderr.starts_with("error: "), "{words:?}: {}", ran.stderr);
    }
}
