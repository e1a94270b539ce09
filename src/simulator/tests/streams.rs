//! Replies as they ought to be: the events of a stream, usage, pacing, determinism.

use std::time::Duration;

use tokio::time::Instant;

use super::client::{Answer, ask_message};
use super::*;

fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = answer.events().into_iter().map(|(name, _)| name).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn a_stream_has_the_events_of_the_api_in_order() {
    let simulator = simulator("").await;
    let answer = ask_message(&simulator, &request(Step::Synthesize, true)).await;
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(
        names(&answer),
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    for (name, data) in answer.events() {
        assert_eq!(name, data["type"].as_str().unwrap());
    }
    assert!(answer.complete && answer.deltas().len() > 20);
    let reply: Value = serde_json::from_str(&answer.said()).unwrap();
    assert!(reply["final_text"].as_str().unwrap().contains("monocrystalline cells"));
}

#[tokio::test]
async fn some_escapes_are_split_between_two_deltas() {
    let simulator = simulator("").await;
    let answer = ask_message(&simulator, &request(Step::Synthesize, true)).await;
    assert!(answer.deltas().iter().any(|delta| delta.ends_with('\\')));
}

#[tokio::test]
async fn every_step_is_answered_with_json_that_matches_its_schema() {
    let simulator = simulator("").await;
    for step in Step::ALL {
        for stream in [false, true] {
            let body = request(step, stream);
            let answer = ask_message(&simulator, &body).await;
            let reply: Value = serde_json::from_str(&answer.said()).unwrap();
            let schema = &body["output_config"]["format"]["schema"];
            assert!(jsonschema::is_valid(schema, &reply), "{step}: {reply}");
        }
    }
    let steps: Vec<_> = simulator.log().entries().iter().filter_map(|entry| entry.step).collect();
    assert_eq!(steps, Step::ALL.map(|step| [step; 2]).concat());
}

#[tokio::test]
async fn the_same_requests_get_the_same_bytes() {
    let (one, other) = (simulator("").await, simulator("").await);
    for step in Step::ALL {
        for stream in [false, true] {
            let body = request(step, stream);
            let (a, b) = (ask_message(&one, &body).await, ask_message(&other, &body).await);
            assert_eq!((a.head, a.body), (b.head, b.body));
        }
    }
}

#[tokio::test]
async fn usage_is_told_at_the_start_and_at_the_end_and_agrees_with_the_ledger() {
    let simulator = simulator("").await;
    let answer = ask_message(&simulator, &request(Step::Process, true)).await;
    let events = answer.events();
    let start = &events[0].1["message"]["usage"];
    let end = &events[events.len() - 2].1["usage"];
    assert_eq!(start["output_tokens"], 1);
    assert_eq!(start["input_tokens"], end["input_tokens"]);
    let ledger = simulator.log().wait_until_ended(1).await[0].ledger;
    assert_eq!(json!(ledger.output_tokens), end["output_tokens"]);
    assert_eq!(json!(ledger.input_tokens), end["input_tokens"]);
    assert!(ledger.output_tokens > 20 && ledger.input_tokens > 20);

    let whole = ask_message(&simulator, &request(Step::Process, false)).await;
    assert_eq!(whole.json()["usage"]["output_tokens"], end["output_tokens"]);
}

#[tokio::test]
async fn a_long_system_prompt_is_written_to_the_cache_and_then_read_from_it() {
    let simulator = simulator("").await;
    let mut body = request(Step::Analyze, false);
    body["model"] = json!("claude-haiku-5-5");
    let text = "word ".repeat(512);
    body["system"] = json!([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]);
    let first = ask_message(&simulator, &body).await.json()["usage"].clone();
    let second = ask_message(&simulator, &body).await.json()["usage"].clone();
    assert_eq!(
        (&first["cache_creation_input_tokens"], &first["cache_read_input_tokens"]),
        (&json!(640), &json!(0))
    );
    assert_eq!(
        (&second["cache_creation_input_tokens"], &second["cache_read_input_tokens"]),
        (&json!(0), &json!(640))
    );
    assert_eq!(first["input_tokens"], second["input_tokens"]);
}

#[tokio::test]
async fn max_tokens_cuts_the_reply() {
    let simulator = simulator("").await;
    for stream in [false, true] {
        let mut body = request(Step::Process, stream);
        body["max_tokens"] = json!(10);
        let answer = ask_message(&simulator, &body).await;
        assert!(serde_json::from_str::<Value>(&answer.said()).is_err());
        assert_eq!(answer.said().len(), 40);
        let entries = simulator.log().entries();
        assert_eq!(entries.last().unwrap().ledger.output_tokens, 10);
        assert!(answer.text().contains(r#""stop_reason":"max_tokens""#));
    }
}

#[tokio::test]
async fn a_model_that_thinks_by_default_sends_a_thinking_block_first() {
    let simulator = simulator("").await;
    let mut body = request(Step::Analyze, true);
    body["model"] = json!("claude-haiku-5-5");
    let answer = ask_message(&simulator, &body).await;
    let starts: Vec<Value> = answer
        .events()
        .into_iter()
        .filter(|(name, _)| name == "content_block_start")
        .map(|(_, data)| json!([data["index"], data["content_block"]["type"]]))
        .collect();
    assert_eq!(starts, [json!([0, "thinking"]), json!([1, "text"])]);

    body["thinking"] = json!({"type": "disabled"});
    let quiet = ask_message(&simulator, &body).await;
    assert!(!quiet.text().contains("thinking"));
    assert_eq!(quiet.said(), answer.said());
}

#[tokio::test]
async fn a_forced_tool_is_called_with_input_that_matches() {
    let simulator = simulator("").await;
    for stream in [true, false] {
        let mut body = request(Step::Analyze, stream);
        let schema = body["output_config"]["format"]["schema"].take();
        body.as_object_mut().unwrap().shift_remove("output_config");
        body["tools"] = json!([{"name": "emit", "input_schema": schema}]);
        body["tool_choice"] = json!({"type": "tool", "name": "emit"});
        let answer = ask_message(&simulator, &body).await;
        let input = if stream {
            assert!(answer.text().contains("input_json_delta"));
            serde_json::from_str(&answer.said()).unwrap()
        } else {
            answer.json()["content"][0]["input"].clone()
        };
        assert!(input["intent"].as_str().unwrap().contains("solar panels"), "{input}");
        assert!(answer.text().contains(r#""stop_reason":"tool_use""#));
    }
}

#[tokio::test]
async fn a_chat_without_any_schema_gets_plain_text_by_any_model() {
    let simulator = simulator("").await;
    let body = json!({
        "model": "llama3.2", "max_tokens": 500,
        "messages": [{"role": "user", "content": "Tell me about solar panels."}],
    });
    let answer = ask_message(&simulator, &body).await;
    assert!(answer.said().contains("solar panels"));
    assert_eq!(answer.json()["model"], "llama3.2");
}

#[tokio::test(start_paused = true)]
async fn delays_and_pacing_take_their_time_streamed_or_not() {
    for stream in [true, false] {
        let config = SimulatorConfig {
            latency: Duration::from_secs(2),
            first_token_delay: Duration::from_secs(3),
            pacing: Pacing::PerDelta(Duration::from_secs(1)),
            ..SimulatorConfig::default()
        };
        let simulator = Simulator::start(config).await.unwrap();
        let started = Instant::now();
        ask_message(&simulator, &request(Step::Analyze, stream)).await;
        let instant = self::simulator("").await;
        let deltas = ask_message(&instant, &request(Step::Analyze, true)).await.deltas().len();
        let expected = 2 + 3 + deltas as u64 - 1;
        assert_eq!(started.elapsed().as_secs(), expected, "stream: {stream}");
    }
}
