//! Keys are never printed: not by errors, not by logs at any level, not by the servers we quote.

use crate::support::{Ran, Upstream, promptchain};

const KEY: &str = "sk-ant-canary-0123456789abcdef";

#[track_caller]
fn keeps_it(ran: &Ran) {
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"), "{ran:?}");
}

#[test]
fn a_key_that_cannot_be_used_is_not_quoted() {
    for key in [format!("{KEY}\nX-Evil: 1"), format!("{KEY}ü")] {
        let mut command = promptchain(&["run", "hello"]);
        command.env("ANTHROPIC_API_KEY", &key);
        let ran = command.run().exits(3).says_nothing().complains("ANTHROPIC_API_KEY");
        keeps_it(&ran);
    }
}

#[test]
fn a_base_url_in_a_folders_env_file_does_not_get_the_users_key() {
    let upstream = Upstream::good();
    let mut command = promptchain(&["run", "hello"]);
    command
        .file(".env", format!("ANTHROPIC_BASE_URL={}\n", upstream.base_url()))
        .env("ANTHROPIC_API_KEY", KEY);
    command.run().exits(0).complains("ANTHROPIC_BASE_URL");
    assert!(upstream.calls().iter().all(|call| call.credential.is_none()));

    let mut command = promptchain(&["--env-file", "my.env", "run", "hello"]);
    command
        .file("my.env", format!("ANTHROPIC_BASE_URL={}\n", upstream.base_url()))
        .env("ANTHROPIC_API_KEY", KEY);
    command.run().exits(0);
    assert!(upstream.calls()[3..].iter().all(|call| call.credential.is_some()), "named on purpose");
}

#[test]
fn a_folders_env_file_that_sends_prompts_elsewhere_is_told_of_and_with_q_it_isnt() {
    let told = |args: &[&str], base_url: &str| {
        let mut command = promptchain(args);
        command.file(".env", format!("ANTHROPIC_BASE_URL={base_url}\n"));
        command.run().exits(0).stderr.contains("merely found in the current folder says so")
    };
    let elsewhere = "http://elsewhere.example";
    assert!(told(&["run", "--dry-run", "hello"], elsewhere));
    assert!(!told(&["-q", "run", "--dry-run", "hello"], elsewhere));
    assert!(!told(&["run", "--offline", "hello"], elsewhere), "nobody is called");
    assert!(!told(&["run", "--dry-run", "hello"], "http://localhost:11434"));
}
