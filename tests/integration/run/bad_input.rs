//! Bad input: a clear error with a hint, the documented exit code, no call, nothing on stdout.

use crate::support::{Ran, Upstream, promptchain};

const KEY: (&str, &str) = ("ANTHROPIC_API_KEY", "sk-test-1234567890");

/// Runs with that bad input; asserts that nothing came of it but the error.
#[track_caller]
fn refused(prepare: impl FnOnce(&mut crate::support::Command), args: &[&str], exit: i32, about: &str) -> Ran {
    let upstream = Upstream::good();
    let mut command = upstream.command(args, &[KEY]);
    prepare(&mut command);
    let ran = command.run().exits(exit).says_nothing().complains(about);
    assert_eq!(upstream.calls().len(), 0, "{ran:?}");
    ran
}

#[test]
fn an_empty_prompt_is_refused() {
    for (args, input) in
        [(vec!["", "-q"], ""), (vec!["  \n"], ""), (vec!["-"], ""), (vec![], " \n"), (vec!["-f", "-"], "")]
    {
        refused(
            |command| {
                command.stdin(input);
            },
            &args,
            2,
            "the prompt is empty",
        )
        .complains("hint: ");
    }
    refused(
        |command| {
            command.file("empty.md", "");
        },
        &["-f", "empty.md"],
        2,
        "the prompt is empty",
    );
}

#[test]
fn a_prompt_over_a_megabyte_is_refused() {
    let large = "x".repeat((1 << 20) + 1);
    refused(
        |command| {
            command.stdin(large.clone());
        },
        &["-"],
        2,
        "larger than 1048576 bytes",
    );
    refused(
        |command| {
            command.file("large.md", large);
        },
        &["-f", "large.md"],
        2,
        "large.md is larger than",
    );
}

#[test]
fn a_prompt_beyond_the_models_context_is_refused() {
    let long = "word ".repeat(200_000);
    refused(
        |command| {
            command.stdin(long);
        },
        &["-"],
        2,
        "exceeds the 200000 of claude-haiku-4-5-20251001",
    );
}

#[test]
fn input_that_is_not_utf_8_is_refused() {
    let latin1 = b"caf\xe9".to_vec();
    refused(
        |command| {
            command.stdin(latin1.clone());
        },
        &["-"],
        2,
        "stdin isn't UTF-8 text",
    );
    refused(
        |command| {
            command.file("latin1.txt", latin1);
        },
        &["-f", "latin1.txt"],
        2,
        "latin1.txt isn't UTF-8",
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    refused(|_| (), &["-f", "missing.md"], 2, "can't read missing.md");
    refused(
        |command| {
            command.file("folder/x", "");
        },
        &["-f", "folder"],
        2,
        "folder is a folder",
    );
    refused(|_| (), &["--messages", "missing.json"], 2, "can't read missing.json");
}

#[test]
fn stdin_is_read_only_once() {
    refused(
        |command| {
            command.stdin("x");
        },
        &["-", "-f", "-"],
        2,
        "stdin can only be read once",
    );
}

#[test]
fn a_conversation_that_is_no_conversation_is_refused() {
    let with = |text: &'static str| {
        move |command: &mut crate::support::Command| {
            command.file("m.json", text);
        }
    };
    refused(with("{"), &["--messages", "m.json"], 2, "m.json: ");
    refused(with("[]"), &["--messages", "m.json"], 2, "");
    refused(
        with(r#"[{"role":"robot","content":"x"}]"#),
        &["--messages", "m.json"],
        2,
        "`messages[0].role` is \"robot\"",
    );
    let ends = r#"[{"role":"assistant","content":"x"}]"#;
    refused(with(ends), &["--messages", "m.json"], 2, "must end in a user message");
}

#[test]
fn flags_that_do_not_exist_or_do_not_fit_are_usage_errors() {
    for args in [
        &["--no-such-flag", "x"][..],
        &["--min-confidence", "1.5", "x"],
        &["--max-cost", "-1", "x"],
        &["--timeout", "0", "x"],
        &["--timeout", "soon", "x"],
        &["--set", "process.max_tokns=1", "x"],
        &["--set", "process.max_tokens=0", "x"],
        &["--var", "novalue", "x"],
        &["--profile", "best", "x"],
        &["--json", "--jsonl", "x"],
    ] {
        assert!(!refused(|_| (), args, 2, "").stderr.is_empty());
    }
    refused(|_| (), &["--set", "process.max_tokns=1", "x"], 2, "max_tokens");
}

#[test]
fn a_missing_key_says_where_to_put_one() {
    let ran = promptchain(&["run", "hello"]).run().exits(3).says_nothing();
    ran.complains("ANTHROPIC_API_KEY").complains("--offline");
}

#[test]
fn a_bad_base_url_is_refused_before_any_call() {
    for url in [
        "ftp://example.com",
        "not a url",
        "http://",
        "https://user:pw@example.com",
        "https://example.com/?x=1",
    ] {
        let mut command = promptchain(&["run", "hello"]);
        command.env("ANTHROPIC_BASE_URL", url).env(KEY.0, KEY.1);
        let ran = command.run().exits(3).says_nothing().complains("ANTHROPIC_BASE_URL");
        assert!(!ran.stderr.contains("user:pw"), "{}", ran.stderr);
    }
}

#[test]
fn an_upstream_that_is_not_there_is_named() {
    let mut command = promptchain(&["run", "hello"]);
    command.env("ANTHROPIC_BASE_URL", "http://127.0.0.1:9").env("RETRY_MAX_ATTEMPTS", "1");
    command
        .run()
        .exits(4)
        .says_nothing()
        .complains("can't connect to http://127.0.0.1:9")
        .complains("hint: ");
}

#[test]
fn prompt_files_that_are_missing_or_wrong_are_named_with_their_place() {
    refused(|_| (), &["--prompts", "nowhere", "x"], 3, "nowhere");
    let write = |text: &'static str| {
        move |command: &mut crate::support::Command| {
            command.file("p/chain_process.md", text);
        }
    };
    let args = ["--prompts", "p", "x"];
    refused(write("Hello {{ wolrd }}"), &args, 3, "chain_process.md:1:").complains("wolrd");
    refused(write("+++\nmodle = \"x\"\n+++\nHello"), &args, 3, "chain_process.md:2:").complains("modle");
    refused(write("{% if %}"), &args, 3, "chain_process.md:1:");
    refused(write(""), &args, 3, "chain_process.md");
    refused(|_| (), &["--var", "nobody_uses=this", "x"], 3, "nobody_uses");
}

