//! What the server counts, as whoever collects it reads it.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::model::Cost;
use crate::server::router::metrics_router;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

/// Strict gates, which neither repair nor let anything pass.
const STRICT: Variables<'_> = &[("CHAIN_STRICT_VALIDATION", "true"), ("CHAIN_REPAIR_ATTEMPTS", "0")];

fn scrape() -> Ask {
    Ask::get("/metrics").by("prometheus")
}

/// The series and their values.
struct Scraped {
    text: String,
    series: BTreeMap<String, f64>,
}

impl Scraped {
    async fn of(api: &Api) -> Self {
        let answer = api.ask(scrape()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let series = answer.body.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        });
        Self { series: series.collect(), text: answer.body }
    }

    #[track_caller]
    fn value(&self, series: &str) -> f64 {
        *self.series.get(series).unwrap_or_else(|| panic!("no {series} in {}", self.text))
    }

    /// The sum over all series that begin like that.
    fn sum(&self, beginning: &str) -> f64 {
        self.series.iter().filter(|(name, _)| name.starts_with(beginning)).map(|(_, value)| value).sum()
    }

    /// The labels of those series of a metric that aren't 0.
    fn counted(&self, metric: &str) -> Vec<String> {
        let of_metric = |(name, value): (&String, &f64)| {
            let labels = name.strip_prefix(metric)?.strip_prefix('{')?;
            (*value != 0.0).then(|| format!("{} {value}", labels.trim_end_matches('}').replace('"', "")))
        };
        self.series.iter().filter_map(of_metric).collect()
    }
}

