//! The trace of a request: request, run, steps, attempts.

use axum::http::Method;
use insta::assert_snapshot;
use opentelemetry::trace::SpanContext;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value, json};

use super::*;
use crate::model::scripted::status_error;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;
use crate::telemetry::traces::tests::{collected, everything, place};
use crate::telemetry::traces::{GenAiNames, Sampler, SpanStyle};
use crate::trace_context::TraceContext;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn after(replies: impl IntoIterator<Item = Reply>) -> impl Iterator<Item = Reply> {
    replies.into_iter().map(|reply| reply.after(SECOND))
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    span.attributes.iter().find(|said| said.key.as_str() == name).map(|said| said.value.to_string())
}

#[expect(clippy::too_many_lines, reason = "all that is said of each span")]
#[tokio::test(start_paused = true)]
async fn a_request_is_a_tree_of_its_run_its_steps_and_their_attempts() {
    let (tracer, mut seen) = collected(everything());
    let low = Reply::text(r#"{"content":"Hm.","confidence":0.2,"metadata":[]}"#);
    let unwell = CallError { retry_after: Some(SECOND), ..status_error(503) };
    let unwell = Reply::error(unwell);
    let [analysis, draft, answer] = good_replies();
    let api = Api::traced(tracer, &[], after([unwell, analysis, low, draft, answer]));
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    assert_snapshot!(seen.tree(), @r#"
    POST /v1/chat/completions (server, 6000ms)
      | http.request.method = POST
      | http.route = /v1/chat/completions
      | url.path = /v1/chat/completions
      | url.scheme = http
      | promptchain.request_id = …
      | http.response.status_code = 200
      invoke_workflow prompt-chaining (internal, 6000ms)
        | gen_ai.operation.name = invoke_workflow
        | gen_ai.workflow.name = prompt-chaining
        | promptchain.request_id = …
        | promptchain.finish_reason = stop
        | promptchain.outcome = completed
        | promptchain.run.input_tokens = 40
        | promptchain.run.output_tokens = 20
        | promptchain.run.cost_usd = 0.00014
        | promptchain.usage_complete = true
        chat claude-haiku-4-5-20251001 (client, 3000ms)
          | gen_ai.operation.name = chat
          | gen_ai.system = anthropic
          | gen_ai.provider.name = anthropic
          | gen_ai.request.model = claude-haiku-4-5-20251001
          | gen_ai.request.stream = true
          | gen_ai.prompt.name = analyze
          | gen_ai.prompt.version = …
          | promptchain.step = analyze
          | server.address = scripted
          | gen_ai.request.max_tokens = 2048
          | gen_ai.request.temperature = 0.5
          | promptchain.repairs = 0
          | gen_ai.response.finish_reasons = ["end_turn"]
          | promptchain.attempts = 2
          | gen_ai.response.time_to_first_chunk = 1
          | gen_ai.usage.input_tokens = 10
          | gen_ai.usage.output_tokens = 5
          | promptchain.step.cost_usd = 0.000035
          | promptchain.usage_complete = true
          * promptchain.gate promptchain.decision=passed promptchain.rules=[]
          POST (client, 1000ms) failed: upstream answered 503: scripted 503
            | http.request.method = POST
            | promptchain.step = analyze
            | promptchain.attempt = 1
            | server.address = scripted
            | promptchain.attempt.input_tokens = 0
            | promptchain.attempt.output_tokens = 0
            | promptchain.attempt.cost_usd = 0
            | promptchain.usage_complete = true
            | promptchain.retry_in = 1
            | http.response.status_code = 503
            | error.type = 503
          POST (client, 1000ms)
            | http.request.method = POST
            | promptchain.step = analyze
            | promptchain.attempt = 2
            | http.request.resend_count = 1
            | server.address = scripted
            | promptchain.attempt.input_tokens = 10
            | promptchain.attempt.output_tokens = 5
            | promptchain.attempt.cost_usd = 0.000035
            | promptchain.usage_complete = true
            | promptchain.upstream_request_id = req_scripted
            | gen_ai.response.time_to_first_chunk = 1
            | http.response.status_code = 200
        chat claude-haiku-4-5-20251001 (client, 2000ms)
          | gen_ai.operation.name = chat
          | gen_ai.system = anthropic
          | gen_ai.provider.name = anthropic
          | gen_ai.request.model = claude-haiku-4-5-20251001
          | gen_ai.request.stream = true
          | gen_ai.prompt.name = process
          | gen_ai.prompt.version = …
          | promptchain.step = process
          | server.address = scripted
          | gen_ai.request.max_tokens = 2048
          | gen_ai.request.temperature = 0.7
          | promptchain.repairs = 1
          | promptchain.confidence = 0.9
          | gen_ai.response.finish_reasons = ["end_turn"]
          | promptchain.attempts = 2
          | gen_ai.response.time_to_first_chunk = 1
          | gen_ai.usage.input_tokens = 20
          | gen_ai.usage.output_tokens = 10
          | promptchain.step.cost_usd = 0.00007
          | promptchain.usage_complete = true
          * promptchain.gate promptchain.decision=repair promptchain.rules=["low-confidence"]
          * promptchain.gate promptchain.decision=passed promptchain.rules=[]
          POST (client, 1000ms)
            | http.request.method = POST
            | promptchain.step = process
            | promptchain.attempt = 1
            | server.address = scripted
            | promptchain.attempt.input_tokens = 10
            | promptchain.attempt.output_tokens = 5
            | promptchain.attempt.cost_usd = 0.000035
            | promptchain.usage_complete = true
            | promptchain.upstream_request_id = req_scripted
            | gen_ai.response.time_to_first_chunk = 1
            | http.response.status_code = 200
          POST (client, 1000ms)
            | http.request.method = POST
            | promptchain.step = process
            | promptchain.attempt = 2
            | promptchain.repair = 1
            | server.address = scripted
            | promptchain.attempt.input_tokens = 10
            | promptchain.attempt.output_tokens = 5
            | promptchain.attempt.cost_usd = 0.000035
            | promptchain.usage_complete = true
            | promptchain.upstream_request_id = req_scripted
            | gen_ai.response.time_to_first_chunk = 1
            | http.response.status_code = 200
        chat claude-haiku-4-5-20251001 (client, 1000ms)
          | gen_ai.operation.name = chat
          | gen_ai.system = anthropic
          | gen_ai.provider.name = anthropic
          | gen_ai.request.model = claude-haiku-4-5-20251001
          | gen_ai.request.stream = true
          | gen_ai.prompt.name = synthesize
          | gen_ai.prompt.version = …
          | promptchain.step = synthesize
          | server.address = scripted
          | gen_ai.request.max_tokens = 2048
          | gen_ai.request.temperature = 0.5
          | promptchain.repairs = 0
          | gen_ai.response.finish_reasons = ["end_turn"]
          | promptchain.attempts = 1
          | gen_ai.response.time_to_first_chunk = 1
          | gen_ai.usage.input_tokens = 10
          | gen_ai.usage.output_tokens = 5
          | promptchain.step.cost_usd = 0.000035
          | promptchain.usage_complete = true
          * promptchain.gate promptchain.decision=passed promptchain.rules=[]
          POST (client, 1000ms)
            | http.request.method = POST
            | promptchain.step = synthesize
            | promptchain.attempt = 1
            | server.address = scripted
            | promptchain.attempt.input_tokens = 10
            | promptchain.attempt.output_tokens = 5
            | promptchain.attempt.cost_usd = 0.000035
            | promptchain.usage_complete = true
            | promptchain.upstream_request_id = req_scripted
            | gen_ai.response.time_to_first_chunk = 1
            | http.response.status_code = 200
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_newest_names_are_used_where_they_are_asked_for() {
    let mut names = Vec::new();
    for style in [everything(), SpanStyle { names: GenAiNames::Latest, ..everything() }] {
        let (tracer, mut seen) = collected(style);
        let api = Api::traced(tracer, &[], good_replies());
        assert_eq!(api.ask(Ask::whole()).await.status, 200);
        let spans = seen.spans();
        let attributes = spans.iter().flat_map(|span| &span.attributes);
        let of_models: std::collections::BTreeSet<String> = attributes
            .map(|attribute| attribute.key.to_string())
            .filter(|name| name.starts_with("gen_ai."))
            .collect();
        names.push(of_models);
    }
    let only = |one: usize, other: usize| names[one].difference(&names[other]).cloned().collect::<Vec<_>>();
    assert_eq!(only(0, 1), ["gen_ai.system", "gen_ai.workflow.name"]);
    assert_eq!(only(1, 0), ["gen_ai.agent.name"]);
}

#[tokio::test(start_paused = true)]
async fn a_divided_step_has_a_call_for_each_part() {
    let (tracer, mut seen) = collected(everything());
    let parts: Vec<Value> =
        ["North", "South"].map(|title| json!({"title": title, "instruction": "Write it."})).to_vec();
    let analysis = json!({"intent": "tell", "key_entities": [], "complexity": "complex", "context": [],
        "subtasks": parts});
    let [_, draft, answer] = good_replies();
    let script = [Reply::text(&analysis.to_string()), draft.clone(), draft, answer];
    let api = Api::traced(tracer, &[("CHAIN_PROCESS_WORKERS", "2")], script);
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let tree = seen.tree();
    let spans: Vec<&str> = tree.lines().filter(|line| !line.contains(" | ")).collect();
    assert_snapshot!(spans.join("\n"), @r#"
    POST /v1/chat/completions (server, 0ms)
      invoke_workflow prompt-chaining (internal, 0ms)
        chat claude-haiku-4-5-20251001 (client, 0ms)
          * promptchain.gate promptchain.decision=passed promptchain.rules=["no-key-entities"]
          POST (client, 0ms)
        process (internal, 0ms)
          chat claude-haiku-4-5-20251001 (client, 0ms)
            * promptchain.gate promptchain.decision=passed promptchain.rules=[]
            POST (client, 0ms)
          chat claude-haiku-4-5-20251001 (client, 0ms)
            * promptchain.gate promptchain.decision=passed promptchain.rules=[]
            POST (client, 0ms)
        chat claude-haiku-4-5-20251001 (client, 0ms)
          * promptchain.gate promptchain.decision=passed promptchain.rules=[]
          POST (client, 0ms)
    "#);
    assert!(!tree.contains("North"), "what models write stands in no trace: {tree}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_ends_every_span_and_says_so() {
    let (tracer, mut seen) = collected(everything());
    let cut = Reply::partial(r#"{"final_text":"Hello"#, [Act::Hang]);
    let api = Api::traced(tracer, &[], good_until(2, [cut]));
    let mut frames = api.stream(Ask::streamed()).await;
    frames.next().await.expect("the role");
    drop(frames);
    let spans = seen.spans();
    let of = |name: &str| {
        let span = spans.iter().rfind(|span| span.name.starts_with(name));
        span.unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(spans.len(), 8, "request, run, three steps, three attempts");
    assert_eq!(attribute(of("POST /v1"), "error.type").as_deref(), Some("client_left"));
    assert_eq!(attribute(of("invoke_workflow"), "promptchain.outcome").as_deref(), Some("cancelled"));
    assert_eq!(attribute(of("chat"), "error.type").as_deref(), Some("cancelled"));
    let attempt = spans.iter().rfind(|span| span.name == "POST").unwrap();
    assert_eq!(attribute(attempt, "error.type").as_deref(), Some("cancelled"));
    assert_eq!(attribute(attempt, "promptchain.usage_complete").as_deref(), Some("false"));
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_fails_its_request_in_the_trace_too() {
    let (tracer, mut seen) = collected(everything());
    let api = Api::traced(tracer, ONE_ATTEMPT, [Reply::status(500)]);
    assert_eq!(api.ask(Ask::whole()).await.status, 502);
    let failed: Vec<(String, Option<String>)> =
        seen.spans().iter().map(|span| (span.name.to_string(), attribute(span, "error.type"))).collect();
    assert_snapshot!(format!("{failed:#?}"), @r#"
    [
        (
            "POST",
            Some(
                "500",
            ),
        ),
        (
            "chat claude-haiku-4-5-20251001",
            Some(
                "upstream",
            ),
        ),
        (
            "invoke_workflow prompt-chaining",
            Some(
                "upstream",
            ),
        ),
        (
            "POST /v1/chat/completions",
            Some(
                "502",
            ),
        ),
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_callers_trace_goes_on_here_and_upstream() {
    let (tracer, mut seen) = collected(everything());
    let captured = Captured::from_level(LogLevel::Info);
    let api = Api::traced(tracer, &[], good_replies());
    let ask = Ask::whole().header("traceparent", PARENT).header("tracestate", "vendor=1");
    assert_eq!(api.ask(ask).await.status, 200);
    let spans = seen.spans();
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    assert!(spans.iter().all(|span| span.span_context.trace_id().to_string() == trace_id));
    let request = spans.iter().find(|span| span.name.starts_with("POST /")).unwrap();
    assert_eq!(request.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(request.parent_span_is_remote);
    // The upstream is told the attempt's own place.
    let attempts: Vec<SpanContext> =
        spans.iter().filter(|span| span.name == "POST").map(|span| span.span_context.clone()).collect();
    let told = api.model.traces();
    assert_eq!(told.len(), 3);
    for (told, attempt) in told.iter().zip(&attempts) {
        assert_eq!(place(told.span()), place(attempt));
        assert!(told.traceparent().ends_with("-01"), "{}", told.traceparent());
        assert_eq!(told.tracestate().as_deref(), Some("vendor=1"));
    }
    let lines = captured.lines();
    assert!(!lines.is_empty() && lines.iter().all(|line| line["trace_id"] == trace_id), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_collector_a_callers_trace_is_passed_on_as_it_came() {
    let api = Api::new(good_replies());
    assert_eq!(api.ask(Ask::whole().header("traceparent", PARENT)).await.status, 200);
    let told: Vec<String> = api.model.traces().iter().map(TraceContext::traceparent).collect();
    assert_eq!(told, [PARENT; 3]);
    let api = Api::new(good_replies());
    assert_eq!(api.ask(Ask::whole().header("traceparent", "nonsense")).await.status, 200);
    assert_eq!(api.model.traces(), []);
}

#[tokio::test(start_paused = true)]
async fn what_isnt_to_be_kept_is_passed_on_and_said_to_be_so() {
    let parent = |root: Sampler| Sampler::ParentBased(Box::new(root));
    for (sampler, caller, kept) in [
        (parent(Sampler::AlwaysOn), None, true),
        (parent(Sampler::AlwaysOn), Some("-00"), false),
        (parent(Sampler::AlwaysOff), None, false),
        (parent(Sampler::AlwaysOff), Some("-01"), true),
        (Sampler::AlwaysOn, Some("-00"), true),
        (Sampler::AlwaysOff, Some("-01"), false),
        (Sampler::TraceIdRatioBased(0.0), None, false),
        (Sampler::TraceIdRatioBased(1.0), None, true),
    ] {
        let what = format!("{sampler:?} {caller:?}");
        let (tracer, mut seen) = collected(SpanStyle { sampler, ..everything() });
        let api = Api::traced(tracer, &[], good_replies());
        let ask = match caller {
            Some(flags) => Ask::whole().header("traceparent", &PARENT.replace("-01", flags)),
            None => Ask::whole(),
        };
        assert_eq!(api.ask(ask).await.status, 200, "{what}");
        assert_eq!(seen.spans().len(), if kept { 8 } else { 0 }, "{what}");
        let told = api.model.traces();
        assert_eq!(told.len(), 3, "{what}");
        assert!(told.iter().all(|told| told.span().is_sampled() == kept), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn prompts_and_replies_stand_in_it_only_where_that_is_asked_for() {
    for content in [false, true] {
        let (tracer, mut seen) = collected(SpanStyle { content, ..everything() });
        let api = Api::traced(tracer, &[], good_replies());
        assert_eq!(api.ask(Ask::whole()).await.status, 200);
        let spans = seen.spans();
        let text = format!("{spans:?}");
        for said in ["Say hello", "Hello, world!", "You analyze.", "greet"] {
            assert_eq!(text.contains(said), content, "{said}");
        }
        if !content {
            continue;
        }
        let of = |name: &str| spans.iter().find(|span| span.name.starts_with(name)).unwrap();
        let read = |span: &SpanData, name: &str| -> Value {
            serde_json::from_str(&attribute(span, name).unwrap()).unwrap()
        };
        let run = of("invoke_workflow");
        let part = |text: &str| json!([{"type": "text", "content": text}]);
        assert_eq!(read(run, "gen_ai.input.messages"), json!([{"role": "user", "parts": part("Say hello")}]));
        let answer = json!([{"role": "assistant", "parts": part("Hello, world!")}]);
        assert_eq!(read(run, "gen_ai.output.messages"), answer);
        let step = of("chat");
        assert!(
            read(step, "gen_ai.system_instructions")[0]["content"].as_str().unwrap().contains("You analyze.")
        );
        assert_eq!(read(step, "gen_ai.output.messages")[0]["finish_reason"], "end_turn");
        assert_eq!(read(step, "gen_ai.output.messages")[0]["parts"], part(ANALYSIS));
    }
}

#[tokio::test(start_paused = true)]
async fn what_machines_ask_for_all_the_time_isnt_traced_and_refusals_are() {
    let (tracer, mut seen) = collected(everything());
    let api = Api::traced(tracer, &[], []);
    for path in ["/health", "/health/", "/health/ready", "/metrics"] {
        api.ask(Ask::get(path)).await;
    }
    assert_eq!(seen.spans(), []);
    assert_eq!(api.ask(Ask::get("/v1/models")).await.status, 401);
    assert_eq!(api.ask(Ask::get("/made/up")).await.status, 404);
    assert_eq!(api.ask(Ask::new("BREW".parse().unwrap(), "/v1/models")).await.status, 405);
    let spans = seen.spans();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["GET /v1/models", "GET", "HTTP /v1/models"]);
    assert_eq!(attribute(&spans[2], "http.request.method_original").as_deref(), Some("BREW"));
    assert!(spans.iter().all(|span| attribute(span, "error.type").is_none()), "a client's error isn't ours");
}

#[tokio::test(start_paused = true)]
async fn a_request_for_a_head_alone_is_answered_whole() {
    let (tracer, mut seen) = collected(everything());
    let captured = Captured::from_level(LogLevel::Debug);
    let api = Api::traced(tracer, &[], []);
    for path in ["/v1/models", "/health"] {
        let answer = api.ask(Ask::new(Method::HEAD, path).by("alice")).await;
        assert_eq!(answer.status, 200);
    }
    let spans = seen.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(attribute(&spans[0], "error.type"), None);
    assert_eq!(captured.about("Client left").len(), 0);
    let levels: Vec<Value> =
        captured.about("Response sent").iter().map(|line| line["level"].clone()).collect();
    assert_eq!(levels, ["INFO", "DEBUG"]);
}

#[tokio::test(start_paused = true)]
async fn a_background_task_is_said_to_be_one_and_has_no_prompt_of_ours() {
    let (tracer, mut seen) = collected(everything());
    let api = Api::traced(tracer, &[("BACKGROUND_TASKS", "bypass")], [Reply::text("A title")]);
    let asked =
        "### Task:\nGenerate a short title for this chat history.\n<chat_history>\nHi\n</chat_history>";
    let messages = json!([{"role": "user", "content": asked}]);
    assert_eq!(api.ask(Ask::chat(json!({"messages": messages}))).await.status, 200);
    let spans = seen.spans();
    for name in ["invoke_workflow", "chat"] {
        let span = spans.iter().find(|span| span.name.starts_with(name)).unwrap();
        assert_eq!(attribute(span, "promptchain.background_task").as_deref(), Some("true"));
        assert_eq!(attribute(span, "gen_ai.prompt.name"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_the_status_that_came_not_the_one_that_it_stands_for() {
    let (tracer, mut seen) = collected(everything());
    let overloaded =
        CallErrorKind::ErrorEvent { error_type: "overloaded_error".into(), message: "scripted".into() };
    let broken = Reply::partial("{", [Act::Fail(overloaded.into())]);
    let api = Api::traced(tracer, ONE_ATTEMPT, [broken]);
    assert_eq!(api.ask(Ask::whole()).await.status, 503);
    let spans = seen.spans();
    let attempt = spans.iter().find(|span| span.name == "POST").unwrap();
    assert_eq!(attribute(attempt, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(attribute(attempt, "error.type").as_deref(), Some("upstream"));
}
