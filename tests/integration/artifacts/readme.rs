//! The README says what the program does.

use std::path::Path;
use std::process::Command;

use promptchain::cli::Cli;
use promptchain::error::ErrorCode;
use tempfile::TempDir;

use super::{check_table, read};
use crate::support::{Upstream, promptchain};

/// The README's table of variables: what the program itself says of each.
fn table_of_settings() -> String {
    use std::fmt::Write;
    let mut table = String::new();
    for section in promptchain::settings::sections() {
        write!(
            table,
            "\n{}\n\n| variable | default | allowed | on SIGHUP | |\n|---|---|---|---|---|\n",
            section.title
        )
        .unwrap();
        for variable in section.variables {
            let default = variable.default().map_or("–".to_owned(), |default| format!("`{default}`"));
            let (name, allowed, doc) = (variable.name, variable.kind.allowed(), variable.doc);
            let on_reload = if variable.is_reloadable() { "taken" } else { "needs a restart" };
            writeln!(table, "| `{name}` | {default} | {allowed} | {on_reload} | {doc} |").unwrap();
        }
    }
    table
}

/// The README's table of exit codes: what the program itself says of each.
fn table_of_exit_codes() -> String {
    let mut table = "\n| code | `error.code` | meaning |\n|---|---|---|\n| 0 | | done |\n".to_owned();
    for code in ErrorCode::ALL {
        table += &format!("| {} | `{}` | {} |\n", code.exit_code(), code.as_str(), code.meaning());
    }
    table
}

#[test]
fn the_readmes_tables_are_what_the_program_declares() {
    // One after the other: both may write the file.
    check_table("README.md", "settings", &table_of_settings());
    check_table("README.md", "exit codes", &table_of_exit_codes());
}

#[test]
fn the_readme_lists_every_fault_of_the_simulator() {
    let help = promptchain(&["simulate", "--help"]).run().exits(0).stdout;
    for fault in promptchain::simulator::Fault::all() {
        assert!(help.contains(fault.name()), "{} isn't in the help", fault.name());
    }
}

/// The long flags of a command and of those below it, as they are typed.
fn flags(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|arg| Some(format!("--{}", arg.get_long()?)));
    own.chain(command.get_subcommands().flat_map(flags)).collect()
}

#[test]
fn every_flag_that_the_readme_names_exists() {
    let mut command = Cli::command();
    command.build();
    let known = flags(&command);
    let readme = read("README.md");
    // Flags of cargo and jq stand in commands of theirs, which begin with their names.
    let ours =
        readme.split("promptchain").skip(1).map(|rest| rest.split(['\n', '|']).next().unwrap_or_default());
    for flag in ours.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))) {
        if flag.starts_with("--") && flag.len() > 2 {
            assert!(known.iter().any(|known| known == flag), "the README names {flag}");
        }
    }
}

#[test]
fn what_validate_tells_in_the_readme_is_what_it_tells() {
    let mut command = promptchain(&["validate", "prompts"]);
    for name in ["chain_analyze.md", "chain_process.md"] {
        let path = format!("prompts/{name}");
        command.file(&path, read(&format!("tests/fixtures/readme/{path}")));
    }
    let ran = command.run().exits(1);
    let readme = read("README.md");
    let (_, shown) = readme.split_once("```sh\npromptchain validate prompts\n```\n\n```text\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(ran.stdout.starts_with(shown), "{}", ran.stdout);
}

#[test]
fn what_the_readme_records_is_replayed_by_its_workflow() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("## Record and replay").unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    let (record, rest) = rest.split_once("```").unwrap();
    let (_, rest) = rest.split_once("  run: |\n").unwrap();
    let (replay, _) = rest.split_once("```").unwrap();
    let upstream = Upstream::good();
    let folder = TempDir::new().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_promptchain")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let run = |script: &str, environment: &[(&str, String)]| {
        let mut shell = Command::new("sh");
        shell.args(["-ec", script]).current_dir(folder.path()).env_clear().env("PATH", &path);
        shell.envs(environment.iter().cloned()).output().unwrap()
    };
    let recorded = run(record, &[("ANTHROPIC_BASE_URL", upstream.base_url())]);
    assert!(recorded.status.success(), "{recorded:?}");
    drop(upstream);
    let replayed = run(replay, &[]);
    assert!(replayed.status.success(), "{replayed:?}");
    let changed = run(&replay.replace("commit message", "pull request"), &[]);
    assert_eq!(changed.status.code(), Some(3), "{changed:?}");
    let (_, shown) = readme.split_once("```text\nerror: analyze failed\n").unwrap();
    let (shown, _) = shown.split_once("\n```").unwrap();
    let told = String::from_utf8(changed.stderr).unwrap();
    assert!(without_digests(&told).trim_end().ends_with(&without_digests(shown)), "{told}");
}

/// Digests change with every word of the prompts.
fn without_digests(text: &str) -> String {
    let is_digest = |word: &&str| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_digest).collect();
    words.into_iter().fold(text.to_owned(), |text, word| text.replace(word, "digest"))
}

#[test]
fn what_a_dry_run_tells_in_the_readme_is_what_it_tells() {
    let readme = read("README.md");
    let question = "What makes a good commit message?";
    let command = format!("promptchain run --dry-run \"{question}\" | grep \" tokens in, \"");
    let (_, shown) = readme.split_once(&format!("```sh\n{command}\n```\n\n```text\n")).unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let told = promptchain(&["run", "--dry-run", question]).run().exits(0).stdout;
    let told: Vec<&str> = told.lines().filter(|line| line.contains(" tokens in, ")).collect();
    assert_eq!(told, shown.lines().collect::<Vec<_>>());
}