/// Metrics with everything in them that there can be.
async fn everything() -> Scraped {
    let variables = [ONE_ATTEMPT, &[("RATE_LIMIT_MODELS", "1/minute")]].concat();
    let cut = || Reply::partial(r#"{"final_text":"Hello"#, [Act::Hang]);
    let script = good_replies().into_iter().chain(good_until(2, [cut()])).chain(vec![Reply::status(500); 3]);
    let api = Api::with(&variables, script);
    assert_eq!(api.ask(Ask::whole()).await.status, 200);
    let mut frames = api.stream(Ask::streamed()).await;
    frames.next().await.expect("the role");
    drop(frames);
    for _ in 0..3 {
        assert_eq!(api.ask(Ask::whole()).await.status, 502);
    }
    for status in [200, 429] {
        assert_eq!(api.ask(Ask::models()).await.status, status);
    }
    assert_eq!(api.ask(Ask::models().without(&AUTHORIZATION)).await.status, 401);
    Scraped::of(&api).await
}

/// Each metric in a line: its type, its labels with the values that there are, and the bounds of its buckets.
fn outline(text: &str) -> String {
    let mut outline = String::new();
    for block in text.split("# HELP ").skip(1) {
        let (head, samples) = block.split_once("# TYPE ").unwrap();
        let (of_type, samples) = samples.split_once('\n').unwrap();
        assert!(head.trim_end().ends_with('.'), "{head} isn't a sentence");
        let mut labels: Vec<(String, BTreeSet<String>)> = Vec::new();
        let mut bounds = Vec::new();
        for sample in samples.lines() {
            let Some((_, rest)) = sample.split_once('{') else { continue };
            let pairs = rest.rsplit_once('}').unwrap().0.trim_end_matches('"').split("\",");
            for (name, value) in pairs.map(|pair| pair.split_once("=\"").unwrap()) {
                if name == "le" {
                    if !bounds.contains(&value) {
                        bounds.push(value);
                    }
                } else if let Some((_, values)) = labels.iter_mut().find(|(known, _)| known == name) {
                    values.insert(value.to_owned());
                } else {
                    labels.push((name.to_owned(), BTreeSet::from([value.to_owned()])));
                }
            }
        }
        outline.push_str(&format!("{of_type}\n"));
        for (name, values) in labels {
            outline.push_str(&format!("  {name}: {}\n", values.into_iter().collect::<Vec<_>>().join(" ")));
        }
        if !bounds.is_empty() {
            outline.push_str(&format!("  le: {}\n", bounds.join(" ")));
        }
    }
    outline
}

#[tokio::test(start_paused = true)]
async fn the_names_types_labels_and_buckets_are_these() {
    let text = everything().await.text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_snapshot!(outline(&text), @r"
    promptchain_build_info gauge
      version: VERSION
    http_server_request_duration_seconds histogram
      route: /v1/chat/completions /v1/models
      method: GET POST
      status: 200 401 429 502
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    http_server_active_requests gauge
      route: /metrics /v1/chat/completions /v1/models
      method: GET POST
    promptchain_request_duration_seconds histogram
      stream: false true
      outcome: cancelled ok upstream
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    promptchain_overhead_seconds histogram
      phase: between_steps request response
      le: 5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 +Inf
    promptchain_upstream_cancel_seconds histogram
      phase: before_first_byte mid_stream
      le: 5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 +Inf
    promptchain_step_attempts_total counter
      step: analyze process synthesize
      outcome: breaker_open cancelled fatal ok retryable timeout
    promptchain_step_duration_seconds histogram
      step: analyze process synthesize
      outcome: cancelled ok retryable
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_operation_duration_seconds histogram
      model: claude-haiku-4-5-20251001
      step: analyze process synthesize
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_operation_time_to_first_chunk_seconds histogram
      model: claude-haiku-4-5-20251001
      step: analyze process synthesize
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_token_usage histogram
      model: claude-haiku-4-5-20251001
      step: analyze process synthesize
      token_type: cache_read cache_write input output
      le: 1 4 16 64 256 1024 4096 16384 65536 262144 1.048576e+06 4.194304e+06 1.6777216e+07 6.7108864e+07 +Inf
    promptchain_cost_usd_total counter
      model: claude-haiku-4-5-20251001
      step: analyze process synthesize
    promptchain_cost_unknown_total counter
      model: claude-haiku-4-5-20251001
      step: analyze process synthesize
    promptchain_stream_end_total counter
      reason: client_gone complete deadline internal rejected shutdown stalled upstream_error upstream_truncated
    promptchain_streams_active gauge
    promptchain_stream_heartbeats_total counter
    promptchain_auth_failures_total counter
      reason: algorithm audience critical_header expired issuer malformed missing not_bearer not_yet_valid signature subject too_large
    promptchain_rate_limit_decisions_total counter
      decision: allowed refused
    promptchain_rate_limiter_keys gauge
    promptchain_breaker_state gauge
      model: claude-haiku-4-5-20251001
    promptchain_breaker_transitions_total counter
      model: claude-haiku-4-5-20251001
      to: open
      reason: consecutive
    promptchain_draining gauge
    ");
}

#[tokio::test(start_paused = true)]
async fn nothing_that_clients_send_becomes_a_series() {
    let api = Api::with(&[("RATE_LIMIT_CHAT_COMPLETIONS", "1000000/minute")], []);
    let ask = |n: usize| {
        let word = format!("made-up-{n}");
        let path: &'static str = Box::leak(format!("/v1/{word}").into_boxed_str());
        let model: &'static str = Box::leak(format!("/v1/models/{word}").into_boxed_str());
        let method = Method::from_bytes(format!("M{n}").as_bytes()).unwrap();
        [
            Ask::chat(json!({"model": word})).by(&word),
            Ask::get(path),
            Ask::get(model).by(&word),
            Ask::new(method, "/health"),
        ]
    };
    let mut counts = Vec::new();
    for part in [0..1, 1..1000] {
        for asks in part.map(ask) {
            for ask in asks {
                let status = api.ask(ask).await.status;
                assert!(matches!(status, 404 | 405), "{status}");
            }
        }
        // The first time, scraping becomes a series itself.
        Scraped::of(&api).await;
        let scraped = Scraped::of(&api).await;
        assert!(!scraped.text.contains("made-up"), "{}", scraped.text);
        counts.push(scraped.series.len());
    }
    assert_eq!(counts[0], counts[1]);
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value("promptchain_rate_limiter_keys"), 2000.0);
    let unmatched =
        r#"http_server_request_duration_seconds_count{route="unmatched",method="GET",status="404"}"#;
    assert_eq!(scraped.value(unmatched), 1000.0);
}

#[tokio::test]
async fn the_metrics_need_a_token_and_no_limit_holds_for_them() {
    let limits = [("RATE_LIMIT_DEFAULT", "3/minute"), ("RATE_LIMIT_MODELS", "1/minute")];
    let api = Api::with(&limits, []);
    for _ in 0..10 {
        let answer = api.ask(scrape()).await;
        answer.check_headers("the metrics");
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, None));
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert!(answer.body.ends_with('\n'), "{}", answer.body);
    }
    let head = api.ask(Ask::new(Method::HEAD, "/metrics").by("prometheus")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(api.ask(Ask::new(Method::POST, "/metrics").by("prometheus")).await.status, 405);
    let unsigned = scrape().header(AUTHORIZATION, "Bearer eyJhbGciOiJub25lIn0.e30.");
    for (ask, status) in [(Ask::get("/metrics"), 401), (unsigned, 403)] {
        let answer = api.ask(ask).await;
        assert_eq!(answer.status, status);
        answer.check_error("the metrics");
    }
    let scraped = Scraped::of(&api).await;
    let failures = scraped.counted("promptchain_auth_failures_total");
    assert_eq!(failures, ["reason=algorithm 1", "reason=missing 1"]);
}

