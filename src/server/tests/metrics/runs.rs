//! Runs, steps, attempts, circuits, tokens and costs.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use super::*;
use crate::model::Cost;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

#[tokio::test(start_paused = true)]
async fn attempts_and_steps_are_counted_by_how_they_ended() {
    let api = Api::new([Reply::status(529), Reply::text(ANALYSIS), Reply::status(400)]);
    assert_eq!(api.ask(Ask::whole()).await.status, 502);
    let scraped = Scraped::of(&api).await;
    assert_eq!(
        scraped.counted("promptchain_step_attempts_total"),
        ["step=analyze,outcome=ok 1", "step=analyze,outcome=retryable 1", "step=process,outcome=fatal 1"]
    );
    assert_eq!(
        scraped.counted("promptchain_step_duration_seconds_count"),
        ["step=analyze,outcome=ok 1", "step=process,outcome=fatal 1"]
    );
    let runs = scraped.counted("promptchain_request_duration_seconds_count");
    assert_eq!(runs, ["stream=false,outcome=upstream 1"]);
}

#[tokio::test(start_paused = true)]
async fn circuits_are_counted_as_they_change_and_stand_where_they_stand() {
    let api = Api::with(ONE_ATTEMPT, vec![Reply::status(500); 3].into_iter().chain(good_replies()));
    for _ in 0..3 {
        api.ask(Ask::whole()).await;
    }
    assert_eq!(api.ask(Ask::whole()).await.code(), "circuit_open");
    let state = r#"promptchain_breaker_state{model="claude-haiku-4-5-20251001"}"#;
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value(state), 2.0);
    let refused = r#"promptchain_step_attempts_total{step="analyze",outcome="breaker_open"}"#;
    assert_eq!(scraped.value(refused), 1.0);
    tokio::time::advance(30 * SECOND).await;
    assert_eq!(Scraped::of(&api).await.value(state), 1.0, "its time-out has passed");
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value(state), 0.0);
    let model = "model=claude-haiku-4-5-20251001";
    assert_eq!(
        scraped.counted("promptchain_breaker_transitions_total"),
        [
            format!("{model},to=closed,reason=probes_succeeded 1"),
            format!("{model},to=half_open,reason=time_out_passed 1"),
            format!("{model},to=open,reason=consecutive 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn our_share_of_a_run_is_told_without_the_time_of_the_upstream_and_of_a_slow_client() {
    let later = |text| Reply::text(text).after(SECOND);
    let replies = || [later(ANALYSIS), later(DRAFT), later(ANSWER)];
    let api = Api::new(replies().into_iter().chain(replies()));
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let mut frames = api.stream(Ask::streamed()).await;
    while frames.next().await.is_some() {
        // The next step begins when this has been taken.
        tokio::time::advance(SECOND / 2).await;
    }
    let scraped = Scraped::of(&api).await;
    let counts = scraped.counted("promptchain_overhead_seconds_count");
    assert_eq!(counts, ["phase=between_steps 4", "phase=request 2", "phase=response 2"]);
    // The clock stands still while we work.
    assert_eq!(scraped.counted("promptchain_overhead_seconds_sum"), [""; 0]);
    assert!(scraped.value(r#"promptchain_step_duration_seconds_sum{step="process",outcome="ok"}"#) >= 2.0);
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_run_had_used_is_counted_as_the_log_has_it() {
    let captured = Captured::from_level(LogLevel::Info);
    let api = Api::new(good_until(1, [Reply::partial(r#"{"content":"a beginning"#, [Act::Hang])]));
    assert!(tokio::time::timeout(SECOND, api.ask(Ask::whole())).await.is_err());
    let [end] = &captured.about("Chat completion request cancelled")[..] else {
        panic!("{}", captured.text())
    };
    let scraped = Scraped::of(&api).await;
    let tokens = |kind: &str| {
        let series = scraped.series.iter();
        let of_kind = series.filter(|(name, _)| {
            name.starts_with("gen_ai_client_token_usage_sum") && name.contains(&format!("\"{kind}\""))
        });
        of_kind.map(|(_, value)| value).sum::<f64>()
    };
    assert_eq!(end["input_tokens"].as_f64(), Some(tokens("input")));
    assert_eq!(end["output_tokens"].as_f64(), Some(tokens("output")));
    let cost = Cost::from_usd(scraped.sum("promptchain_cost_usd_total"));
    assert_eq!(Cost::from_usd(end["total_cost_usd"].as_f64().unwrap()), cost);
    assert_ne!(cost, Cost::ZERO);
    assert_eq!(
        scraped.counted("promptchain_cost_unknown_total"),
        ["model=claude-haiku-4-5-20251001,step=process,reason=uncounted 1"],
        "the last call's final figures never came"
    );
}

#[tokio::test(start_paused = true)]
async fn the_cost_of_a_model_without_a_known_price_is_counted_apart() {
    let model = "someones-own-model";
    let of_all =
        ["CHAIN_ANALYZE_MODEL", "CHAIN_PROCESS_MODEL", "CHAIN_SYNTHESIZE_MODEL"].map(|it| (it, model));
    let api = Api::with(&of_all, good_replies());
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.sum("promptchain_cost_usd_total"), 0.0);
    assert_eq!(
        scraped.counted("promptchain_cost_unknown_total"),
        ["analyze", "process", "synthesize"]
            .map(|step| format!("model={model},step={step},reason=unpriced 1"))
    );
}
