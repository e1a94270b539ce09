//! Commands in a terminal: keys leave for the upstream alone, and the prompt for where its user sends it.

use promptchain::simulator::{Fault, FaultRule};

use super::{TALKATIVE, all, of, sightings, whole_folder};
use crate::support::{Collector, Collects, Command, Served, Tap, Upstream, promptchain};

/// A command that is given every secret there is, and an upstream that is listened to.
fn with_all_secrets(args: &[&str], upstream: &Tap) -> Command {
    let mut command = promptchain(args);
    command
        .env("ANTHROPIC_BASE_URL", &upstream.url())
        .env("ANTHROPIC_API_KEY", &of::api_key().value)
        .env("JWT_SECRET_KEY", &of::jwt_secret().value)
        .env("JWT_SECRET_KEY_PREVIOUS", &of::jwt_previous().value)
        .env("CHECKPOINT_KEY", &of::checkpoint_key().value)
        .env("REDIS_URL", &redis_url())
        .env("LOKI_USERNAME", "ada")
        .env("LOKI_PASSWORD", &of::loki_password().value)
        .env("OTEL_EXPORTER_OTLP_HEADERS", &otlp_headers())
        .env("RETRY_MAX_ATTEMPTS", "1");
    for (name, value) in TALKATIVE {
        command.env(name, value);
    }
    command
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(super) fn redis_url() -> String {
    format!("redis://default:{}@127.0.0.1:1", percent(&of::redis_password().value))
}

pub(super) fn otlp_headers() -> String {
    format!("authorization=Bearer%20{}", percent(&of::otlp_header().value))
}

/// Runs the command, which gets the prompt on stdin, and asserts what is seen where.
#[track_caller]
fn check(args: &[&str], code: i32, expected: &[&str]) {
    let upstream = Upstream::good();
    let tap = Tap::before(&upstream.base_url());
    let mut command = with_all_secrets(args, &tap);
    command.stdin(of::prompt().value);
    let ran = command.run().exits(code);
    let places = [
        ("stdout", ran.stdout.clone().into_bytes()),
        ("stderr", ran.stderr.clone().into_bytes()),
        ("files", whole_folder(&ran.folder)),
        ("upstream", tap.heard()),
    ];
    assert_eq!(sightings(&all(), places), expected, "{args:?}: {ran:?}");
}

#[test]
fn a_run_sends_its_key_and_its_prompt_upstream_and_prints_the_answer() {
    const SENT: [&str; 2] = ["upstream: ANTHROPIC_API_KEY", "upstream: prompt"];
    for args in [&["run"][..], &["run", "-v"], &["run", "--json"], &["run", "--jsonl", "-v"]] {
        check(args, 0, &[&["stdout: prompt"], &SENT[..]].concat());
    }
    check(&["run", "-q", "-o", "answer.md"], 0, &[&["files: prompt"], &SENT[..]].concat());
    for kept in [["--save", "state.json"], ["--record", "tape"]] {
        let args = [&["run"], &kept[..]].concat();
        check(&args, 0, &[&["files: prompt", "stdout: prompt"], &SENT[..]].concat());
    }
    check(&["run", "--dry-run"], 0, &["stdout: prompt"]);
    check(&["run", "--offline"], 0, &["stdout: prompt"]);
}

#[test]
fn a_token_goes_upstream_as_a_key_does() {
    let upstream = Upstream::good();
    let tap = Tap::before(&upstream.base_url());
    let mut command = promptchain(&["run", "-v", "--json", "--record", "tape"]);
    command
        .env("ANTHROPIC_BASE_URL", &tap.url())
        .env("ANTHROPIC_AUTH_TOKEN", &of::auth_token().value)
        .stdin(of::prompt().value);
    let ran = command.run().exits(0);
    let places = [
        ("stdout", ran.stdout.clone().into_bytes()),
        ("stderr", ran.stderr.clone().into_bytes()),
        ("files", whole_folder(&ran.folder)),
        ("upstream", tap.heard()),
    ];
    let expected = ["files: prompt", "stdout: prompt", "upstream: ANTHROPIC_AUTH_TOKEN", "upstream: prompt"];
    assert_eq!(sightings(&all(), places), expected);
}

#[test]
fn no_other_command_shows_or_sends_anything() {
    for args in [&["config"][..], &["config", "-v"], &["config", "--json"], &["config", "--changed"]] {
        check(args, 0, &[]);
    }
    for format in ["text", "json", "github", "sarif", "junit"] {
        check(&["validate", "--format", format], 0, &[]);
    }
    check(&["validate", "-v", "--live"], 0, &["upstream: ANTHROPIC_API_KEY"]);
    check(&["token", "--subject", "alice"], 0, &[]);
    check(&["token", "--subject", "alice", "--json", "--expires-in", "1h"], 0, &[]);
    check(&["token", "inspect", "-"], 1, &[]);
    check(&["init", "new", "--yes"], 0, &[]);
    check(&["serve", "--check"], 0, &[]);
    check(&["schema", "run"], 0, &[]);
    check(&["man"], 0, &[]);
}

#[test]
fn a_batch_keeps_prompts_in_its_journal_and_results_alone() {
    let upstream = Upstream::with_faults(&["process:server-error@1", "analyze:refusal@2"]);
    let tap = Tap::before(&upstream.base_url());
    for further in [&[][..], &["--message-batches"]] {
        let args = [&["batch", "in.jsonl", "-o", "out.jsonl"], further].concat();
        let mut command = with_all_secrets(&args, &tap);
        let line = serde_json::Value::from(of::prompt().value).to_string();
        command.file("in.jsonl", format!("{line}\n{line}\n{line}\n"));
        let ran = command.run();
        std::fs::remove_file(ran.folder.join("in.jsonl")).unwrap();
        let places = [
            ("stdout", ran.stdout.clone().into_bytes()),
            ("stderr", ran.stderr.clone().into_bytes()),
            ("files", whole_folder(&ran.folder)),
            ("upstream", tap.heard()),
        ];
        let expected = ["files: prompt", "upstream: ANTHROPIC_API_KEY", "upstream: prompt"];
        assert_eq!(sightings(&all(), places), expected, "{further:?}: {ran:?}");
    }
}

#[test]
fn no_fault_has_a_run_show_a_key() {
    let keys: Vec<_> = all().into_iter().filter(|canary| canary.name != "prompt").collect();
    for &fault in Fault::all() {
        // Some are of one step alone, or of batches.
        let rules = ["analyze", "process", "synthesize"].map(|step| format!("{step}:{}", fault.name()));
        let Some(rule) = rules.into_iter().rev().find(|rule| rule.parse::<FaultRule>().is_ok()) else {
            continue;
        };
        let upstream = Upstream::with_faults(&[&rule]);
        let tap = Tap::before(&upstream.base_url());
        let args = ["run", "-v", "--json", "--strict", "--record", "tape", "--timeout", "2"];
        let mut command = with_all_secrets(&args, &tap);
        command.env("LOG_CONTENT", "true").env("CHAIN_REPAIR_ATTEMPTS", "0").stdin(of::prompt().value);
        let ran = command.run();
        let places = [
            ("stdout", ran.stdout.clone().into_bytes()),
            ("stderr", ran.stderr.clone().into_bytes()),
            ("files", whole_folder(&ran.folder)),
            ("upstream", tap.heard()),
        ];
        assert_eq!(sightings(&keys, places), ["upstream: ANTHROPIC_API_KEY"], "{rule}: {ran:?}");
    }
}

#[test]
fn a_run_is_traced_without_keys_and_prompts() {
    let (upstream, collector) = (Upstream::good(), Collector::that(Collects::All));
    let (to_upstream, to_collector) = (Tap::before(&upstream.base_url()), Tap::before(&collector.url()));
    let mut command = with_all_secrets(&["run", "-q"], &to_upstream);
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &to_collector.url()).stdin(of::prompt().value);
    command.run().exits(0);
    let places = [("collector", to_collector.heard()), ("upstream", to_upstream.heard())];
    let expected =
        ["collector: OTEL_EXPORTER_OTLP_HEADERS", "upstream: ANTHROPIC_API_KEY", "upstream: prompt"];
    assert_eq!(sightings(&all(), places), expected);
}