#[tokio::test]
async fn on_a_port_of_their_own_the_metrics_need_no_token_and_are_not_on_the_apis() {
    let api = Api::with(&[("METRICS_BIND", "127.0.0.1:0")], []);
    assert_eq!(api.ask(scrape()).await.status, 404);
    let router = metrics_router(&api.app);
    let ask = async |ask: Ask| {
        let response = tower::ServiceExt::oneshot(router.clone(), ask.into_request()).await.unwrap();
        Answer::read(response).await
    };
    let answer = ask(Ask::get("/metrics")).await;
    assert_eq!(answer.status, 200);
    answer.check_headers("the metrics");
    assert!(answer.body.contains("promptchain_draining 0"), "{}", answer.body);
    assert_eq!(ask(Ask::new(Method::HEAD, "/metrics")).await.status, 200);
    for path in ["/", "/health", "/v1/models"] {
        assert_eq!(ask(Ask::get(path)).await.status, 404, "{path}");
    }
}

/// How the stream of that script ends.
async fn end_of_stream(variables: Variables<'_>, script: Vec<Reply>) -> Vec<String> {
    let api = Api::with(variables, script);
    api.stream(Ask::streamed()).await.rest().await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(scraped.value("promptchain_streams_active"), 0.0);
    scraped.counted("promptchain_stream_end_total")
}

#[tokio::test(start_paused = true)]
async fn streams_are_counted_by_why_they_ended() {
    let begun = |then: Vec<Act>| good_until(2, [Reply::partial(r#"{"final_text":"Hello"#, then)]);
    let failed = |kind: CallErrorKind| begun(vec![Act::Fail(kind.into())]);
    let event = CallErrorKind::ErrorEvent { error_type: "overloaded_error".into(), message: String::new() };
    let slow = begun(trickle(100, SECOND).collect());
    for (variables, script, reason) in [
        (&[][..], good_replies().to_vec(), "complete"),
        (&[], failed(event), "upstream_error"),
        (&[("STREAMING_TIMEOUT", "3")], begun(vec![Act::Hang]), "upstream_error"),
        (&[], failed(CallErrorKind::Truncated), "upstream_truncated"),
        (&[], failed(CallErrorKind::Interrupted("reset".into())), "upstream_truncated"),
        (&[], slow, "deadline"),
        (STRICT, good_until(2, [Reply::text("no JSON")]), "rejected"),
        (&[], begun(vec![Act::Wait(SECOND), Act::Panic]), "internal"),
    ] {
        assert_eq!(end_of_stream(variables, script).await, [format!("reason={reason} 1")]);
    }
    let early = Api::with(ONE_ATTEMPT, [Reply::status(500)]);
    assert_eq!(early.ask(Ask::streamed()).await.status, 502);
    let scraped = Scraped::of(&early).await;
    assert_eq!(scraped.counted("promptchain_stream_end_total"), [""; 0], "no stream had begun");
}

#[tokio::test(start_paused = true)]
async fn streams_that_clients_or_the_server_end_are_told_apart() {
    let hanging = || good_until(2, [Reply::partial(r#"{"final_text":"Hello"#, [Act::Hang])]);
    let api = Api::new(hanging().into_iter().chain(hanging()).chain(hanging()));
    let mut frames = api.stream(Ask::streamed()).await;
    frames.next().await.expect("the role");
    assert_eq!(Scraped::of(&api).await.value("promptchain_streams_active"), 1.0);
    drop(frames);
    assert_eq!(Scraped::of(&api).await.counted("promptchain_stream_end_total"), ["reason=client_gone 1"]);

    let mut late = api.stream(Ask::streamed()).await;
    late.next().await.expect("the role");
    tokio::time::advance(100 * SECOND).await;
    drop(late);
    let frames = api.stream(Ask::streamed()).await;
    api.app.lifecycle.drain();
    api.app.lifecycle.cut();
    frames.rest().await;
    let scraped = Scraped::of(&api).await;
    assert_eq!(
        scraped.counted("promptchain_stream_end_total"),
        ["reason=client_gone 1", "reason=deadline 1", "reason=shutdown 1"]
    );
    let runs = scraped.counted("promptchain_request_duration_seconds_count");
    assert_eq!(
        runs,
        [
            "stream=true,outcome=cancelled 1",
            "stream=true,outcome=shutdown 1",
            "stream=true,outcome=timeout 1"
        ]
    );
    assert_eq!(scraped.value("promptchain_draining"), 1.0);
    let cancelled = scraped.counted("promptchain_upstream_cancel_seconds_count");
    assert_eq!(cancelled, ["phase=mid_stream 3"]);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_counted() {
    let patient = [("CHAIN_ANALYZE_TIMEOUT", "40"), ("STREAM_HEARTBEAT_SECONDS", "5")];
    let [_, draft, answer] = good_replies();
    let api = Api::with(&patient, [Reply::text(ANALYSIS).after(13 * SECOND), draft, answer]);
    api.stream(Ask::streamed()).await.rest().await;
    assert_eq!(Scraped::of(&api).await.value("promptchain_stream_heartbeats_total"), 2.0);
}

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
        scraped.sum("promptchain_cost_unknown_total"),
        1.0,
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
        ["analyze", "process", "synthesize"].map(|step| format!("model={model},step={step} 1"))
    );
}
