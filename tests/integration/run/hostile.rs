//! What attackers and bad luck do to a run: full disks, pipes that nobody reads, folders cloned from
//! strangers.

use std::path::Path;
use std::process::Command;

use crate::support::{Upstream, has_program, promptchain};

fn fifo(folder: &Path, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.join(name)).status().unwrap().success());
}

#[test]
fn a_result_that_cannot_be_written_fails_the_command_with_what_was_spent() {
    for args in [&["--json"][..], &["--jsonl"], &[], &["--strict"]] {
        let upstream = Upstream::good();
        let mut command = upstream.command(&["-q", "-o", "/dev/full", "hello"], &[]);
        command.args(args);
        let ran = command.run().exits(74).says_nothing();
        if args.first() == Some(&"--json") {
            assert!(ran.error_json()["cost_usd"].as_f64().unwrap() > 0.0, "{}", ran.stderr);
        }
    }
}

#[test]
fn a_signal_is_heard_while_nobody_reads_the_result() {
    for args in [&["--json"][..], &["--jsonl"], &["--strict"], &[]] {
        let upstream = Upstream::with_faults(&["synthesize:huge-reply"]);
        // So many that the reply isn't too large.
        let tokens = [("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000")];
        let started = upstream.start_run(&[args, &["hello"]].concat(), &tokens);
        upstream.wait_for(|calls| calls.len() == 3 && calls[2].status.is_some());
        started.wait_until_asleep();
        started.signal("TERM");
        assert_eq!(started.wait_without_reading(), Some(143), "{args:?}");
    }
}

#[test]
fn a_pipe_that_nobody_opens_can_be_interrupted() {
    let upstream = Upstream::good();
    let command = upstream.command(&["-o", "pipe", "hello"], &[]);
    fifo(command.folder(), "pipe");
    let started = command.start();
    started.wait_until_asleep();
    started.signal("INT");
    // Death by the signal itself: nothing had been begun that would have to be ended.
    assert_eq!(started.wait_without_reading(), None);
    assert!(upstream.calls().is_empty());
}

#[test]
fn an_argument_that_is_not_utf_8_is_a_usage_error() {
    use std::os::unix::ffi::OsStrExt;
    let bad = std::ffi::OsStr::from_bytes(b"\xff");
    for before in [&["run", "--offline"][..], &["run", "--model"], &["run", "--set"], &[]] {
        let mut command = promptchain(before);
        command.arg(bad);
        command.run().exits(2).says_nothing().complains("error");
    }
}

#[test]
fn a_folders_env_file_cannot_send_files_from_elsewhere_to_an_upstream_of_its_own() {
    let upstream = Upstream::good();
    let elsewhere = tempfile::TempDir::new().unwrap();
    std::fs::write(
        elsewhere.path().join("chain_analyze.md"),
        "canary: intent, key_entities, complexity, context",
    )
    .unwrap();
    let env_file =
        |prompts: &str| format!("ANTHROPIC_BASE_URL={}\nCHAIN_PROMPTS_DIR={prompts}\n", upstream.base_url());
    let mut direct = promptchain(&["run", "hello"]);
    direct.file(".env", env_file(elsewhere.path().to_str().unwrap()));
    direct.run().exits(3).says_nothing().complains("comes from outside the folder");

    let mut linked = promptchain(&["run", "hello"]);
    linked.file(".env", env_file("prompts")).file("prompts/x", "");
    let link = linked.folder().join("prompts/chain_analyze.md");
    std::os::unix::fs::symlink(elsewhere.path().join("chain_analyze.md"), link).unwrap();
    linked.run().exits(3).says_nothing().complains("comes from outside the folder");
    assert!(upstream.calls().is_empty());

    // A folder that the user names is theirs to send, but not what its links or the .env make of it.
    let mut by_link = promptchain(&["run", "--prompts", "prompts", "hello"]);
    by_link.file(".env", format!("ANTHROPIC_BASE_URL={}\n", upstream.base_url())).file("prompts/x", "");
    let link = by_link.folder().join("prompts/chain_analyze.md");
    std::os::unix::fs::symlink(elsewhere.path().join("chain_analyze.md"), link).unwrap();
    by_link.run().exits(3).says_nothing().complains("comes from outside the folder");

    std::fs::write(elsewhere.path().join("secret.md"), "canary: content, metadata, confidence").unwrap();
    let mut by_name = promptchain(&["run", "--prompts", elsewhere.path().to_str().unwrap(), "hello"]);
    let names_a_file =
        format!("ANTHROPIC_BASE_URL={}\nCHAIN_PROCESS_PROMPT_FILE=secret.md\n", upstream.base_url());
    by_name.file(".env", names_a_file);
    by_name.run().exits(3).says_nothing().complains("comes from outside the folder");
    assert!(upstream.calls().is_empty());

    let mut named = promptchain(&["run", "--prompts", elsewhere.path().to_str().unwrap(), "hello"]);
    named.file(".env", format!("ANTHROPIC_BASE_URL={}\n", upstream.base_url()));
    named.run().exits(0);

    let mut own = promptchain(&["run", "hello"]);
    own.file(".env", env_file("prompts"))
        .file("prompts/chain_analyze.md", "Analyze: intent, key_entities, complexity, context.");
    own.run().exits(0);
}

