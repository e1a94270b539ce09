//! The scripts that complete the command line: fresh, and understood by the shells they are for.

use std::process::Command;

use clap::ValueEnum;
use clap_complete::Shell;
use promptchain::cli::Cli;
use promptchain::manual::{completion_file, completion_script};
use tempfile::TempDir;

use super::{check_folder, repository};
use crate::support::{has_program, promptchain};

#[test]
fn the_scripts_are_what_the_program_prints() {
    let print = |shell: &Shell| {
        let printed = promptchain(&["completions", &shell.to_string()]).run().exits(0).stdout;
        (completion_file(*shell), printed)
    };
    check_folder("completions", &Shell::value_variants().iter().map(print).collect());
}

#[test]
fn a_shell_that_nobody_knows_is_refused() {
    promptchain(&["completions", "fihs"]).run().exits(2).says_nothing().complains("'fish'");
    promptchain(&["completions"]).run().exits(2).says_nothing();
}

/// A folder with the script for that shell: not the repository's, which may just be written anew.
fn folder(shell: Shell) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(completion_file(shell)), completion_script(shell)).unwrap();
    folder
}

fn lines(command: &mut Command) -> Vec<String> {
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// A line up to where it is completed, and what must be offered there, whatever else is.
const OFFERS: [(&str, &[&str]); 12] = [
    ("", &["run", "serve", "token", "simulate", "schema", "completions", "man", "help"]),
    ("se", &["serve"]),
    ("run --profile ", &["fast", "balanced", "accurate"]),
    ("run --output js", &["json", "jsonl"]),
    ("run --set process.m", &["process.model=", "process.max_tokens="]),
    ("run --model claude-haiku", &["claude-haiku-5-5", "claude-haiku-4-5"]),
    ("run --synthesize-model claude-son", &["claude-sonnet-5-5"]),
    ("simulate --fault overl", &["overloaded"]),
    ("schema ", &["run", "events", "error"]),
    ("completions ", &["bash", "elvish", "fish", "powershell", "zsh"]),
    ("help e", &["exit-codes", "environment"]),
    ("man s", &["serve", "simulate", "schema"]),
];

#[track_caller]
fn check_offers(offered_at: impl Fn(&str) -> Vec<String>) {
    for (line, expected) in OFFERS {
        let offered = offered_at(line);
        for word in expected {
            assert!(offered.iter().any(|offered| offered == word), "{line:?}: no {word} in {offered:?}");
        }
    }
    // What doesn't begin like that isn't offered.
    for (line, other) in
        [("run --profile f", "balanced"), ("se", "run"), ("run --set process.m", "analyze.model=")]
    {
        assert!(!offered_at(line).iter().any(|offered| offered == other), "{line:?}: {other}");
    }
}

#[test]
fn bash_completes() {
    if !has_program("bash", "apt-get install bash") {
        return;
    }
    let folder = folder(Shell::Bash);
    let offered = |words: &[&str]| {
        let script = repository().join("tests/shells/complete.bash");
        lines(
            Command::new("bash")
                .args(["--norc", "--noprofile"])
                .arg(script)
                .arg(folder.path())
                .arg("promptchain")
                .args(words),
        )
    };
    check_offers(|line| offered(&line.split(' ').collect::<Vec<_>>()));
    // As bash breaks --profile=f and process:overl.
    assert_eq!(offered(&["run", "--profile", "=", "f"]), ["fast"]);
    assert_eq!(offered(&["run", "--profile", "="]), ["fast", "balanced", "accurate"]);
    assert_eq!(offered(&["simulate", "--fault", "process", ":", "overl"]), ["overloaded"]);
    assert!(offered(&["simulate", "--fault", "analyze", ":"]).contains(&"blank-intent".to_owned()));
}

#[test]
fn zsh_completes() {
    if !has_program("zsh", "apt-get install zsh") {
        return;
    }
    let (folder, files) = (folder(Shell::Zsh), TempDir::new().unwrap());
    let complete = |line: &str| {
        let (script, out) = (repository().join("tests/shells/complete.zsh"), files.path().join("offered"));
        // A file of the line before may be there.
        let _ = std::fs::remove_file(&out);
        let mut zsh = Command::new("zsh");
        zsh.arg("-f").arg(script).arg(folder.path()).arg(format!("promptchain {line}")).arg(&out);
        // Its start-up files are none of ours, and neither are its leftovers.
        zsh.env("ZDOTDIR", files.path())
            .env("HOME", files.path())
            .env("TERM", "vt100")
            .current_dir(files.path());
        lines(&mut zsh);
        let text = std::fs::read_to_string(&out).unwrap_or_else(|error| panic!("{line}: {error}"));
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    check_offers(complete);
    assert!(complete("run --profile=").contains(&"fast".to_owned()));
    // The value follows at once.
    let line = "line: promptchain run --set process.max_tokens=|".to_owned();
    assert!(complete("run --set process.max_").contains(&line));
    std::fs::write(files.path().join("question.md"), "").unwrap();
    assert!(complete("run -f ques").iter().any(|line| line.contains("question.md")));
}

#[test]
fn fish_completes() {
    if !has_program("fish", "apt-get install fish") {
        return;
    }
    let (folder, files) = (folder(Shell::Fish), TempDir::new().unwrap());
    std::fs::write(files.path().join("question.md"), "").unwrap();
    let offered = |line: &str| {
        let script = "source $argv[1]/promptchain.fish; complete -C \"promptchain $argv[2]\"";
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", script]).arg(folder.path()).arg(line);
        let lines = lines(fish.env("HOME", files.path()).current_dir(files.path()));
        // Behind a tab stands what it is.
        lines.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    check_offers(offered);
    assert_eq!(offered("run --profile=f"), ["--profile=fast"]);
    assert_eq!(offered("run -f ques"), ["question.md"]);
    // Where no file is meant, none is offered.
    for line in ["token ", "schema ", "run --timeout ", "help "] {
        assert!(!offered(line).contains(&"question.md".to_owned()), "{line}");
    }
}

/// Neither shell is needed for this: their scripts name each command and each of its flags.
#[test]
fn the_scripts_for_powershell_and_elvish_know_every_command_and_flag() {
    fn check(script: &str, command: &clap::Command, path: &str) {
        let starts = [format!("'{path}' {{"), format!("'{path}'= {{")];
        let own =
            starts.iter().find_map(|start| script.split_once(start)).unwrap_or_else(|| panic!("no {path}"));
        let own = own.1.split("'promptchain").next().unwrap();
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(own.contains(&format!("--{flag}")), "{path} has no --{flag}");
        }
        for below in command.get_subcommands() {
            assert!(own.contains(below.get_name()), "{path} has no {}", below.get_name());
            check(script, below, &format!("{path};{}", below.get_name()));
        }
    }
    let mut root = Cli::command();
    root.build();
    for shell in [Shell::PowerShell, Shell::Elvish] {
        let script = completion_script(shell);
        check(&script, &root, "promptchain");
        let count = |char| script.matches(char).count();
        assert_eq!((count('{'), count('[')), (count('}'), count(']')), "{shell}");
    }
}
