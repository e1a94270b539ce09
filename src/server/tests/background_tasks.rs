//! What a chat UI asks for by itself is answered by one call, with all that holds for a run.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::metrics::Scraped;
use super::*;
use crate::model::Role;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

const BYPASS: Variables<'_> = &[("BACKGROUND_TASKS", "bypass")];

const TITLE: &str =
    "### Task:\nGenerate a concise title summarizing the chat history.\n<chat_history>\nhi\n</chat_history>";

/// A request for a title, with these members beside.
fn title(members: Value) -> Ask {
    let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": TITLE}]);
    let mut all = json!({ "messages": messages });
    let Value::Object(members) = members else { panic!("{members} isn't an object") };
    all.as_object_mut().unwrap().extend(members);
    Ask::chat(all)
}

#[tokio::test(start_paused = true)]
async fn one_call_has_the_clients_own_messages_and_its_text_is_the_answer() {
    let api = Api::with(BYPASS, [Reply::text("{\"title\": \"Greetings\"}")]);
    let answer = api.ask(title(json!({}))).await;
    assert_eq!((answer.status, answer.content().as_str()), (200, "{\"title\": \"Greetings\"}"));
    let json = answer.json();
    assert_eq!(json["usage"]["total_tokens"], 15);
    assert_eq!(
        (&json["model"], &json["choices"][0]["finish_reason"]),
        (&"prompt-chaining".into(), &"stop".into())
    );
    let requests = api.model.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.turns.len(), 1);
    assert_eq!((request.turns[0].role, request.turns[0].text.as_str()), (Role::User, TITLE));
    let system: Vec<&str> = request.system.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(system, ["Be brief."]);
    assert_eq!((request.schema.is_none(), request.max_tokens), (true, 2048));
}

#[tokio::test(start_paused = true)]
async fn by_default_and_for_everything_else_the_chain_answers() {
    let script = || good_replies().into_iter();
    let by_default = Api::new(script());
    assert_eq!(by_default.ask(title(json!({}))).await.content(), "Hello, world!");
    let bypassing = Api::with(BYPASS, script().chain(script()));
    assert_eq!(bypassing.ask(Ask::whole()).await.content(), "Hello, world!");
    let answered = json!({"messages": [
        {"role": "user", "content": TITLE},
        {"role": "assistant", "content": "Greetings"},
        {"role": "user", "content": "Write me a title for that"},
    ]});
    assert_eq!(bypassing.ask(Ask::chat(answered)).await.content(), "Hello, world!");
}

