//! Runs whose second step is divided: what clients and operators are told, and how many calls there are at a
//! time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::model::scripted::ScriptedModel;
use crate::model::{CallFuture, Model, ModelRequest, ReplyStream};
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;
use crate::trace_context::TraceContext;

const WORKERS: Variables<'_> = &[("CHAIN_PROCESS_WORKERS", "4")];

/// An analysis with so many parts.
fn analysis(parts: usize) -> Reply {
    let part = |title: &&str| json!({"title": title, "instruction": "Say it."});
    let subtasks: Vec<Value> = ["North", "East", "South", "West"].iter().take(parts).map(part).collect();
    let analysis = json!({
        "intent": "greet", "key_entities": ["world"], "complexity": "complex", "context": [],
        "subtasks": subtasks,
    });
    Reply::text(&analysis.to_string())
}

/// Three parts, of which the second is tried again, and then fails for good.
fn with_faults(variables: &[(&str, &str)]) -> Api {
    let script = [
        analysis(3),
        Reply::text(DRAFT).after(3 * SECOND),
        Reply::status(529),
        Reply::status(400).after(SECOND),
        Reply::text(DRAFT).after(2 * SECOND),
        Reply::text(ANSWER),
    ];
    // So that the wait before the second attempt is always the same.
    Api::tuned(variables, |chain| chain.retry.max_delay = Duration::ZERO, script)
}

