//! Nobody who is sent a secret can have it sent on to somebody else.

use super::{TALKATIVE, of};
use crate::support::{Answering, Served, Upstream, chat, promptchain, serve};

/// A server that redirects everybody to that URL, and counts who comes.
fn redirecting(status: u16, to: &str) -> Answering {
    let location = format!("{status} Elsewhere\r\nLocation: {to}/elsewhere");
    Answering::with(move |_| (location.clone(), String::new()))
}

#[test]
fn no_redirect_is_followed_by_any_client() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Answering::with(|_| ("200 OK".to_owned(), "{}".to_owned()));
        let first = redirecting(status, &elsewhere.url());
        let upstream = Upstream::good();
        for (name, further) in [
            (
                "ANTHROPIC_BASE_URL",
                [("ANTHROPIC_API_KEY", of::api_key().value), ("RETRY_MAX_ATTEMPTS", "1".into())],
            ),
            ("LOKI_URL", [("LOKI_USERNAME", "ada".to_owned()), ("LOKI_PASSWORD", of::loki_password().value)]),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                [
                    ("OTEL_EXPORTER_OTLP_HEADERS", super::commands::otlp_headers()),
                    ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000".to_owned()),
                ],
            ),
        ] {
            let before = first.asked().len();
            let mut command = serve(&TALKATIVE);
            command.env("ANTHROPIC_BASE_URL", &upstream.base_url()).env(name, &first.url());
            for (name, value) in &further {
                command.env(name, value);
            }
            let served = Served::start(command);
            served.ask(&chat(false));
            served.signal("TERM");
            let log = served.finish().exits(0).log.whole_text();
            assert!(first.asked().len() > before, "{name} is asked: {log}");
            assert!(log.contains(&status.to_string()), "{name}: it is told: {log}");
            assert!(elsewhere.asked().is_empty(), "{name} {status}: {:?}", elsewhere.asked());
        }
    }
}

#[test]
fn no_command_follows_a_redirect_and_the_hint_says_where_to_go() {
    let elsewhere = Answering::with(|_| ("200 OK".to_owned(), "{}".to_owned()));
    let first = redirecting(307, &elsewhere.url());
    for args in [
        &["run", "hello"][..],
        &["run", "--dry-run", "--count", "hello"],
        &["validate", "--live"],
        &["batch", "in.jsonl"],
        &["batch", "in.jsonl", "--message-batches"],
    ] {
        let before = first.asked().len();
        let mut command = promptchain(args);
        command
            .env("ANTHROPIC_BASE_URL", &first.url())
            .env("ANTHROPIC_API_KEY", &of::api_key().value)
            .env("RETRY_MAX_ATTEMPTS", "1")
            .file("in.jsonl", "\"hello\"\n");
        let ran = command.run();
        assert_ne!(ran.code, Some(0), "{args:?}: {ran:?}");
        assert!(first.asked().len() > before, "{args:?}: {ran:?}");
        assert!(elsewhere.asked().is_empty(), "{args:?}: {:?}", elsewhere.asked());
    }
}
