//! What was counted goes on after a reload: limits, places, circuits, metrics.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use super::house::{House, models_by};
use super::prompt;
use crate::support::{Metrics, chat, token};

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
fn fewer_runs_may_be_under_way_and_none_is_ended_for_it() {
    let house = House::open("MAX_CONCURRENT_RUNS=2\n", &[], &["process:rate-limit=4@1-2"]);
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
fn finished_steps_are_reused_after_a_change_of_limits_and_not_after_one_of_prompts() {
    let lines = "RETRY_MAX_ATTEMPTS=1\nCIRCUIT_BREAKER_ENABLED=false\n";
    let old = prompt("Sharply");
    let house = House::open(lines, &[("chain_synthesize.md", &old)], &["synthesize:overloaded@1-2"]);
    let ask = || house.served.ask(&chat(false).header("Idempotency-Key", "k"));
    ask().is_error(503, "overloaded");
    house.configure(&format!("{lines}SYNTHESIS_TIMEOUT=29\nCHAIN_MAX_COST_USD=1\n"));
    house.reload();
    ask().is_error(503, "overloaded");
    assert_eq!(house.upstream.calls().len(), 4, "one further call");
    house.write_prompt("chain_synthesize.md", &prompt("Mildly"));
    house.reload();
    ask().answer();
    assert_eq!(house.upstream.calls().len(), 7, "all of it anew");
    let answer = ask().answer();
    house.configure(&format!("{lines}CHAIN_PROCESS_TEMPERATURE=0.1\n"));
    house.reload();
    assert_eq!((ask().answer(), house.upstream.calls().len()), (answer, 10));
}
