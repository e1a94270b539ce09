//! Servers that say in their errors what they were sent, as gateways and validators have been seen to do: what
//! they quote isn't told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::commands::otlp_headers;
use super::{Canary, TALKATIVE, all, of, sightings};
use crate::support::{
    Answering, Asked, Collector, Collects, Served, Upstream, chat, chat_by, promptchain, question, serve,
    token,
};

/// The last words that the client has sent.
fn last_words(asked: &Asked) -> String {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let content = &body["messages"].as_array().unwrap().last().unwrap()["content"];
    let block = content.as_array().and_then(|blocks| blocks.last()).map(|block| &block["text"]);
    block.unwrap_or(content).as_str().unwrap().to_owned()
}

/// From the prompt on, so that it isn't cut off as too long to be told.
fn from_the_prompt_on(asked: &Asked) -> String {
    let words = last_words(asked);
    words[words.find("Zx7Prompt").unwrap()..].to_owned()
}

fn error(message: &str) -> String {
    json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}}).to_string()
}

/// What quotes a request.
type Quote = fn(&Asked) -> String;

/// Ways to quote a request: the status, and the body.
const QUOTING: [(&str, Quote); 8] = [
    ("400 Bad Request", |asked| error(&asked.head)),
    ("401 Unauthorized", |asked| asked.head.clone()),
    ("500 Oops", |asked| Value::from(asked.head.as_str()).to_string()),
    ("400 Bad Request", |asked| error(&format!("input_value='{}'", from_the_prompt_on(asked)))),
    ("422 Unprocessable", |asked| error(&format!("{:?} is wrong", from_the_prompt_on(asked)))),
    ("400 Bad Request", |asked| error(&Value::from(from_the_prompt_on(asked)).to_string())),
    ("500 Oops", from_the_prompt_on),
    ("500 Oops", |asked| from_the_prompt_on(asked).to_uppercase()),
];

#[test]
fn an_upstreams_error_that_quotes_the_request_is_told_without_it() {
    for (nth, (status, quote)) in QUOTING.into_iter().enumerate() {
        for is_event in [false, true] {
            let upstream = Answering::with(move |asked| {
                if is_event {
                    let head = "200 OK\r\nContent-Type: text/event-stream".to_owned();
                    (head, format!("event: error\ndata: {}\n\n", error(&quote(asked))))
                } else {
                    (format!("{status}\r\nContent-Type: application/json"), quote(asked))
                }
            });
            let mut command = serve(&TALKATIVE);
            command
                .env("ANTHROPIC_BASE_URL", &upstream.url())
                .env("ANTHROPIC_API_KEY", &of::api_key().value)
                .env("RETRY_MAX_ATTEMPTS", "1");
            let served = Served::start(command);
            let response = served.ask(&chat_by(token(), &question(&of::prompt().value, false)));
            assert!(response.status >= 400, "{response:?}");
            served.signal("TERM");
            let log = served.finish().exits(0).log.whole_text();
            assert!(log.contains("Attempt failed") && log.contains("upstream"), "{log}");
            let places = [("log", log.clone().into_bytes()), ("response", response.body)];
            assert_eq!(sightings(&all(), places), [""; 0], "{nth} {status} {is_event}: {log}");
            let mut command = promptchain(&["run", "-v", "--json", &of::prompt().value]);
            command
                .env("ANTHROPIC_BASE_URL", &upstream.url())
                .env("ANTHROPIC_AUTH_TOKEN", &of::auth_token().value)
                .env("RETRY_MAX_ATTEMPTS", "1");
            let ran = command.run().says_nothing();
            assert!(!of::auth_token().is_in(ran.stderr.as_bytes()), "{}", ran.stderr);
        }
    }
}

/// What a server logs that has something to log and ends then.
fn logged(environment: &[(&str, &str)]) -> String {
    let upstream = Upstream::good();
    let served = upstream.serve(&[&TALKATIVE[..], environment].concat());
    served.ask(&chat(false)).answer();
    served.signal("TERM");
    served.finish().exits(0).log.whole_text()
}

#[test]
fn a_loki_that_quotes_the_password_is_told_without_it() {
    let password = |asked: &Asked| {
        let basic = asked.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
        String::from_utf8(BASE64_STANDARD.decode(basic).unwrap()).unwrap()
    };
    let quoting: [fn(&Asked, String) -> String; 4] = [
        |asked, _| asked.head.clone(),
        |_, password| format!("who is {password}?"),
        |_, password| json!({"error": format!("who is {password}?")}).to_string(),
        |_, password| format!("who is {password:?}?"),
    ];
    for quote in quoting {
        let loki = Answering::with(move |asked| ("401 No".to_owned(), quote(asked, password(asked))));
        let secret = of::loki_password();
        let log =
            logged(&[("LOKI_URL", &loki.url()), ("LOKI_USERNAME", "a"), ("LOKI_PASSWORD", &secret.value)]);
        assert!(log.contains("Loki answered 401"), "{log}");
        assert!(!secret.is_in(log.as_bytes()), "{log}");
    }
}

#[test]
fn a_collector_that_quotes_its_headers_is_told_without_them() {
    for protocol in ["http/protobuf", "grpc"] {
        let collector = Collector::that(Collects::Quotes);
        let url = if protocol == "grpc" { collector.grpc_url() } else { collector.url() };
        let log = logged(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_HEADERS", &otlp_headers()),
        ]);
        let secret = of::otlp_header();
        assert!(log.contains("Spans didn't reach the collector"), "{protocol}: {log}");
        assert!(!secret.is_in(log.as_bytes()), "{protocol}: {log}");
    }
}

/// A store that knows no command, and says with which arguments it was called. It ends with the test's process.
fn store_that_quotes() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut lines = BufReader::new(&client).lines().map_while(Result::ok);
                while let Some(count) = lines.next() {
                    let count: usize = count.strip_prefix('*').unwrap().parse().unwrap();
                    // Each has a line with its length before it.
                    let words: Vec<String> =
                        (0..count).filter_map(|_| lines.next().and_then(|_| lines.next())).collect();
                    let args: Vec<String> = words.iter().skip(1).map(|arg| format!("'{arg}' ")).collect();
                    let error = format!(
                        "-ERR unknown command '{}', with args beginning with: {}\r\n",
                        words[0],
                        args.concat()
                    );
                    if (&client).write_all(error.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address.to_string()
}

#[test]
fn a_store_that_quotes_the_password_is_told_without_it() {
    let secret: Canary = of::redis_password();
    let url = super::commands::redis_url().replace("127.0.0.1:1", &store_that_quotes());
    for user in ["default:", ":"] {
        let url = url.replace("default:", user);
        let log = logged(&[("REDIS_URL", &url)]);
        assert!(log.contains("The shared store is gone"), "{log}");
        assert!(!secret.is_in(log.as_bytes()), "{log}");
        let mut command = serve(&[("REDIS_URL", url.as_str())]);
        command.args(&["--check"]).env("ANTHROPIC_API_KEY", "sk-some-key");
        let ran = command.run().exits(0).complains("doesn't answer");
        assert!(!secret.is_in(ran.stderr.as_bytes()), "{}", ran.stderr);
    }
}
