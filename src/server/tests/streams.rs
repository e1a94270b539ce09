//! A streamed answer that ends well: which frames, in which order.

use insta::assert_snapshot;
use serde_json::json;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_stream_is_role_content_finish_and_done_and_no_usage_that_nobody_asked_for() {
    let api = Api::new(good_replies());
    assert_snapshot!(api.stream(Ask::streamed()).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {"content":"Hello,"}
    {"content":" world!"}
    {} finish stop
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn asked_for_the_usage_comes_last_and_is_null_before() {
    let api = Api::new(good_replies());
    let ask = Ask::chat(json!({"stream": true, "stream_options": {"include_usage": true}}));
    assert_snapshot!(api.stream(ask).await.rest().await, @r#"
    {"role":"assistant","content":""} usage null
    {"content":"Hello,"} usage null
    {"content":" world!"} usage null
    {} finish stop usage null
    no choice usage 30/15
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_same_answer_in_one_piece_has_the_same_text_and_usage() {
    let api = Api::new(good_replies());
    let answer = api.ask(Ask::whole()).await;
    assert_eq!((answer.status, answer.content().as_str()), (200, "Hello, world!"));
    let json = answer.json();
    assert_eq!(json["model"], "prompt-chaining");
    assert_eq!(json["choices"][0]["finish_reason"], "stop");
    assert_eq!(json["usage"]["prompt_tokens"], 30);
    assert_eq!(json["usage"]["completion_tokens"], 15);
    assert_eq!(json["usage"]["total_tokens"], 45);
}

#[tokio::test(start_paused = true)]
async fn attempts_that_failed_are_in_the_usage() {
    let [analysis, draft, answer] = good_replies();
    let cut = Reply::partial("{", [Act::Fail(CallErrorKind::Truncated.into())]);
    let api = Api::new([cut, analysis, draft, answer]);
    let json = api.ask(Ask::whole()).await.json();
    assert_eq!(json["usage"]["prompt_tokens"], 40);
    assert_eq!(json["usage"]["estimated"], true);
}

#[tokio::test(start_paused = true)]
async fn every_response_has_an_id_of_its_own_and_the_models_listed_name() {
    let api =
        Api::with(&[("SERVICE_MODEL_NAME", "our/chain")], good_replies().into_iter().chain(good_replies()));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let json = api.ask(Ask::chat(json!({"model": "our/chain-fast"}))).await.json();
        assert_eq!(json["model"], "our/chain-fast");
        ids.push(json["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    assert!(api.model.requests().iter().all(|request| request.model == "claude-haiku-5-5"));
}

#[tokio::test(start_paused = true)]
async fn the_requests_id_goes_upstream_with_every_call() {
    let api = Api::new(good_replies());
    api.ask(Ask::whole().header("x-request-id", "mine-1")).await;
    assert!(api.model.requests().iter().all(|request| request.request_id == "mine-1"));
}

#[tokio::test(start_paused = true)]
async fn with_strict_gates_the_text_comes_at_once_when_the_last_gate_has_passed() {
    let api = Api::with(&[("CHAIN_STRICT_VALIDATION", "true")], good_replies());
    assert_snapshot!(api.stream(Ask::streamed()).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {"content":"Hello, world!"}
    {} finish stop
    [DONE]
    "#);
}

/// A synthesis that stops for that reason.
fn stopped(text: &str, reason: StopReason) -> Vec<Reply> {
    good_until(2, [Reply::stopped(text, reason)])
}

#[tokio::test(start_paused = true)]
async fn a_refusal_in_synthesize_ends_the_answer_as_filtered() {
    let refused = || {
        let (category, explanation) = (Some("violence".into()), Some("I won't".into()));
        stopped(r#"{"final_text":"Well"#, StopReason::Refusal { category, explanation })
    };
    let api = Api::new(refused());
    assert_snapshot!(api.stream(Ask::streamed()).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {"content":"Well"}
    {} finish content_filter
    [DONE]
    "#);
    let api = Api::new(refused());
    let answer = api.ask(Ask::whole()).await;
    assert_eq!((answer.status, answer.content().as_str()), (200, "Well"));
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "content_filter");
}

#[tokio::test(start_paused = true)]
async fn a_text_that_was_cut_at_its_length_says_so() {
    let cut = || stopped(r#"{"final_text":"Once upon a"#, StopReason::MaxTokens);
    let api = Api::new(cut());
    assert_snapshot!(api.stream(Ask::streamed()).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {"content":"Once u"}
    {"content":"pon a"}
    {} finish length
    [DONE]
    "#);
    let api = Api::new(cut());
    let answer = api.ask(Ask::whole()).await;
    assert_eq!((answer.status, answer.content().as_str()), (200, "Once upon a"));
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "length");
}
