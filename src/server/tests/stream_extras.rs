//! What a client or an operator can ask for beside the answer.

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

#[tokio::test(start_paused = true)]
async fn a_client_can_be_told_how_the_steps_get_on() {
    let [analysis, draft, answer] = good_replies();
    let script = [analysis.after(SECOND), Reply::status(529), draft, answer];
    // So that the wait before the second attempt is always the same.
    let api = Api::tuned(&[], |chain| chain.retry.max_delay = Duration::ZERO, script);
    let ask = Ask::chat(json!({"stream": true, "stream_options": {"include_steps": true}}));
    assert_snapshot!(api.stream(ask).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {} step {"step":"analyze","worker":null,"title":null,"state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"analyze","worker":null,"title":null,"state":"finished","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":1.0,"tokens":{"input":10,"output":5},"cost_usd":0.000035,"retry_in_seconds":null}
    {} step {"step":"process","worker":null,"title":null,"state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"process","worker":null,"title":null,"state":"retrying","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":0.0,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":0.0}
    {} step {"step":"process","worker":null,"title":null,"state":"finished","model":"claude-haiku-4-5-20251001","attempt":2,"seconds":0.0,"tokens":{"input":10,"output":5},"cost_usd":0.000035,"retry_in_seconds":null}
    {} step {"step":"synthesize","worker":null,"title":null,"state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {"content":"Hello,"}
    {"content":" world!"}
    {} step {"step":"synthesize","worker":null,"title":null,"state":"finished","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":0.0,"tokens":{"input":10,"output":5},"cost_usd":0.000035,"retry_in_seconds":null}
    {} finish stop
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn steps_that_nobody_asked_for_are_not_told() {
    let api = Api::new(good_replies());
    let body = api.ask(Ask::streamed()).await.body;
    assert!(!body.contains("promptchain") && !body.contains("reasoning_content"), "{body}");
}

const EXPOSED: Variables<'_> = &[("CHAIN_EXPOSE_STEPS", "reasoning")];

#[tokio::test(start_paused = true)]
async fn an_operator_can_show_analysis_and_draft_as_reasoning() {
    let api = Api::with(EXPOSED, good_replies());
    assert_snapshot!(api.stream(Ask::streamed()).await.rest().await, @r#"
    {"role":"assistant","content":""}
    {"reasoning_content":"**Intent:** greet\n**About:** world\n**Complexity:** simple\n\n"}
    {"reasoning_content":"**Draft** (confidence 0.9)**:**\n\nHello.\n"}
    {"content":"Hello,"}
    {"content":" world!"}
    {} finish stop
    [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_reasoning_stands_in_an_answer_in_one_piece_too() {
    let api = Api::with(EXPOSED, good_replies());
    let message = &api.ask(Ask::whole()).await.json()["choices"][0]["message"];
    assert_eq!(message["content"], "Hello, world!");
    assert_snapshot!(message["reasoning_content"].as_str().unwrap(), @r#"
    **Intent:** greet
    **About:** world
    **Complexity:** simple

    **Draft** (confidence 0.9)**:**

    Hello.
    "#);
    let api = Api::new(good_replies());
    let message = &api.ask(Ask::whole()).await.json()["choices"][0]["message"];
    assert_eq!(message.get("reasoning_content"), None);
}

/// An answer in whose text there is `END`, and which never comes to its own.
fn endless() -> Vec<Reply> {
    good_until(2, [Reply::partial(r#"{"final_text":"Hello, world! END of it"#, [Act::Hang])])
}

#[tokio::test(start_paused = true)]
async fn a_stop_text_ends_the_stream_and_the_call_and_the_usage_is_said_to_be_estimated() {
    let api = Api::new(endless());
    let captured = Captured::from_level(LogLevel::Info);
    let ask = Ask::chat(json!({"stream": true, "stop": "END", "stream_options": {"include_usage": true}}));
    let mut frames = api.stream(ask).await;
    let mut all = Vec::new();
    while let Some(write) = frames.next().await {
        if write.contains("finish") {
            assert_eq!(api.model.open_calls(), 0);
        }
        all.push(write);
    }
    let all = all.join("\n");
    assert!(all.contains(" finish stop") && all.contains(" estimated\n[DONE]"), "{all}");
    assert!(!all.contains("END"), "{all}");
    let [end] = &captured.about("Chat completion request")[..] else { panic!("{}", captured.text()) };
    assert_eq!((&end["usage_estimated"], &end["usage_complete"]), (&json!(true), &json!(false)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_one_piece_is_read_to_its_end_and_cut_then() {
    let text = ANSWER.replace("world!", "world! END of it");
    let api = Api::new(good_until(2, [Reply::text(&text)]));
    let answer = api.ask(Ask::chat(json!({"stop": "END"}))).await;
    assert_eq!(answer.content(), "Hello, world! ");
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer.json()["usage"].get("estimated"), None);
}
