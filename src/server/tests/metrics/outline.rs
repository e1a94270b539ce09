//! All names, types, labels and buckets: those who have dashboards rely on them.

use std::collections::BTreeSet;

use axum::http::header::AUTHORIZATION;
use insta::assert_snapshot;

use super::*;

/// A shared store where nobody listens.
const GONE: (&str, &str) = ("RATE_LIMIT_STORAGE_URI", "redis://127.0.0.1:1");

/// Metrics with everything in them that there can be.
async fn everything() -> Scraped {
    let variables = [ONE_ATTEMPT, &[("RATE_LIMIT_MODELS", "1/minute"), GONE]].concat();
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
            let pairs = rest.rsplit_once('}').unwrap().0.strip_suffix('"').unwrap().split("\",");
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
#[expect(clippy::too_many_lines, reason = "most of it is one snapshot")]
async fn the_names_types_labels_and_buckets_are_these() {
    let text = everything().await.text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let outline = outline(&text);
    // What the system says of a process comes last.
    let begins = ["\nprocess_", "\npromptchain_runtime_tasks"].map(|name| outline.find(name));
    let (of_server, of_process) = outline.split_at(begins.into_iter().flatten().min().unwrap() + 1);
    assert_eq!(of_process.lines().count(), if cfg!(target_os = "linux") { 6 } else { 1 }, "{of_process}");
    assert_snapshot!(of_server, @r"
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
      outcome: breaker_open cancelled internal ok over_limit rejected shutdown timeout upstream
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    promptchain_run_errors_total counter
      code: budget_reserved budget_spent budget_unavailable circuit_open context_length_exceeded gate_rejected internal_error max_cost_exceeded model_not_found overloaded rate_limited recording refusal shutting_down timeout unknown_price upstream_credentials upstream_error
    promptchain_overhead_seconds histogram
      phase: between_steps request response
      le: 5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 +Inf
    promptchain_upstream_cancel_seconds histogram
      phase: before_first_byte mid_stream
      le: 5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 +Inf
    promptchain_first_text_seconds histogram
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    promptchain_runs_refused_total counter
      reason: draining full
    promptchain_runs_active gauge
    promptchain_run_places_taken gauge
    promptchain_run_places gauge
    promptchain_step_attempts_total counter
      step: analyze process synthesize
      outcome: breaker_open cancelled fatal ok retryable timeout
    promptchain_refusals_total counter
      step: analyze process synthesize
    promptchain_step_duration_seconds histogram
      step: analyze process synthesize
      outcome: cancelled ok retryable
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_operation_duration_seconds histogram
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      step: analyze process synthesize
      error_type:  server_error
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_operation_time_to_first_chunk_seconds histogram
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      step: analyze process synthesize
      le: 0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 +Inf
    gen_ai_client_token_usage histogram
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      step: analyze process synthesize
      token_type: cache_read cache_write input output
      le: 1 4 16 64 256 1024 4096 16384 65536 262144 1.048576e+06 4.194304e+06 1.6777216e+07 6.7108864e+07 +Inf
    promptchain_cost_usd_total counter
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      step: analyze process synthesize
    promptchain_cost_unknown_total counter
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      step: analyze process synthesize
      reason: uncounted unpriced
    promptchain_stream_end_total counter
      reason: client_gone complete deadline internal rejected shutdown stalled upstream_error upstream_truncated
    promptchain_streams_active gauge
    promptchain_stream_heartbeats_total counter
    promptchain_background_tasks_total counter
      task: autocomplete follow_ups other queries tags title
    promptchain_checkpoint_requests_total counter
      result: conflict new replayed resumed timeout unavailable unreadable
    promptchain_checkpoint_reused_steps_total counter
      step: analyze background_task process synthesize
    promptchain_checkpoint_writes_total counter
      result: failed kept lost too_large
    promptchain_checkpoints_in_memory gauge
    promptchain_budget_decisions_total counter
      decision: refused reserved unavailable
      degraded: false true
    promptchain_budget_settled_usd_total counter
    promptchain_auth_failures_total counter
      reason: algorithm audience critical_header expired issuer malformed missing not_bearer not_yet_valid signature subject too_large
    promptchain_rate_limit_decisions_total counter
      decision: allowed refused unavailable
      backend: memory redis
      degraded: false true
    promptchain_rate_limiter_keys gauge
    promptchain_breaker_state gauge
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
    promptchain_breaker_transitions_total counter
      model: claude-haiku-4-5-20251001 claude-haiku-5-5 claude-sonnet-5-5
      to: closed half_open open
      reason: consecutive probe_failed probes_succeeded time_out_passed
    promptchain_config_reload_total counter
      result: refused success
    promptchain_config_last_reload_success_timestamp_seconds gauge
    promptchain_draining gauge
    promptchain_shared_store_errors_total counter
      reason: connection key not_ready other out_of_memory read_only refused reply timeout
    promptchain_shared_store_up gauge
    promptchain_shared_store_round_trip_seconds histogram
      le: 5e-05 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 +Inf
    ");
}
