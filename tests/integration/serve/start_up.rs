//! A server starts in good order, or says all that keeps it from that.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Command, Request, SECRET, Served, chat, models, promptchain, serve, token};

/// `serve` in an empty environment, with these variables.
fn bare(args: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = promptchain(&["serve"]);
    command.args(args);
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

#[test]
fn everything_that_keeps_it_from_starting_is_said_at_once() {
    let wrong = [
        ("API_PORT", "99999"),
        ("API_HOST", "not a host"),
        ("MAX_REQUEST_BODY_SIZE", "5"),
        ("RATE_LIMIT_CHAT_COMPLETIONS", "ten a minute"),
        ("JWT_ALGORITHM", "none"),
        ("LOG_LEVEL", "LOUD"),
        ("CORS_ORIGINS", "https://app.example/path"),
        ("STREAM_COMMIT_MS", "soon"),
        ("CHAIN_ANALYZE_MAX_TOKENS", "0"),
        ("CIRCUIT_BREAKER_TIMEOUT", "1"),
    ];
    for check in [&[][..], &["--check"]] {
        let ran = bare(check, &wrong).run().exits(3).says_nothing();
        for (name, value) in wrong {
            assert!(ran.stderr.contains(name) && ran.stderr.contains(value), "{name}: {}", ran.stderr);
        }
        assert!(ran.stderr.contains("ANTHROPIC_API_KEY"), "{}", ran.stderr);
    }
    // With the rest in order, what is missing is said too.
    let ran = bare(&[], &[]).run().exits(3).says_nothing();
    ran.complains("ANTHROPIC_API_KEY").complains("JWT_SECRET_KEY").complains("openssl rand -hex 32");
}

#[test]
fn prompts_are_checked_with_the_rest() {
    for (prompt, complaint) in [
        ("Find out {{ what }} is asked for.", "what"),
        ("+++\nmax_tokens = \"many\"\n+++\nFind out.", "max_tokens"),
    ] {
        let mut command = bare(&["--offline"], &[("CHAIN_PROMPTS_DIR", "prompts"), ("API_PORT", "x")]);
        command.file("prompts/chain_analyze.md", prompt);
        let ran = command.run().exits(3).says_nothing();
        ran.complains("chain_analyze.md:").complains(complaint).complains("API_PORT");
    }
}

#[test]
fn a_check_binds_nothing_and_calls_nobody() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let environment =
        [("API_PORT", port.as_str()), ("JWT_SECRET_KEY", SECRET), ("ANTHROPIC_API_KEY", "sk-ant-0123456789")];
    let ran = bare(&["--check"], &environment).run().exits(0).says_nothing();
    ran.complains("settings and prompts are fine");
    bare(&["--check"], &environment[..1]).run().exits(3).says_nothing().complains("JWT_SECRET_KEY");
    let quiet = bare(&["--check", "-q"], &environment).run().exits(0).says_nothing();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_port_that_is_taken_is_said_with_what_to_do() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let environment = [("JWT_SECRET_KEY", SECRET), ("API_PORT", port.as_str())];
    let ran = bare(&["--offline"], &environment).run().exits(3).says_nothing();
    assert!(ran.stderr.contains(&format!("127.0.0.1:{port}")), "{}", ran.stderr);
    let ran = ran.complains("\"hint\":\"choose another API_HOST or API_PORT");
    let entries: Vec<Value> = ran.stderr.lines().filter_map(|it| serde_json::from_str(it).ok()).collect();
    let levels: Vec<_> = entries.iter().map(|entry| entry["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["CRITICAL"], "{}", ran.stderr);
    let flag = ["--offline", "--port", "0"];
    Served::start(bare(&flag, &environment));
}

#[test]
fn production_refuses_what_is_only_warned_about_elsewhere() {
    let unsafe_settings = [
        ("JWT_SECRET_KEY", "change-me-change-me-change-me-change-me", "JWT_SECRET_KEY"),
        ("JWT_SECRET_KEY_PREVIOUS", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "JWT_SECRET_KEY_PREVIOUS"),
        ("CORS_ORIGINS", "*", "CORS_ORIGINS"),
    ];
    for (name, value, complaint) in unsafe_settings {
        let with_environment = |word| {
            let mut command = bare(&["--offline", "--check"], &[("JWT_SECRET_KEY", SECRET)]);
            command.env("ENVIRONMENT", word).env(name, value);
            command.run()
        };
        with_environment("production").exits(3).says_nothing().complains(complaint);
        for elsewhere in ["development", "staging", "test"] {
            with_environment(elsewhere).exits(0).complains("warning: ").complains(complaint);
        }
    }
    let production = [("JWT_SECRET_KEY", SECRET), ("ENVIRONMENT", "production")];
    bare(&["--offline", "--check"], &production).run().exits(0);
}

#[test]
fn without_a_network_and_a_key_it_serves_simulated_answers() {
    let served = Served::start(bare(&["--offline", "--port", "0"], &[("JWT_SECRET_KEY", SECRET)]));
    for stream in [false, true] {
        let response = served.ask(&chat(stream));
        assert!(response.has_common_headers().answer().starts_with('#'));
    }
    let listening = served.log().wait_for("Listening");
    assert_eq!(listening["upstream"], "simulator");
    assert_eq!(listening["address"], format!("http://{}", served.address()).as_str());
    served.signal("INT");
    served.finish().exits(0);
}

#[test]
fn it_listens_where_it_is_told_to() {
    // All of 127.0.0.0/8 is this machine, on Linux.
    if cfg!(target_os = "linux") {
        let served = Served::start(serve_offline(&[("API_HOST", "127.0.0.2")]));
        assert_eq!(served.address().ip().to_string(), "127.0.0.2");
        let mut command = serve_offline(&[("API_HOST", "127.0.0.2")]);
        command.args(&["--host", "127.0.0.3"]);
        let served = Served::start(command);
        assert_eq!(served.address().ip().to_string(), "127.0.0.3", "the flag comes first");
        assert_eq!(served.ask(&Request::get("/v1/models").by(token())).status, 200);
    }
    let served = Served::start(serve_offline(&[("API_HOST", "localhost")]));
    assert!(served.address().ip().is_loopback());
}

fn serve_offline(environment: &[(&str, &str)]) -> Command {
    let mut command = serve(environment);
    command.args(&["--offline"]);
    command
}

#[test]
fn a_quiet_server_logs_only_errors() {
    let mut quiet = serve(&[]);
    quiet.args(&["--offline", "-q"]);
    let served = Served::start(quiet);
    assert_eq!(served.ask(&models()).status, 200);
    served.signal("TERM");
    assert_eq!(served.finish().exits(0).log.whole_text(), "");
}