#[tokio::test(start_paused = true)]
async fn its_text_is_streamed_as_it_comes_and_the_head_waits_for_no_step() {
    let reply = Reply::partial(
        "Greeti",
        [Act::Wait(SECOND)].into_iter().chain(trickle(2, SECOND)).chain([
            Act::Event(ReplyEvent::Stopped {
                reason: StopReason::EndTurn,
                usage: crate::model::Usage::default(),
            }),
            Act::Event(ReplyEvent::Finished),
        ]),
    );
    let api = Api::with(BYPASS, [reply]);
    assert_snapshot!(api.stream(title(json!({"stream": true}))).await.timed().await, @r#"
    after 0s
      {"role":"assistant","content":""}
      {"content":"Greeti"}
    after 2s
      {"content":"x"}
    after 3s
      {"content":"x"}
      {} finish stop
      [DONE]
    "#);
}

#[tokio::test(start_paused = true)]
async fn it_is_tried_again_and_fails_with_a_status_of_its_own() {
    let api = Api::with(BYPASS, [Reply::status(529), Reply::text("Greetings")]);
    assert_eq!(api.ask(title(json!({}))).await.content(), "Greetings");
    for stream in [false, true] {
        let api = Api::with(&[BYPASS, ONE_ATTEMPT].concat(), [Reply::status(500)]);
        let failed = api.ask(title(json!({ "stream": stream }))).await;
        assert_eq!((failed.status, failed.code().as_str()), (502, "upstream_error"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_circuit_the_time_limits_and_the_places_are_those_of_runs() {
    let api = Api::with(&[BYPASS, ONE_ATTEMPT].concat(), vec![Reply::status(500); 3]);
    for _ in 0..3 {
        assert_eq!(api.ask(title(json!({}))).await.status, 502);
    }
    assert_eq!(api.ask(title(json!({}))).await.code(), "circuit_open");

    let api = Api::with(&[BYPASS, ONE_ATTEMPT].concat(), [Reply::hang()]);
    assert_eq!(api.ask(title(json!({}))).await.status, 504, "silent for half of the step's time");
    let slow = trickle(50, SECOND).collect::<Vec<_>>();
    let api = Api::with(&[BYPASS, ONE_ATTEMPT].concat(), [Reply::partial("x", slow)]);
    assert_eq!(api.ask(title(json!({}))).await.status, 504);

    let api =
        Api::with(&[BYPASS, &[("MAX_CONCURRENT_RUNS", "1")]].concat(), [Reply::partial("x", [Act::Hang])]);
    let stream = api.stream(title(json!({"stream": true}))).await;
    assert_eq!(api.ask(title(json!({}))).await.code(), "overloaded");
    assert!(api.model.open_calls() > 0);
    drop(stream);
    assert_eq!(api.model.open_calls(), 0, "the call is cancelled with the client");
}

#[tokio::test(start_paused = true)]
async fn what_the_client_asks_of_the_answer_holds() {
    let capped = Reply::stopped("A long ti", StopReason::MaxTokens);
    let api = Api::with(BYPASS, [capped, Reply::text("One; two"), refusal()]);
    let answer = api.ask(title(json!({"max_tokens": 4, "temperature": 0.1}))).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["choices"][0]["message"]["content"], "A long ti");
    let request = &api.model.requests()[0];
    assert_eq!((request.max_tokens, request.temperature), (4, Some(0.1)));
    assert_eq!(api.ask(title(json!({"stop": [";"]}))).await.content(), "One");
    let declined = api.ask(title(json!({}))).await.json();
    assert_eq!(declined["choices"][0]["finish_reason"], "content_filter");

    let json = json!({"response_format": {"type": "json_object"}});
    let api = Api::with(BYPASS, [Reply::text("```json\n{\"title\":\"x\"}\n```"), Reply::text("Greetings")]);
    let fenced = api.ask(title(json.clone())).await;
    assert_eq!(fenced.status, 200, "{}", fenced.body);
    assert_eq!(fenced.content(), "{\"title\":\"x\"}");
    assert!(api.model.requests()[0].system.last().unwrap().text.contains("JSON object"));
    assert_eq!(api.ask(title(json)).await.status, 422);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_isnt_of_the_form_is_told_of_without_a_word_of_the_chains_own() {
    let schema = json!({"type": "array"});
    let schema = json!({"type": "json_schema", "json_schema": {"name": "tags", "schema": schema}});
    for (format, reply, told) in [
        (json!({"type": "json_object"}), "Greetings", "the reply must hold one JSON document"),
        (json!({"type": "json_object"}), "[1]", "the JSON document in the reply must be an object"),
        (schema, "{}", "the JSON document in the reply doesn't match its schema"),
    ] {
        let api = Api::with(BYPASS, [Reply::text(reply)]);
        let failed = api.ask(title(json!({ "response_format": format }))).await;
        assert_eq!((failed.status, failed.code().as_str()), (422, "gate_rejected"));
        let message = failed.message();
        assert!(message.contains(told) && !message.contains("final_text"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn its_repeat_under_a_key_is_told_the_same_and_pays_nothing() {
    let api = Api::with(&[BYPASS, ONE_ATTEMPT].concat(), [Reply::status(500), Reply::text("Greetings")]);
    let keyed = |members| title(members).header("idempotency-key", "one");
    assert_eq!(api.ask(keyed(json!({}))).await.status, 502);
    let answer = api.ask(keyed(json!({}))).await;
    let again = api.ask(keyed(json!({"stream": true, "stream_options": {"include_usage": true}}))).await;
    assert_eq!(
        (answer.content().as_str(), answer.json()["usage"]["total_tokens"].as_u64()),
        ("Greetings", Some(15))
    );
    let text = again.everything();
    assert!(text.contains("\"content\":\"Greetings\"") && text.contains("\"total_tokens\":0"), "{text}");
    assert_eq!(api.model.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_empty_or_cut_by_our_own_limit_is_no_clean_answer() {
    let cut = Reply::stopped("A long ti", StopReason::MaxTokens);
    let api = Api::with(BYPASS, [Reply::text(" "), cut.clone()]);
    assert_eq!(api.ask(title(json!({}))).await.status, 422);
    let answer = api.ask(title(json!({}))).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    let strict = Api::with(&[BYPASS, &[("CHAIN_STRICT_VALIDATION", "true")]].concat(), [cut]);
    assert_eq!(strict.ask(title(json!({"stream": true}))).await.status, 422);
}

#[tokio::test(start_paused = true)]
async fn tasks_are_counted_and_logged_apart() {
    let api = Api::with(BYPASS, [Reply::text("Greetings")].into_iter().chain(good_replies()));
    let log = Captured::from_level(LogLevel::Info);
    api.ask(title(json!({})).header("x-request-id", "mine-1")).await;
    assert_snapshot!(log.text(), @r#"
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","background_task":"title","step":"synthesize","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Chat completion request completed","request_id":"mine-1","user_id":"alice","background_task":"title","elapsed_seconds":0.0,"steps":"synthesize 0ms","model":"prompt-chaining","finish_reason":"stop","input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","user_id":"alice","background_task":"title","method":"POST","path":"/v1/chat/completions","status_code":200,"response_time":0.0}
    "#);
    drop(log);
    api.ask(Ask::whole()).await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.counted("promptchain_background_tasks_total"), ["task=title 1"]);
    assert_eq!(
        scraped.counted("promptchain_step_attempts_total"),
        [
            "step=analyze,outcome=ok 1",
            "step=background_task,outcome=ok 1",
            "step=process,outcome=ok 1",
            "step=synthesize,outcome=ok 1"
        ]
    );
}
