//! A run in which all goes well.

use crate::support::{Upstream, promptchain};

#[test]
fn the_first_command_of_the_readme_streams_an_answer() {
    let ran = promptchain(&["run", "--offline", "What makes a good commit message?"]).run().exits(0);
    assert!(ran.stdout.contains("commit message"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with('\n'));
    assert!(ran.stderr.contains("simulated"), "{}", ran.stderr);
}

#[test]
fn offline_runs_need_neither_key_nor_network_and_give_the_same_answer_each_time() {
    let run = || {
        let mut command =
            promptchain(&["run", "--offline", "-q", "Compare Rust and Go for network services"]);
        // Proxies that don't exist: loopback must not be asked of them.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, "http://127.0.0.1:9");
        }
        command.run().exits(0)
    };
    let (first, second) = (run(), run());
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(first.stderr, "");
}

#[test]
fn three_calls_are_made_with_the_credentials_and_the_runs_id() {
    let upstream = Upstream::good();
    let ran =
        upstream.run_with(&["--json", "Say hello"], &[("ANTHROPIC_API_KEY", "sk-test-1234567890")]).exits(0);
    let calls = upstream.calls();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert_eq!(call.x_request_id.as_deref(), ran.json()["request_id"].as_str());
        assert_eq!(call.anthropic_version.as_deref(), Some("2023-06-01"));
        assert_eq!(call.credential, Some(promptchain::simulator::Credential::XApiKey));
        assert_eq!(call.body["stream"], true);
        assert_eq!(call.body["output_config"]["format"]["type"], "json_schema");
    }
}

#[test]
fn the_argument_files_and_stdin_make_one_prompt_in_this_order() {
    let upstream = Upstream::good();
    let mut command = upstream.command(&["First", "-f", "second.md"], &[]);
    command.file("second.md", "Second\n").stdin("Third\n");
    command.run().exits(0);
    let text = upstream.calls()[0].body["messages"][0]["content"].to_string();
    assert!(text.contains(r"First\n\nSecond\n\nThird"), "{text}");
}

#[test]
fn a_dash_is_stdin() {
    let upstream = Upstream::good();
    for args in [["-", "-q"], ["-f", "-"]] {
        let mut command = upstream.command(&args, &[]);
        command.stdin("From the pipe");
        command.run().exits(0);
    }
    for call in upstream.calls() {
        assert!(call.body["messages"].to_string().contains("From the pipe"));
    }
}

#[test]
fn a_file_of_messages_is_the_conversation_and_the_prompt_its_last_turn() {
    let upstream = Upstream::good();
    let mut command = upstream.command(&["--messages", "chat.json", "And mine?"], &[]);
    command.file(
        "chat.json",
        r#"[{"role":"system","content":"Answer in French."},{"role":"user","content":"What is your name?"},
            {"role":"assistant","content":"Claude."}]"#,
    );
    command.run().exits(0);
    for call in upstream.calls() {
        let (system, messages) = (call.body["system"].to_string(), call.body["messages"].to_string());
        assert!(system.contains("Answer in French."));
        assert!(messages.contains("What is your name?") && messages.contains("And mine?"));
    }
}

#[test]
fn the_result_can_be_written_to_a_file_which_is_whole_or_absent() {
    let upstream = Upstream::good();
    let ran = upstream.run(&["-o", "answer.md", "Say hello"]).exits(0).says_nothing();
    let text = std::fs::read_to_string(ran.folder.join("answer.md")).unwrap();
    assert!(text.ends_with('\n') && text.len() > 20, "{text}");

    let broken = Upstream::with_faults(&["synthesize:reset-mid-reply"]);
    let mut command = broken.command(&["-o", "answer.md", "Say hello"], &[("RETRY_MAX_ATTEMPTS", "1")]);
    command.file("answer.md", "what was there");
    let ran = command.run().exits(4);
    assert_eq!(std::fs::read_to_string(ran.folder.join("answer.md")).unwrap(), "what was there");
    assert_eq!(std::fs::read_dir(&ran.folder).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn models_profiles_and_settings_reach_the_upstream() {
    let upstream = Upstream::good();
    let args = [
        "--profile",
        "balanced",
        "--analyze-model",
        "claude-haiku-4-5",
        "--set",
        "process.max_tokens=1000",
        "x",
    ];
    upstream.run(&args).exits(0);
    let sent: Vec<(String, u64)> = upstream
        .calls()
        .iter()
        .map(|call| (call.model.clone().unwrap(), call.body["max_tokens"].as_u64().unwrap()))
        .collect();
    let expected = [("claude-haiku-4-5", 2048), ("claude-sonnet-5-5", 1000), ("claude-haiku-5-5", 2048)];
    assert_eq!(sent, expected.map(|(model, tokens)| (model.to_owned(), tokens)));
}

#[test]
fn prompts_are_overridden_file_by_file_and_rendered_with_variables() {
    let upstream = Upstream::good();
    let mut command = upstream.command(&["--prompts", "mine", "--var", "who=a pirate", "x"], &[]);
    let prompt = "+++\nmodel = \"claude-haiku-5-5\"\nmax_tokens = 777\n[fields]\nmood = \"string\"\n+++\n\
                  You are {{ who }}. Return intent, key_entities, complexity, context and mood.\n";
    command.file("mine/chain_analyze.md", prompt);
    let mut args = command;
    args.args(&["--json"]);
    let ran = args.run().exits(0);
    let calls = upstream.calls();
    assert!(calls[0].body["system"].to_string().contains("You are a pirate."));
    assert_eq!(calls[0].body["max_tokens"], 777);
    assert_eq!(calls[0].model.as_deref(), Some("claude-haiku-5-5"));
    assert!(calls[1].body["system"].to_string().contains("You are the second of three steps"));
    assert!(ran.json()["analysis"]["mood"].is_string(), "{}", ran.stdout);
}