#[test]
fn a_simulator_keeps_no_key_that_it_is_sent() {
    let mut command = promptchain(&["simulate", "--port", "0", "--log", "calls.jsonl"]);
    for (name, value) in TALKATIVE {
        command.env(name, value);
    }
    let folder = command.folder().to_owned();
    let simulator = Served::start(command);
    for (name, key) in [("ANTHROPIC_API_KEY", of::api_key()), ("ANTHROPIC_AUTH_TOKEN", of::auth_token())] {
        let mut command = promptchain(&["run", "-q", "hello"]);
        command.env("ANTHROPIC_BASE_URL", &format!("http://{}", simulator.address())).env(name, &key.value);
        command.run().exits(0);
    }
    let log = std::fs::read_to_string(folder.join("calls.jsonl")).unwrap();
    assert!(log.lines().count() >= 6, "{log}");
    simulator.signal("TERM");
    let ended = simulator.finish();
    let places = [
        ("log", log.into_bytes()),
        ("stdout", ended.stdout.into_bytes()),
        ("stderr", ended.log.whole_text().into_bytes()),
    ];
    assert_eq!(sightings(&all(), places), [""; 0]);
}

#[test]
fn a_proxys_password_is_not_told_when_it_cannot_be_reached() {
    let secret = of::loki_password();
    let proxy = format!("http://ada:{}@127.0.0.1:1", percent(&secret.value));
    for (name, upstream) in [("HTTP_PROXY", "http://192.0.2.1"), ("HTTPS_PROXY", "https://192.0.2.1")] {
        for format in ["--json", "--output=text"] {
            let mut command = promptchain(&["run", "-v", format, "hello"]);
            command
                .env("ANTHROPIC_BASE_URL", upstream)
                .env(name, &proxy)
                .env(&name.to_lowercase(), &proxy)
                .env("RETRY_MAX_ATTEMPTS", "1");
            let ran = command.run().exits(4).says_nothing().complains("connect");
            assert!(!secret.is_in(ran.stderr.as_bytes()), "{}", ran.stderr);
        }
    }
}
