//! What the flags change, and how it ends.

use promptchain::rule::Rule;

use super::{ANALYZE, PROCESS, found, validate};
use crate::support::promptchain;

/// A folder in which there is one warning: a file that no step uses.
fn with_a_warning(args: &[&str]) -> crate::support::Command {
    let mut command = validate(&["prompts"]);
    command.args(args).file("prompts/chain_analyze.md", ANALYZE).file("prompts/other.md", PROCESS);
    command
}

#[test]
fn where_nothing_is_wrong_nothing_is_on_stdout_and_the_exit_code_is_0() {
    let ran = validate(&[]).run().exits(0).says_nothing();
    assert_eq!(ran.stderr, "4 built-in prompts and the settings are fine\n");
    assert_eq!(validate(&["-q"]).run().exits(0).says_nothing().stderr, "");
}

#[test]
fn an_error_makes_it_exit_with_1_and_a_warning_does_not() {
    let ran = with_a_warning(&[]).run().exits(0);
    assert!(ran.stdout.contains("prompts/other.md: warning: no step uses this file [prompt-file-unused]"));
    assert_eq!(ran.stderr, "1 warning in 1 file\n");
    let mut command = with_a_warning(&[]);
    command.env("LOG_LEVEL", "LOUD");
    let ran = command.run().exits(1);
    assert_eq!(ran.stderr, "error: 1 error, 1 warning in 1 file and the environment\n");
}

#[test]
fn strict_and_deny_make_errors_of_warnings_and_allow_passes_over_them() {
    for flags in
        [&["--strict"][..], &["--deny", "prompt-file-unused"], &["--deny=weak-secret,prompt-file-unused"]]
    {
        let ran = with_a_warning(flags).run().exits(1);
        assert!(ran.stdout.contains("error: no step uses this file"), "{}", ran.stdout);
    }
    for flags in [&["--allow", "prompt-file-unused"][..], &["--strict", "--allow", "prompt-file-unused"]] {
        with_a_warning(flags).run().exits(0).says_nothing();
    }
    with_a_warning(&["--deny", "weak-secret"]).run().exits(0);
}

#[test]
fn an_error_can_be_allowed_too() {
    let mut command = validate(&["prompts", "--allow", "field-not-named"]);
    command.file("prompts/chain_process.md", "Write like a pirate.\n");
    command.run().exits(0).says_nothing();
}

#[test]
fn a_rule_that_does_not_exist_is_refused_with_the_nearest_one() {
    validate(&["--allow", "weak-secrets"])
        .run()
        .exits(2)
        .says_nothing()
        .complains("did you mean weak-secret?");
    validate(&["--deny", "x"]).run().exits(2).says_nothing().complains("--list-rules");
}

#[test]
fn all_rules_are_listed_and_nothing_is_checked() {
    let mut command = validate(&["--list-rules"]);
    command.file(".env", "LOG_LEVEL=LOUD\n");
    let list = command.run().exits(0).stdout;
    for rule in Rule::all() {
        let line = list.lines().find(|line| line.trim_start().starts_with(&format!("{} ", rule.name())));
        assert!(line.is_some_and(|line| line.contains(rule.summary())), "{}", rule.name());
    }
}

#[test]
fn a_variable_that_a_run_is_given_is_defined() {
    let with = |args: &[&str]| {
        let mut command = validate(&["prompts"]);
        command.args(args).file("prompts/chain_process.md", format!("{PROCESS}About {{{{ topic }}}}.\n"));
        found(command)
    };
    assert_eq!(with(&[]), ["undefined-variable prompts/chain_process.md:2:10"]);
    assert_eq!(with(&["--var", "topic=ships"]), [""; 0]);
    assert_eq!(with(&["--var", "topic=ships", "--var", "tpoic=x"]), ["unknown-override tpoic"]);
    let mut typed = validate(&["prompts", "--var", "n=many"]);
    typed.file("prompts/chain_process.md", format!("+++\n[vars]\nn = 3\n+++\n{PROCESS}{{{{ n }}}}\n"));
    assert_eq!(found(typed), ["override-type n"]);
}

#[test]
fn every_format_tells_the_same_and_ends_alike() {
    let in_format = |format: &str| {
        let mut command = with_a_warning(&["--format", format]);
        command.env("LOG_LEVEL", "LOUD");
        command.run().exits(1)
    };
    for format in ["text", "json", "github", "sarif", "junit"] {
        let ran = in_format(format);
        for told in ["prompt-file-unused", "prompts/other.md", "invalid-value", "LOG_LEVEL=LOUD"] {
            assert!(ran.stdout.contains(told), "{format}: no {told} in {}", ran.stdout);
        }
    }
    let error = in_format("json").error_json();
    assert_eq!(error["code"], "check_failed");
}

#[test]
fn a_closed_pipe_is_quiet() {
    let mut started = with_a_warning(&["--format", "sarif"]).start();
    drop(started.take_stdout());
    assert_eq!(started.finish().exits(0).stderr, "1 warning in 1 file\n");
}

#[test]
fn run_and_serve_make_the_same_checks_before_their_first_call() {
    let with = |prompt: &str, command: &[&str]| {
        let mut command = promptchain(command);
        command
            .file("prompts/chain_process.md", prompt)
            .env("CHAIN_PROMPTS_DIR", "prompts")
            .env("JWT_SECRET_KEY", crate::support::SECRET);
        command.run()
    };
    let without_confidence = "Return JSON with content and metadata.\n";
    for command in [&["run", "--offline", "x"][..], &["serve", "--check", "--offline"]] {
        with("{{ nothing }}", command).exits(3).says_nothing().complains("[undefined-variable]");
        // How a prompt is worded keeps nobody from trying it.
        let ran = with(without_confidence, command).exits(0);
        let ran = ran.complains("warning: prompts/chain_process.md:1:1: ").complains("[field-not-named]");
        let warnings = ran.stderr.lines().filter(|line| line.starts_with("warning: "));
        assert_eq!(warnings.count(), 1, "{}", ran.stderr);
    }
    with(without_confidence, &["validate"]).exits(1);
}

#[test]
fn a_proxy_that_cannot_be_read_is_warned_of_without_its_password() {
    for (value, is_unreadable) in [("http://user:canary@", true), ("http://user:canary@proxy:3128", false)] {
        let mut command = validate(&[]);
        command.env("HTTPS_PROXY", value);
        let ran = command.run().exits(0);
        assert_eq!(ran.stdout.contains("[unreadable-proxy]"), is_unreadable, "{}", ran.stdout);
        assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{}", ran.stdout);
    }
}