#[tokio::test(start_paused = true)]
async fn a_client_can_be_told_how_the_parts_get_on() {
    let ask = Ask::chat(json!({"stream": true, "stream_options": {"include_steps": true}}));
    let told = with_faults(WORKERS).stream(ask).await.rest().await;
    let of_process: Vec<&str> = told.lines().filter(|line| line.contains("process")).collect();
    assert_snapshot!(of_process.join("\n"), @r#"
    {} step {"step":"process","worker":null,"title":null,"state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"process","worker":1,"title":"North","state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"process","worker":2,"title":"East","state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"process","worker":2,"title":"East","state":"retrying","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":0.0,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":0.0}
    {} step {"step":"process","worker":3,"title":"South","state":"started","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":null,"tokens":{"input":null,"output":null},"cost_usd":null,"retry_in_seconds":null}
    {} step {"step":"process","worker":2,"title":"East","state":"failed","model":"claude-haiku-4-5-20251001","attempt":2,"seconds":1.0,"tokens":{"input":0,"output":0},"cost_usd":0.0,"retry_in_seconds":null}
    {} step {"step":"process","worker":3,"title":"South","state":"finished","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":2.0,"tokens":{"input":10,"output":5},"cost_usd":0.000035,"retry_in_seconds":null}
    {} step {"step":"process","worker":1,"title":"North","state":"finished","model":"claude-haiku-4-5-20251001","attempt":1,"seconds":3.0,"tokens":{"input":10,"output":5},"cost_usd":0.000035,"retry_in_seconds":null}
    {} step {"step":"process","worker":null,"title":null,"state":"finished","model":"claude-haiku-4-5-20251001","attempt":4,"seconds":3.0,"tokens":{"input":20,"output":10},"cost_usd":0.00007,"retry_in_seconds":null}
    "#);
}

#[tokio::test(start_paused = true)]
async fn the_joined_draft_is_shown_as_reasoning() {
    let variables = [WORKERS, &[("CHAIN_EXPOSE_STEPS", "reasoning")]].concat();
    let answer = with_faults(&variables).ask(Ask::whole()).await.json();
    assert_snapshot!(answer["choices"][0]["message"]["reasoning_content"].as_str().unwrap(), @r"
    **Intent:** greet
    **About:** world
    **Complexity:** complex

    **Draft** (confidence 0.9)**:**

    ## North

    Hello.

    ## South

    Hello.
    ");
}

#[tokio::test(start_paused = true)]
async fn a_part_is_a_line_in_the_log_without_its_title() {
    let api = with_faults(WORKERS);
    let captured = Captured::from_level(LogLevel::Info);
    api.ask(Ask::whole().header("x-request-id", "mine-1")).await;
    let text = captured.text();
    let of_process: Vec<&str> = text.lines().filter(|line| line.contains("process")).collect();
    assert_snapshot!(of_process.join("\n"), @r#"
    {"level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Attempt failed","request_id":"mine-1","user_id":"alice","step":"process","worker":2,"model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"status_code":529,"error":"upstream answered 529: scripted 529","error_type":"upstream","retry_in_seconds":0.0,"input_tokens":0,"output_tokens":0,"total_cost_usd":0.0}
    {"level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Attempt failed","request_id":"mine-1","user_id":"alice","step":"process","worker":2,"model":"claude-haiku-4-5-20251001","attempt":2,"duration_ms":1000.0,"status_code":400,"error":"upstream answered 400: scripted 400","error_type":"upstream","input_tokens":0,"output_tokens":0,"total_cost_usd":0.0}
    {"level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Worker left out","request_id":"mine-1","user_id":"alice","step":"process","worker":2,"attempt":2,"duration_ms":1000.0,"error":"process failed after 2 attempts: upstream answered 400: scripted 400","error_type":"upstream","input_tokens":0,"output_tokens":0,"total_tokens":0,"input_cost_usd":0.0,"output_cost_usd":0.0,"total_cost_usd":0.0,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Worker finished","request_id":"mine-1","user_id":"alice","step":"process","worker":3,"attempt":1,"duration_ms":2000.0,"confidence":0.9,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Worker finished","request_id":"mine-1","user_id":"alice","step":"process","worker":1,"attempt":1,"duration_ms":3000.0,"confidence":0.9,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Gate let a faulty reply pass","request_id":"mine-1","user_id":"alice","step":"process","worker":2,"findings":"part-left-out"}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"process","model":"claude-haiku-4-5-20251001","attempt":4,"duration_ms":3000.0,"confidence":0.9,"input_tokens":20,"output_tokens":10,"total_tokens":30,"input_cost_usd":0.00002,"output_cost_usd":0.00005,"total_cost_usd":0.00007,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Chat completion request completed","request_id":"mine-1","user_id":"alice","elapsed_seconds":3.0,"steps":"analyze 0ms, process 3000ms, synthesize 0ms","model":"prompt-chaining","finish_reason":"stop","input_tokens":40,"output_tokens":20,"total_tokens":60,"input_cost_usd":0.00004,"output_cost_usd":0.0001,"total_cost_usd":0.00014,"usage_complete":true}
    "#);
    assert!(!text.contains("North") && !text.contains("South"), "{text}");
    let has = |name: &str| captured.lines().iter().filter(|line| line.get(name).is_some()).count();
    assert_eq!(has("elapsed_seconds"), 1);
}

/// Answers each request as its step needs it, a second later, and counts the calls.
#[derive(Default)]
struct ByStep {
    parts: usize,
    open: Arc<AtomicUsize>,
    most: AtomicUsize,
}

/// A call that has begun and has been neither finished nor dropped.
struct OpenCall(Arc<AtomicUsize>);

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Model for ByStep {
    fn upstream(&self) -> &'static str {
        "by-step"
    }

    fn call<'a>(&'a self, request: &'a ModelRequest, trace: Option<&'a TraceContext>) -> CallFuture<'a> {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(open, Ordering::Relaxed);
        let call = OpenCall(Arc::clone(&self.open));
        let reply = match request.system[0].text.as_str() {
            "You analyze." => analysis(self.parts),
            "You write a part." => Reply::text(DRAFT),
            "You synthesize." => Reply::text(ANSWER),
            other => panic!("who asks that? {other}"),
        };
        Box::pin(async move {
            let reply = ScriptedModel::new([reply.after(SECOND)]).call(request, trace).await?;
            let counted: ReplyStream = Box::pin(reply.inspect(move |_| _ = &call));
            Ok(counted)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn all_runs_together_have_no_more_calls_than_places_and_none_fails_for_want_of_one() {
    for (places, runs) in [(1, 1), (3, 3), (5, 3), (8, 2)] {
        let model = Arc::new(ByStep { parts: 4, ..ByStep::default() });
        let max = places.to_string();
        let variables = [WORKERS, &[("MAX_CONCURRENT_RUNS", max.as_str())]].concat();
        let api = Api::unscripted(&variables, model.clone());
        for answer in join_all((0..runs).map(|_| api.ask(Ask::whole()))).await {
            assert_eq!(answer.status, 200, "{places} {runs}: {answer:?}");
        }
        assert_eq!(model.most.load(Ordering::Relaxed), places, "{runs} runs use what there is, and no more");
        assert_eq!(model.open.load(Ordering::Relaxed), 0);
        assert_eq!(api.app.runs.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_counts_as_one_however_many_calls_it_makes_and_those_fill_the_server() {
    let model = Arc::new(ByStep { parts: 4, ..ByStep::default() });
    let variables = [WORKERS, &[("MAX_CONCURRENT_RUNS", "4")]].concat();
    let api = Api::unscripted(&variables, model);
    let meanwhile = async {
        tokio::time::sleep(SECOND * 3 / 2).await;
        assert_eq!(api.app.runs.under_way(), 1);
        assert_eq!(api.ask(Ask::whole()).await.code(), "overloaded");
    };
    let (answer, ()) = tokio::join!(api.ask(Ask::whole()), meanwhile);
    assert_eq!(answer.status, 200);
    assert_eq!(api.ask(Ask::whole()).await.status, 200, "the places are free again");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drains_leaves_its_runs_the_places_for_their_parts() {
    let model = Arc::new(ByStep { parts: 4, ..ByStep::default() });
    let variables = [WORKERS, &[("MAX_CONCURRENT_RUNS", "4")]].concat();
    let api = Api::unscripted(&variables, model);
    let began = Instant::now();
    let drained = async {
        tokio::time::sleep(SECOND / 2).await;
        api.app.lifecycle.drain();
        api.app.runs.all_ended().await;
        began.elapsed()
    };
    let (answer, drained) = tokio::join!(api.ask(Ask::whole()), drained);
    assert_eq!(answer.status, 200);
    assert_eq!(drained, 3 * SECOND, "all parts at the same time");
}
