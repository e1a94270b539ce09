//! SIGHUP has a server take another configuration, whole or not at all, without a request failing for it.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

mod house;
mod survival;
mod terminal;
mod when;

use crate::support::{Metrics, Request, SECRET, Upstream, chat_by, question, token, token_for};
use house::{House, models_by};

const OTHER_SECRET: &str = "0d9c5f7b3a28b7c1e5a90f2d48636a1e";

/// A prompt for synthesize that has that word.
fn prompt(word: &str) -> String {
    format!("Write the final text. {word}.")
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
    house.configure(&format!("JWT_SECRET_KEY={OTHER_SECRET}\nJWT_SECRET_KEY_PREVIOUS={SECRET}\n"));
    assert_eq!(house.reload()["changed"], "JWT_SECRET_KEY, JWT_SECRET_KEY_PREVIOUS");
    assert_eq!((status(&old), status(&new)), (200, 200));
    house.configure(&format!("JWT_SECRET_KEY={OTHER_SECRET}\n"));
    assert_eq!(house.reload()["changed"], "JWT_SECRET_KEY_PREVIOUS");
    assert_eq!((status(&old), status(&new)), (403, 200));
    let log = house.served.log().text();
    assert!(!log.contains(OTHER_SECRET) && !log.contains(SECRET), "{log}");
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
fn prompts_by_default_need_no_file_and_a_reload_without_one_changes_nothing() {
    let served = Upstream::good().serve(&[]);
    served.signal("HUP");
    assert_eq!(served.log().wait_for("Configuration reloaded").get("changed"), None);
}