#[test]
fn usage_errors_are_json_for_whoever_asks_for_json() {
    for args in [&["--output", "json", "--profile", "best", "x"][..], &["--json", "--profile=best", "x"]] {
        let ran = promptchain(&[&["run"], args].concat()).run().exits(2).says_nothing();
        let message = ran.error_json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("balanced"), "with the possible values: {message}");
    }
    promptchain(&["run", "--profile=best", "--", "--json"]).run().exits(2).complains("error: ");
}

#[test]
fn a_time_limit_longer_than_the_phases_is_said_to_be_none() {
    let ran = Upstream::good().run(&["--timeout", "1000", "hello"]).exits(0);
    ran.complains("it ends after 75s");
}

#[test]
fn a_stderr_that_nobody_reads_stops_nothing() {
    let upstream = Upstream::good();
    let logs = [("LOG_LEVEL", "DEBUG"), ("LOG_CONTENT", "true")];
    let mut command = upstream.command(&["-o", "answer.md", "-f", "long.md"], &logs);
    // Logged three times over, this is far more than a pipe holds.
    command.file("long.md", "word ".repeat(40_000));
    assert_eq!(command.start().wait_without_reading(), Some(0));
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn standard_output_by_its_device_name_is_written_to_and_not_replaced() {
    let folder = tempfile::TempDir::new().unwrap();
    let binary = env!("CARGO_BIN_EXE_promptchain");
    let script =
        format!("(echo header; {binary} run --offline -q hi -o /dev/stdout; echo footer) > out </dev/null");
    assert!(Command::new("sh").args(["-c", &script]).current_dir(folder.path()).status().unwrap().success());
    let written = std::fs::read_to_string(folder.path().join("out")).unwrap();
    assert!(written.starts_with("header\n# Hi") && written.ends_with("footer\n"), "{written}");
}

#[test]
fn a_limit_on_the_size_of_files_fails_the_write_and_not_the_process() {
    if !has_program("prlimit", "apt-get install util-linux") {
        return;
    }
    for args in [&["-o", "out.json"][..], &["--record", "replies"]] {
        let upstream = Upstream::good();
        let command = upstream.command(&[&["-q", "--json", "hello"], args].concat(), &[]);
        let folder = command.folder().to_owned();
        let mut started = command.under(&["prlimit", "--core=0", "--fsize=10", "--"]).start();
        let (code, left) = (started.wait(), walk(&folder));
        assert_eq!(code, Some(74), "{args:?}");
        assert!(left.is_empty(), "{args:?} leaves {left:?}");
    }
}

/// All files in the folder and below it.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_link_that_leads_nowhere_is_neither_followed_nor_replaced_by_a_result() {
    for args in [&["run", "hello", "-o", "out"][..], &["batch", "in.jsonl", "-o", "out"]] {
        let upstream = Upstream::good();
        let mut command = promptchain(args);
        command.file("in.jsonl", "\"One?\"\n").env("ANTHROPIC_BASE_URL", &upstream.base_url());
        let folder = command.folder().to_owned();
        std::os::unix::fs::symlink("missing", folder.join("out")).unwrap();
        let mut started = command.start();
        let (code, link) = (started.wait(), std::fs::read_link(folder.join("out")));
        assert_eq!(
            (code, link.unwrap().to_str(), folder.join("missing").exists()),
            (Some(2), Some("missing"), false)
        );
        assert_eq!(upstream.calls().len(), 0);
    }
}

#[test]
fn too_few_open_files_to_begin_with_are_no_bug() {
    let under = ["sh", "-c", "ulimit -n 4; exec \"$@\"", "sh"];
    let ran = promptchain(&["run", "--offline", "hello"]).under(&under).run().exits(3).says_nothing();
    ran.complains("the limit on open files is too low").complains("ulimit -n");
}
