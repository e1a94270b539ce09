//! SIGHUP has a server take another configuration, whole or not at all, without a request failing for it.

mod house;
mod terminal;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::Value;

use crate::support::{Metrics, Request, Upstream, chat, chat_by, question, token, token_for};
use house::{House, models_by};

const OTHER_SECRET: &str = "0d9c5f7b3a28b7c1e5a90f2d48636a1e";

/// A prompt for synthesize that has that word.
fn prompt(word: &str) -> String {
    format!("Write the final text. {word}.")
}

#[test]
fn a_run_ends_with_the_prompts_that_it_began_with_and_the_next_one_has_the_new() {
    let old = prompt("Sharply");
    // The run waits two seconds for its second step, however often it is reloaded meanwhile.
    let house = House::open("", &[("chain_synthesize.md", &old)], &["process:rate-limit=2@1"]);
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
fn what_is_wrong_is_told_and_nothing_of_the_rest_is_taken() {
    let house = House::open("", &[("chain_synthesize.md", &prompt("Sharply"))], &[]);
    house.write_prompt("chain_synthesize.md", &prompt("Mildly {{ nobody }}"));
    house.configure("SERVICE_MODEL_NAME=house\nRETRY_MAX_ATTEMPTS=99\n");
    house.served.signal("HUP");
    house.served.log().wait_for_count("Configuration reload refused", 2);
    let refused = house.served.log().entries("Configuration reload refused");
    for (line, about) in refused.iter().zip(["nobody", "RETRY_MAX_ATTEMPTS"]) {
        assert_eq!(line["level"], "ERROR");
        assert!(refused.iter().any(|line| line["error"].to_string().contains(about)), "{about}: {refused:?}");
        assert!(line["error_type"].is_string(), "{line}");
    }
    house.ask("hello").answer();
    assert!(house.prompts_sent()[2].contains("Sharply"));
    let before = Metrics::of(&house.served);
    assert_eq!(before.sum("promptchain_config_reload_total", "refused"), 1.0);
    assert_eq!(before.sum("promptchain_config_reload_total", "success"), 0.0);

    house.write_prompt("chain_synthesize.md", &prompt("Mildly"));
    house.configure("SERVICE_MODEL_NAME=house\n");
    let line = house.reload();
    assert_eq!(line["changed"], "CHAIN_SYNTHESIZE_PROMPT_FILE, SERVICE_MODEL_NAME");
    assert_eq!(line["level"], "INFO");
    house.ask("hello").is_error(404, "model_not_found");
    let after = Metrics::of(&house.served);
    assert_eq!(after.sum("promptchain_config_reload_total", "success"), 1.0);
    let taken =
        |metrics: &Metrics| metrics.sum("promptchain_config_last_reload_success_timestamp_seconds", "");
    assert!(taken(&before) > 1.7e9 && taken(&after) >= taken(&before));
}

#[test]
fn a_key_is_rotated_without_a_request_being_refused_and_without_being_told() {
    let house = House::open("", &[], &[]);
    let (old, new) = (token().to_owned(), token_for("tester", OTHER_SECRET));
    // One connection that is kept alive through it all.
    let mut client = house.served.connect();
    let mut status = |token: &str| client.ask(&models_by(token)).status;
    assert_eq!((status(&old), status(&new)), (200, 403));
    house.configure(&format!(
        "JWT_SECRET_KEY={OTHER_SECRET}\nJWT_SECRET_KEY_PREVIOUS={}\n",
        crate::support::SECRET
    ));
    assert_eq!(house.reload()["changed"], "JWT_SECRET_KEY, JWT_SECRET_KEY_PREVIOUS");
    assert_eq!((status(&old), status(&new)), (200, 200));
    house.configure(&format!("JWT_SECRET_KEY={OTHER_SECRET}\n"));
    assert_eq!(house.reload()["changed"], "JWT_SECRET_KEY_PREVIOUS");
    assert_eq!((status(&old), status(&new)), (403, 200));
    let log = house.served.log().text();
    assert!(!log.contains(OTHER_SECRET) && !log.contains(crate::support::SECRET), "{log}");
}

#[test]
fn limits_change_and_what_was_counted_counts_on() {
    let limit = |limit: &str| format!("RATE_LIMIT_ENABLED=true\nRATE_LIMIT_MODELS={limit}\n");
    let house = House::open(&limit("3/hour"), &[], &[]);
    let ask = || {
        let response = house.served.ask(&models_by(token()));
        let remaining = response.header("x-ratelimit-remaining").unwrap().to_owned();
        (response.status, remaining, response.header("x-ratelimit-reset").unwrap().to_owned())
    };
    let (_, _, reset) = ask();
    assert_eq!(ask(), (200, "1".to_owned(), reset.clone()));
    house.configure(&limit("5/hour"));
    assert_eq!(house.reload()["changed"], "RATE_LIMIT_MODELS");
    assert_eq!(ask(), (200, "2".to_owned(), reset.clone()), "the third of five");
    house.configure(&limit("2/hour"));
    house.reload();
    assert_eq!(ask(), (429, "0".to_owned(), reset.clone()));
    house.configure(&limit("4/hour; 100/day"));
    house.reload();
    assert_eq!(ask(), (200, "0".to_owned(), reset));
    assert_eq!(ask().0, 429);
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
fn what_needs_a_restart_is_named_and_left_as_it_is() {
    let house = House::open("", &[], &[]);
    house.configure(
        "ENVIRONMENT=test\nLOG_FORMAT=standard\nSERVICE_MODEL_NAME=house\nANTHROPIC_BASE_URL=http://127.0.0.1:1\nAPI_PORT=1\n",
    );
    let line = house.reload();
    assert_eq!(line["changed"], "SERVICE_MODEL_NAME");
    let kept = house.served.log().entries("Changes that need a restart weren't taken").pop().unwrap();
    // The base URL is the environment's and the port a flag's, which win over the file and can't change.
    assert_eq!((&kept["level"], &kept["variables"]), (&"WARNING".into(), &"ENVIRONMENT, LOG_FORMAT".into()));
    let mut body = question("hello", false);
    body["model"] = "house".into();
    house.served.ask(&chat_by(token(), &body)).answer();
}

#[test]
fn every_log_line_from_then_on_is_of_the_new_level_and_a_reload_leaves_a_turned_level_alone() {
    let house = House::open("LOG_LEVEL=WARNING\n", &[], &[]);
    house.configure("LOG_LEVEL=DEBUG\n");
    house.reload();
    house.served.ask(&Request::get("/health").header("X-Request-ID", "seen"));
    house.served.log().wait_for_request("Response sent", "seen");
    house.configure("LOG_LEVEL=ERROR\n");
    assert_eq!(house.reload()["changed"], "LOG_LEVEL");
    house.served.ask(&Request::get("/health").header("X-Request-ID", "unseen"));
    house.served.signal("USR1");
    house.served.log().wait_for("Log level changed");
    house.configure("LOG_LEVEL=ERROR\nCHAIN_THINKING=auto\n");
    house.reload();
    house.served.ask(&Request::get("/health").header("X-Request-ID", "turned"));
    house.served.log().wait_for_request("Response sent", "turned");
    assert!(!house.served.log().text().contains("unseen"));
}

#[test]
fn the_upstream_is_called_as_whom_the_new_credential_says() {
    let house = House::open("ANTHROPIC_API_KEY=sk-ant-0123456789\n", &[], &[]);
    house.ask("hello").answer();
    house.configure("ANTHROPIC_AUTH_TOKEN=another-token\nANTHROPIC_VERSION=2026-10-21\n");
    let changed = house.reload()["changed"].clone();
    assert_eq!(changed, "ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_VERSION");
    house.ask("hello").answer();
    let calls = house.upstream.calls();
    let seen =
        |call: usize| format!("{:?} {:?}", calls[call].credential, calls[call].anthropic_version.as_deref());
    assert_eq!(seen(0), "Some(XApiKey) Some(\"2023-06-01\")");
    assert_eq!(seen(3), "Some(Bearer) Some(\"2026-10-21\")");
    assert!(calls[3].body.get("temperature").is_none(), "the version refuses it");
}

#[test]
fn fewer_runs_may_be_under_way_and_none_is_ended_for_it() {
    let house = House::open("MAX_CONCURRENT_RUNS=2\n", &[], &["process:rate-limit=2@1-2"]);
    let mut clients = [house.served.connect(), house.served.connect()];
    for client in &mut clients {
        client.send(chat(false).bytes());
    }
    house.upstream.wait_for(|calls| calls.iter().filter(|call| call.status == Some(429)).count() == 2);
    house.configure("MAX_CONCURRENT_RUNS=1\n");
    house.reload();
    house.ask("hello").is_error(503, "overloaded");
    for client in &mut clients {
        client.response().answer();
    }
    house.ask("hello").answer();
    house.configure("MAX_CONCURRENT_RUNS=3\n");
    house.reload();
    house.ask("hello").answer();
}

#[test]
fn an_open_circuit_stays_open_and_counts_survive() {
    let house = House::open(
        "RETRY_MAX_ATTEMPTS=1\nCIRCUIT_BREAKER_FAILURE_THRESHOLD=1\n",
        &[],
        &["process:server-error@1"],
    );
    house.ask("hello").is_error(502, "upstream_error");
    house.configure("RETRY_MAX_ATTEMPTS=1\nCIRCUIT_BREAKER_FAILURE_THRESHOLD=1\nCHAIN_THINKING=auto\n");
    house.reload();
    house.ask("hello").is_error(503, "circuit_open");
    assert_eq!(Metrics::of(&house.served).sum("promptchain_request_duration_seconds_count", ""), 2.0);
    house.configure("CIRCUIT_BREAKER_ENABLED=false\n");
    house.reload();
    house.ask("hello").answer();
    assert_eq!(house.served.get("/health/ready").status, 200);
}

#[test]
fn models_of_the_new_catalog_and_settings_have_names_in_the_metrics() {
    let house = House::open("", &[], &[]);
    house.configure("CHAIN_ANALYZE_MODEL=house-model\n");
    house.reload();
    house.ask("hello").answer();
    let metrics = Metrics::of(&house.served);
    let calls = |model: &str| {
        metrics.sum("gen_ai_client_operation_duration_seconds_count", &format!("model=\"{model}\""))
    };
    assert_eq!((calls("house-model"), calls("other")), (1.0, 0.0), "{}", metrics.text);
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
fn prompts_by_default_need_no_file_and_a_reload_without_one_changes_nothing() {
    let served = Upstream::good().serve(&[]);
    served.signal("HUP");
    assert_eq!(served.log().wait_for("Configuration reloaded").get("changed"), None);
}
