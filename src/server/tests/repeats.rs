//! Repeats of requests under an `Idempotency-Key`: what they reuse, and what they pay.

use serde_json::{Value, json};

use super::*;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

const KEY: &str = "idempotency-key";

fn keyed(members: Value) -> Ask {
    Ask::chat(members).header(KEY, "one")
}

fn total_tokens(answer: &Answer) -> u64 {
    answer.json()["usage"]["total_tokens"].as_u64().unwrap()
}

/// The text of a stream's deltas.
fn streamed_text(answer: &Answer) -> String {
    let everything = answer.everything();
    let chunks =
        everything.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok());
    chunks
        .filter_map(|chunk: Value| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect()
}

fn script<const N: usize>(replies: [Reply; N]) -> Vec<Reply> {
    replies.into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_the_last_step_costs_that_step_alone() {
    let replies = good_until(2, [Reply::status(500), Reply::text(ANSWER)]);
    let api = Api::with(ONE_ATTEMPT, replies);
    let failed = api.ask(keyed(json!({}))).await;
    assert_eq!((failed.status, failed.code().as_str()), (502, "upstream_error"));
    assert_eq!(failed.header("x-should-retry"), None, "what was paid for is kept");
    let log = Captured::from_level(LogLevel::Info);
    let answer = api.ask(keyed(json!({}))).await;
    assert_eq!((answer.status, answer.content().as_str()), (200, "Hello, world!"));
    assert_eq!((total_tokens(&answer), api.model.requests().len()), (15, 4));
    assert_eq!(log.text().matches("Step reused").count(), 2);
    // What the last step was told is what it would have been told at first.
    let requests = api.model.requests();
    assert_eq!(format!("{:?}", requests[2].turns), format!("{:?}", requests[3].turns));
    let metrics = api.app.metrics_text();
    for (series, value) in [
        ("promptchain_checkpoint_requests_total{result=\"new\"}", 1),
        ("promptchain_checkpoint_requests_total{result=\"resumed\"}", 1),
        ("promptchain_checkpoint_reused_steps_total{step=\"analyze\"}", 1),
        ("promptchain_checkpoint_reused_steps_total{step=\"synthesize\"}", 0),
        ("promptchain_checkpoint_writes_total{result=\"kept\"}", 3),
        ("promptchain_checkpoints_in_memory", 1),
    ] {
        assert!(metrics.contains(&format!("{series} {value}\n")), "{series}: {metrics}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_key_everything_is_paid_again() {
    let replies = good_until(2, [Reply::status(500)]).into_iter().chain(good_replies());
    let api = Api::with(ONE_ATTEMPT, replies);
    let failed = api.ask(Ask::whole()).await;
    assert_eq!(failed.header("x-should-retry"), Some("false"));
    assert_eq!(total_tokens(&api.ask(Ask::whole()).await), 45);
}

#[tokio::test(start_paused = true)]
async fn a_finished_run_is_told_again_whole_or_streamed_as_is_asked() {
    let api = Api::new(good_replies());
    let usage = json!({"stream": true, "stream_options": {"include_usage": true, "include_steps": true}});
    let first = api.ask(keyed(usage.clone())).await;
    let streamed = api.ask(keyed(usage)).await;
    let whole = api.ask(keyed(json!({}))).await;
    assert_eq!((whole.content().as_str(), total_tokens(&whole)), ("Hello, world!", 0));
    assert_eq!(whole.json()["choices"][0]["finish_reason"], "stop");
    assert_eq!(api.model.requests().len(), 3);
    for (answer, tokens) in [(&first, "\"total_tokens\":45"), (&streamed, "\"total_tokens\":0")] {
        let text = answer.everything();
        assert!(text.contains(tokens) && text.contains("\"finish_reason\":\"stop\""), "{text}");
        assert!(text.trim_end().ends_with("data: [DONE]"), "{text}");
    }
    assert_eq!(streamed.everything().matches("\"state\":\"reused\"").count(), 3);
    assert_eq!(streamed.everything().matches("\"content\":\"Hello, world!\"").count(), 1, "its text at once");
    assert!(api.app.metrics_text().contains("requests_total{result=\"replayed\"} 2\n"));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_cut_or_declined_is_told_again_as_it_ended() {
    let cut = Reply::stopped(r#"{"final_text":"Hel"#, StopReason::MaxTokens);
    let api = Api::new(good_until(2, [cut]));
    let body = || keyed(json!({"max_tokens": 5}));
    let [first, again] = [api.ask(body()).await, api.ask(body()).await];
    for answer in [&first, &again] {
        assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
        assert_eq!(answer.content(), "Hel");
    }
    let api = Api::new(good_until(2, [refusal()]));
    let [first, again] = [api.ask(keyed(json!({}))).await, api.ask(keyed(json!({}))).await];
    for answer in [&first, &again] {
        assert_eq!(answer.json()["choices"][0]["finish_reason"], "content_filter", "{answer:?}");
    }
    assert_eq!(api.model.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ended_at_a_stop_text_or_had_to_be_json_is_told_again_as_it_was() {
    let json = r#"{"final_text":"{\"hello\": \"world\"}","formatting":"json"}"#;
    for (members, last, content) in [
        (json!({"stop": ["world"]}), ANSWER, "Hello, "),
        (json!({"response_format": {"type": "json_object"}}), json, r#"{"hello": "world"}"#),
    ] {
        let streamed = |members: &Value| {
            let mut members = members.clone();
            members["stream"] = true.into();
            keyed(members)
        };
        let api = Api::new(good_until(2, [Reply::text(last)]));
        for time in ["first", "again"] {
            assert_eq!(streamed_text(&api.ask(streamed(&members)).await), content, "{time}");
        }
        let whole = api.ask(keyed(members)).await;
        assert_eq!((whole.content().as_str(), total_tokens(&whole)), (content, 0));
        assert_eq!(whole.json()["choices"][0]["finish_reason"], "stop");
        assert_eq!(api.model.requests().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn another_body_is_refused_and_another_subject_or_key_has_its_own_run() {
    let api = Api::new([good_replies(), good_replies(), good_replies()].concat());
    assert_eq!(api.ask(keyed(json!({}))).await.status, 200);
    let other = api.ask(keyed(json!({"temperature": 0.1}))).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    assert_eq!(other.header("x-should-retry"), Some("false"));
    other.check_error("another body");
    assert_eq!(total_tokens(&api.ask(keyed(json!({})).by("bob")).await), 45);
    assert_eq!(total_tokens(&api.ask(keyed(json!({})).header(KEY, "two")).await), 45);
    let wrong = api.ask(keyed(json!({})).header(KEY, "a b")).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "invalid_idempotency_key"));
}

#[tokio::test(start_paused = true)]
async fn of_two_at_once_one_runs_and_the_other_is_told_the_same() {
    let slow = Reply::text(DRAFT).after(SECOND * 14);
    let api = Api::new(script([Reply::text(ANALYSIS), slow, Reply::text(ANSWER)]));
    let (first, second) = tokio::join!(api.ask(keyed(json!({}))), api.ask(keyed(json!({"stream": true}))));
    assert_eq!((first.content().as_str(), total_tokens(&first)), ("Hello, world!", 45));
    let text = second.everything();
    assert!(text.contains("\"content\":\"Hello, world!\"") && text.contains("data: [DONE]"), "{text}");
    assert!(text.contains("\"delta\":{\"content\":\"\"}"), "it was told that it waits: {text}");
    assert_eq!(api.model.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_takes_over_when_the_first_leaves() {
    let hangs = Reply::hang();
    let api = Api::new(script([Reply::text(ANALYSIS), hangs, Reply::text(DRAFT), Reply::text(ANSWER)]));
    let first = async {
        let leaves = tokio::time::timeout(SECOND * 5, api.ask(keyed(json!({})))).await;
        assert!(leaves.is_err(), "it hangs");
    };
    let ((), second) = tokio::join!(first, api.ask(keyed(json!({}))));
    assert_eq!((second.content().as_str(), total_tokens(&second)), ("Hello, world!", 30));
}

#[tokio::test(start_paused = true)]
async fn what_was_waited_is_a_part_of_the_time_of_which_the_client_is_told() {
    let slow = || Reply::partial(r#"{"intent":""#, trickle(100, SECOND));
    let limits =
        [("CHAIN_ANALYZE_TIMEOUT", "20"), ("WORKER_COORDINATION_TIMEOUT", "20"), ("SYNTHESIS_TIMEOUT", "10")];
    let api = Api::with(&limits, script([slow(), slow()]));
    let begin = tokio::time::Instant::now();
    let first = async { drop(tokio::time::timeout(SECOND * 15, api.ask(keyed(json!({})))).await) };
    let ((), second) = tokio::join!(first, api.ask(keyed(json!({}))));
    assert_eq!((second.status, begin.elapsed().as_secs()), (504, 30));
    let message = second.message();
    assert!(message.ends_with("after 30s (the limit on the whole run)"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn steps_that_were_made_the_best_of_are_reused_too() {
    let replies = [Reply::text("It greets."), Reply::text("Hello."), Reply::status(500), Reply::text(ANSWER)];
    let api = Api::with(&[ONE_ATTEMPT, &[("CHAIN_REPAIR_ATTEMPTS", "0")]].concat(), replies);
    assert_eq!(api.ask(keyed(json!({}))).await.header("x-should-retry"), None);
    assert_eq!(total_tokens(&api.ask(keyed(json!({}))).await), 15);
    let requests = api.model.requests();
    assert_eq!(format!("{:?}", requests[2].turns), format!("{:?}", requests[3].turns));
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_with_the_time_of_a_run_and_the_client_that_leaves_ends_it_at_once() {
    let slow = || Reply::partial(r#"{"content":""#, trickle(30, SECOND).chain([Act::Hang]));
    let variables =
        [ONE_ATTEMPT, &[("WORKER_COORDINATION_TIMEOUT", "29"), ("SYNTHESIS_TIMEOUT", "1")]].concat();
    let api = Api::with(&variables, script([Reply::text(ANALYSIS).after(SECOND), slow()]));
    let begin = tokio::time::Instant::now();
    let leaver = tokio::time::timeout(SECOND * 3, api.ask(keyed(json!({}))));
    let repeat = async {
        tokio::time::sleep(SECOND).await;
        assert!(leaver.await.is_err(), "it waits");
        assert_eq!(begin.elapsed().as_secs(), 3);
        assert_eq!(api.app.metrics_text().matches("promptchain_runs_active 1\n").count(), 1);
    };
    let (first, ()) = tokio::join!(api.ask(keyed(json!({}))), repeat);
    assert_eq!((first.status, first.code().as_str()), (504, "timeout"));
    assert_eq!(first.header("x-should-retry"), None);
}
