//! What callers may spend in a day: who is refused, in which words, and what it is told of it.

use serde_json::{Value, json};

use super::*;
use crate::chain::ChainConfig;

/// Enough for each of the three calls at its worst, one after the other.
const ENOUGH: (&str, &str) = ("BUDGET_USD_PER_DAY", "1");

/// Less than the first call could cost.
const SPENT: (&str, &str) = ("BUDGET_USD_PER_DAY", "0.001");

async fn usage(api: &Api, ask: Ask) -> Value {
    // What was spent is booked by a task.
    tokio::time::sleep(SECOND).await;
    let answer = api.ask(ask).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn own() -> Ask {
    Ask::get("/v1/usage").by("alice")
}

#[tokio::test(start_paused = true)]
async fn what_was_spent_is_told_to_who_has_spent_it() {
    let api = Api::with(&[ENOUGH], good_replies());
    assert_eq!(usage(&api, own()).await["spent_usd"], 0.0);
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let told = usage(&api, own()).await;
    // Thirty input and fifteen output tokens at 1 and 5 US dollars a million.
    assert_eq!((&told["object"], &told["spent_usd"]), (&json!("usage"), &json!(0.000_105)));
    assert_eq!((&told["limit_usd"], &told["reserved_usd"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(told["remaining_usd"], json!(0.999_895));
    let resets_at = told["resets_at"].as_u64().unwrap();
    let left = resets_at.saturating_sub(crate::server::unix_time());
    assert!(resets_at % 86_400 == 0 && left <= 86_400, "{told}");
    assert_eq!(usage(&api, own().by("bob")).await["spent_usd"], 0.0);
    let lowered = usage(&api, own().claiming(&json!({"sub": "alice", "budget_usd": 0.0001}))).await;
    assert_eq!((&lowered["limit_usd"], &lowered["remaining_usd"]), (&json!(0.0001), &json!(0.0)));
}

#[tokio::test(start_paused = true)]
async fn without_a_budget_nothing_is_counted_and_that_is_said() {
    let api = Api::new(good_replies());
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let told = usage(&api, own()).await;
    assert_eq!(
        (&told["limit_usd"], &told["spent_usd"], &told["resets_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[tokio::test(start_paused = true)]
async fn once_it_is_spent_requests_are_refused_until_the_day_ends() {
    // Room for one call at its worst.
    let api = Api::with(&[("BUDGET_USD_PER_DAY", "0.015")], [Reply::hang()]);
    drop(tokio::time::timeout(SECOND, api.ask(Ask::whole())).await);
    tokio::time::sleep(SECOND).await;
    let refused = api.ask(Ask::whole()).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "budget_spent"));
    assert!(refused.message().contains("a new day begins at midnight UTC"), "{refused:?}");
    assert_eq!(refused.header("x-should-retry"), Some("false"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_no_days_budget_pays_for_is_refused_without_a_hope_for_tomorrow() {
    for members in [json!({}), json!({"stream": true})] {
        let api = Api::with(&[SPENT], []);
        let refused = api.ask(Ask::chat(members)).await;
        assert_eq!((refused.status, refused.code().as_str()), (429, "budget_spent"));
        refused.check_error("it is too dear");
        assert!(refused.message().contains("The next call could cost up to $0.01"), "{refused:?}");
        assert!(refused.message().contains("more than the $0.001000 that you may spend in a whole day"));
        assert_eq!((refused.header("x-should-retry"), refused.header("retry-after")), (Some("false"), None));
        assert_eq!(usage(&api, own()).await["spent_usd"], 0.0);
        assert!(api.app.metrics_text().contains("promptchain_run_errors_total{code=\"budget_spent\"} 1\n"));
    }
    let api = Api::with(&[ENOUGH], []);
    let lowered = Ask::whole().claiming(&json!({"sub": "alice", "budget_usd": 0.001}));
    assert_eq!(api.ask(lowered).await.code(), "budget_spent");
    let wrong = Ask::whole().claiming(&json!({"sub": "alice", "budget_usd": "much"}));
    assert_eq!(api.ask(wrong).await.status, 403, "it must not pass for none");
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_in_the_middle_is_kept_for_the_repeat() {
    let tight = |model: &mut ChainConfig| model.steps.process.max_tokens = 64_000;
    // Room for the first call, and not for sixty-four thousand tokens of the second.
    let api = Api::tuned(&[("BUDGET_USD_PER_DAY", "0.05")], tight, good_until(1, []));
    let refused = api.ask(Ask::whole().header("idempotency-key", "one")).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "budget_spent"));
    let told = usage(&api, own()).await;
    assert_eq!((&told["spent_usd"], &told["reserved_usd"]), (&json!(0.000_035), &json!(0.0)));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_pays_for_the_worst_of_the_call_that_it_left() {
    let api = Api::with(&[ENOUGH], [Reply::hang()]);
    let left = tokio::time::timeout(SECOND, api.ask(Ask::whole())).await;
    assert!(left.is_err());
    let told = usage(&api, own()).await;
    assert!(told["spent_usd"].as_f64().unwrap() > 0.01, "two thousand tokens are a cent: {told}");
    assert_eq!(told["reserved_usd"], 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_while_nothing_is_under_way_pays_for_nothing() {
    // What the second attempt may cost is set aside, and isn't sent before half a second has passed.
    let api = Api::with(&[ENOUGH], [Reply::status(500)]);
    let left = tokio::time::timeout(SECOND / 4, api.ask(Ask::whole())).await;
    assert!(left.is_err());
    let told = usage(&api, own()).await;
    assert_eq!((&told["spent_usd"], &told["reserved_usd"]), (&json!(0.0), &json!(0.0)), "{told}");
}

#[tokio::test(start_paused = true)]
async fn failed_attempts_that_cost_nothing_are_free() {
    let api = Api::with(&[ENOUGH], vec![Reply::status(500); 3]);
    assert_eq!(api.ask(Ask::whole()).await.status, 502);
    assert_eq!(usage(&api, own()).await["spent_usd"], 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_price_that_is_not_known_is_refused_as_with_any_cap() {
    let unknown = |chain: &mut ChainConfig| chain.steps.process.model = "house-model".to_owned();
    let api = Api::tuned(&[ENOUGH], unknown, []);
    let refused = api.ask(Ask::whole()).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "unknown_price"));
}

#[tokio::test(start_paused = true)]
async fn without_the_store_nothing_is_paid_for_if_that_is_wanted() {
    let gone = ("REDIS_URL", "redis://127.0.0.1:1");
    let deny = [ENOUGH, gone, ("RATE_LIMIT_ENABLED", "false"), ("RATE_LIMIT_ON_STORAGE_ERROR", "deny")];
    let api = Api::with(&deny, []);
    for ask in [Ask::whole(), own()] {
        let refused = api.ask(ask).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "budget_unavailable"));
        assert!(refused.header("retry-after").is_some());
    }
    let api = Api::with(&[ENOUGH, gone], good_replies());
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    assert_eq!(usage(&api, own()).await["spent_usd"], json!(0.000_105));
}
