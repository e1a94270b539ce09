//! Real streams through a real nginx: nothing is gathered, nothing is begun twice, and nobody is believed.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::num::NonZeroU32;

use promptchain::simulator::{End, SimulatorConfig, Step};
use serde_json::json;

use super::Nginx;
use super::nginx::upstream;
use crate::support::{
    Connection, Leaving, Request, Served, Upstream, chat, chat_by, models, question, token,
};

fn before(served: &Served) -> Option<Nginx> {
    Nginx::before(&[served.address().to_string()])
}

/// Reads the stream until these words have come so many times.
#[track_caller]
fn read_until(client: &mut Connection, words: &str, times: usize) -> String {
    let head = client.head();
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(head.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(head.header("content-encoding"), None);
    let mut text = String::new();
    while text.matches(words).count() < times {
        let chunk = client.chunk();
        assert!(!chunk.is_empty(), "it ended: {text}");
        text += std::str::from_utf8(&chunk).unwrap();
    }
    text
}

#[test]
fn text_arrives_while_the_reply_is_still_written_and_a_client_that_leaves_ends_it() {
    let simulator = Upstream::with_faults(&["synthesize:hang-mid-reply"]);
    let served = simulator.serve(&[]);
    let Some(nginx) = before(&served) else { return };
    for how in [Leaving::Fin, Leaving::Rst] {
        let seen = simulator.calls().len();
        let mut client = nginx.connect();
        client.send(chat(true).header("Accept-Encoding", "gzip").bytes());
        read_until(&mut client, r#""delta":{"content":"#, 1);
        // The model hasn't said its last word, nor will it.
        let calls = simulator.calls();
        assert!(calls.last().is_some_and(|it| it.step == Some(Step::Synthesize) && it.end.is_none()));

        // nginx looks at a half-closed connection as at a closed one.
        let _socket = client.leave(how);
        let calls =
            simulator.wait_for(|calls| calls.len() == seen + 3 && calls.iter().all(|it| it.end.is_some()));
        assert_ne!(calls.last().unwrap().end, Some(End::Completed), "{how:?}");
    }
    served.log().wait_for_count("Chat completion request cancelled", 2);
}

#[test]
fn a_client_that_waits_for_a_whole_answer_and_leaves_ends_the_call() {
    let simulator = Upstream::with_faults(&["process:hang-before-head"]);
    let served = simulator.serve(&[]);
    let Some(nginx) = before(&served) else { return };
    let mut client = nginx.connect();
    client.send(chat(false).bytes());
    simulator.wait_for(|calls| calls.iter().any(|it| it.step == Some(Step::Process)));
    drop(client);
    served.log().wait_for("Chat completion request cancelled");
    simulator.wait_for(|calls| calls.iter().all(|it| it.end.is_some()));
}

#[test]
fn heartbeats_pass_while_a_step_is_silent() {
    let simulator = Upstream::with_faults(&["process:hang-before-head"]);
    let served = simulator.serve(&[("STREAM_HEARTBEAT_SECONDS", "1"), ("STREAM_COMMIT_MS", "0")]);
    let Some(nginx) = before(&served) else { return };
    let mut client = nginx.connect();
    client.send(chat(true).bytes());
    read_until(&mut client, r#""delta":{"content":""}"#, 2);
    assert!(simulator.calls().iter().all(|it| it.step != Some(Step::Synthesize)), "nothing was said yet");
}

#[test]
fn a_stream_longer_than_nginx_would_gather_arrives_whole() {
    // proxy_buffers and proxy_buffer_size of a page of 8 KiB: 8 and one more.
    const GATHERED: usize = 9 * 8 * 1024;
    let draft_tokens = NonZeroU32::new(24_000);
    let simulator = Upstream::start(SimulatorConfig { draft_tokens, ..SimulatorConfig::default() });
    let most = ("CHAIN_PROCESS_MAX_TOKENS", "64000");
    let served = simulator.serve(&[most, ("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000")]);
    let Some(nginx) = before(&served) else { return };
    let through = nginx.ask(&chat(true));
    assert!(through.body.len() > GATHERED, "{}", through.body.len());
    assert_eq!(through.answer(), served.ask(&chat(true)).answer());
}

#[test]
fn a_server_that_cannot_be_reached_costs_nobody_an_answer() {
    let simulator = Upstream::good();
    let served = simulator.serve(&[]);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let Some(nginx) = Nginx::before(&[gone.to_string(), served.address().to_string()]) else { return };
    for id in 0..8 {
        assert!(nginx.ask(&chat(id % 2 == 0)).answer().starts_with('#'));
    }
    assert_eq!(simulator.calls().len(), 8 * 3);
}

#[test]
fn what_was_sent_to_one_server_is_not_begun_by_another() {
    let simulator = Upstream::good();
    let served = simulator.serve(&[]);
    let breaks = TcpListener::bind("127.0.0.1:0").unwrap();
    // The second is asked only if the first fails.
    let addresses = [breaks.local_addr().unwrap().to_string(), format!("{} backup", served.address())];
    let Some(nginx) = Nginx::with(&upstream(&addresses)) else { return };
    let breaking = std::thread::spawn(move || {
        let (stream, _) = breaks.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert!(line.starts_with("POST "), "the request arrives: {line}");
    });
    let response = nginx.ask(&chat(false));
    breaking.join().unwrap();
    assert_eq!(response.status, 502);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.json()["error"]["code"], "proxy_unreachable");
    assert_eq!(response.json()["detail"], response.json()["error"]["message"]);
    assert!(simulator.calls().is_empty(), "the other was asked");
}

#[test]
fn clients_are_who_nginx_says_and_not_who_they_say() {
    let served = Upstream::good().serve(&[("TRUSTED_PROXIES", "127.0.0.1")]);
    let Some(nginx) = before(&served) else { return };
    let forged = models().header("X-Forwarded-For", "203.0.113.9").header("X-Forwarded-Proto", "https");
    assert_eq!(nginx.ask(&forged).header("strict-transport-security"), None);
    let forged = Request::get("/v1/models").by("no.token").header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(nginx.ask(&forged).status, 403);
    assert_eq!(served.log().wait_for("Token rejected")["client"], "127.0.0.1");
}

#[test]
fn bodies_that_are_too_large_are_refused_by_the_server_and_metrics_are_for_nobody() {
    let served = Upstream::good().serve(&[]);
    let Some(nginx) = before(&served) else { return };
    let large = chat_by(token(), &question(&"word ".repeat(400_000), false));
    nginx.ask(&large).is_error(413, "request_too_large");
    assert_eq!(nginx.ask(&Request::get("/metrics").by(token())).status, 404);
    assert_eq!(served.ask(&Request::get("/metrics").by(token())).status, 200, "it has some");
    assert_eq!(nginx.ask(&Request::get("/health/ready")).json(), json!({"status": "ready"}));
}