#[test]
fn all_settings_out_of_range_are_told_at_once_with_where_they_came_from() {
    let prepare = |command: &mut crate::support::Command| {
        command
            .env("CHAIN_PROCESS_MAX_TOKENS", "0")
            .file(".env", "RETRY_MAX_ATTEMPTS=11\nCHAIN_REPAIR_ATTEMPTS=many\n");
    };
    refused(prepare, &["x"], 3, "CHAIN_PROCESS_MAX_TOKENS=0")
        .complains("from 1 to 64000")
        .complains(".env:1:20: RETRY_MAX_ATTEMPTS=11: must be")
        .complains(".env:2:23: CHAIN_REPAIR_ATTEMPTS=many: must be");
}

#[test]
fn a_flag_is_found_fault_with_by_its_own_name() {
    let told = "error: --max-cost: `abc` must be an amount of US dollars above 0 [invalid-value]\n";
    let ran = refused(|_| (), &["--max-cost", "abc", "x"], 2, told);
    assert!(!ran.stderr.contains("CHAIN_"), "{}", ran.stderr);
    let ran = refused(
        |_| (),
        &["--set", "process.max_tokens=sk-ant-1", "x"],
        2,
        "the value must be a whole number",
    );
    assert!(!ran.stderr.contains("sk-ant"), "{}", ran.stderr);
}

#[test]
fn a_model_that_nobody_knows_is_warned_of_offline_too() {
    let told = "warning: --model: the model claude-haiku-9 isn't known";
    promptchain(&["run", "--offline", "--model", "claude-haiku-9", "x"])
        .run()
        .exits(3)
        .says_nothing()
        .complains(told);
    promptchain(&["run", "--offline", "--model", "claude-2.1", "x"])
        .run()
        .exits(3)
        .complains("claude-2.1 was retired on 2025-07-21");
    let mut command = promptchain(&["run", "--offline", "--model", "llama3.2", "x"]);
    command.env("ANTHROPIC_BASE_URL", "http://localhost:11434");
    let ran = command.run().exits(0);
    assert!(!ran.stderr.contains("isn't known"), "{}", ran.stderr);
}

#[test]
fn more_tokens_than_the_model_can_write_are_refused() {
    let args = ["--set", "process.max_tokens=64000", "--max-cost", "0.000001", "x"];
    refused(|_| (), &args, 9, "could cost up to");
    refused(|_| (), &["--model", "llama3.2", "--max-cost", "1", "x"], 3, "the price of llama3.2 isn't known");
}

#[test]
fn a_model_that_the_upstream_does_not_know_costs_one_call() {
    let upstream = Upstream::good();
    let ran = upstream.run(&["--model", "claude-haiku-9", "x"]).exits(3).says_nothing();
    ran.complains("claude-haiku-9").complains("hint: ");
    assert_eq!(upstream.calls().len(), 1);
}
