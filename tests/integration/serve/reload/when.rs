//! A reload while something else is under way: a run, many requests, another reload, the drain.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::Value;

use super::house::{House, models_by};
use super::prompt;
use crate::support::{Metrics, SECRET, ServerLog, chat, chat_by, promptchain, question, token};

#[test]
fn a_run_ends_with_the_prompts_that_it_began_with_and_the_next_one_has_the_new() {
    let old = prompt("Sharply");
    // The run waits some seconds for its second step, however often it is reloaded meanwhile.
    let house = House::open("", &[("chain_synthesize.md", &old)], &["process:rate-limit=4@1"]);
    let mut client = house.served.connect();
    client.send(chat(false).bytes());
    house.upstream.wait_for(|calls| calls.len() == 2 && calls[1].status.is_some());
    house.write_prompt("chain_synthesize.md", &prompt("Mildly"));
    let line = house.reload();
    assert_eq!(line["changed"], "CHAIN_SYNTHESIZE_PROMPT_FILE");
    assert_eq!(house.upstream.calls().len(), 2, "the run still waits");
    client.response().answer();
    house.ask("hello").answer();
    let sent = house.prompts_sent();
    assert_eq!(sent.len(), 7);
    assert!(sent[3].contains("Sharply") && !sent[3].contains("Mildly"), "{}", sent[3]);
    assert!(sent[6].contains("Mildly") && !sent[6].contains("Sharply"), "{}", sent[6]);
}

#[test]
fn no_request_fails_while_the_configuration_is_reloaded_again_and_again() {
    let lines = |name: &str| {
        format!("SERVICE_MODEL_ALIASES={name}\nMAX_CONCURRENT_RUNS=50\nCORS_ORIGINS=https://{name}.example\n")
    };
    let house = House::open(&lines("first"), &[], &[]);
    let (is_over, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        let ask = |stream: bool| {
            let request = chat_by(token(), &question("Say hello", stream));
            while !is_over.load(Ordering::Relaxed) {
                let mut client = house.served.connect();
                for _ in 0..5 {
                    client.ask(&request).answer();
                    assert_eq!(client.ask(&models_by(token())).status, 200);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        for stream in [false, true, false, true] {
            scope.spawn(move || ask(stream));
        }
        for round in 0..6 {
            house.configure(&lines(if round % 2 == 0 { "second" } else { "first" }));
            house.reload();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(answered.load(Ordering::Relaxed) >= 20);
    assert!(house.served.log().entries("Configuration reload refused").is_empty());
    let metrics = Metrics::of(&house.served);
    assert!(metrics.sum("promptchain_config_reload_total", "success") >= 6.0);
    assert_eq!(
        metrics.sum("promptchain_request_duration_seconds_count", ""),
        f64::from(answered.into_inner())
    );
}

#[test]
fn a_server_that_drains_takes_nothing_any_more() {
    let house = House::open("", &[], &["process:rate-limit=2@1"]);
    let mut client = house.served.connect();
    client.send(chat(false).bytes());
    house.upstream.wait_for(|calls| calls.len() == 2 && calls[1].status.is_some());
    house.served.signal("TERM");
    house.served.log().wait_for("Draining");
    let refused = house.reload_in_vain();
    assert!(refused["error"].as_str().unwrap().contains("ending"), "{refused}");
    client.response().answer();
    house.served.finish().exits(0);
}

#[test]
fn what_comes_while_a_reload_is_under_way_is_another_reload() {
    let house = House::open("", &[], &[]);
    let last = "SERVICE_MODEL_NAME=last\n";
    for name in ["one", "two", "three"] {
        house.configure(&format!("SERVICE_MODEL_NAME={name}\n"));
        house.served.signal("HUP");
    }
    house.configure(last);
    house.served.signal("HUP");
    let listed = || house.served.ask(&models_by(token())).json()["data"][0]["id"].clone();
    let mut reloads = 0;
    while listed() != "last" {
        reloads += 1;
        house.served.log().wait_for_count_at_least("Configuration reloaded", reloads);
    }
    let reloaded: Vec<Value> = house.served.log().entries("Configuration reloaded");
    assert!((1..=4).contains(&reloaded.len()), "{reloaded:?}");
}

#[test]
fn a_signal_that_comes_during_the_start_is_done_once_the_server_listens() {
    let mut command = promptchain(&["serve", "--offline", "--port", "0"]);
    command.env("JWT_SECRET_KEY", SECRET).env("CORS_ORIGINS", "*").env("CORS_ALLOW_CREDENTIALS", "true");
    let mut started = command.start();
    let log = ServerLog::follow(started.take_stderr());
    // What is told of the settings comes before it listens.
    log.wait_for_level("WARNING");
    started.signal("HUP");
    log.wait_for("Configuration reloaded");
    let text = log.text();
    assert!(text.find("Listening") < text.find("Configuration reloaded"), "{text}");
    started.signal("TERM");
    assert_eq!(started.wait(), Some(0), "{}", log.whole_text());
}
