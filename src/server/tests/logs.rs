//! The log of the server, as an operator reads it.

use axum::http::header::AUTHORIZATION;
use insta::assert_snapshot;
use serde_json::Value;

use super::*;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

/// What is logged of these requests, made one after another.
async fn logged(level: LogLevel, api: &Api, asked: impl IntoIterator<Item = Ask>) -> Captured {
    let captured = Captured::from_level(level);
    for ask in asked {
        api.ask(ask.header("x-request-id", "mine-1")).await;
    }
    captured
}

#[tokio::test(start_paused = true)]
async fn a_good_request_is_a_line_a_step_one_for_the_run_and_one_for_the_response() {
    let good = || {
        let [analysis, draft, answer] = good_replies();
        Api::new([analysis, draft.after(SECOND), answer])
    };
    let whole = logged(LogLevel::Info, &good(), [Ask::whole()]).await.text();
    assert_snapshot!(whole, @r#"
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"analyze","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"process","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":1000.0,"confidence":0.9,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"synthesize","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Chat completion request completed","request_id":"mine-1","user_id":"alice","elapsed_seconds":1.0,"steps":"analyze 0ms, process 1000ms, synthesize 0ms","model":"prompt-chaining","finish_reason":"stop","input_tokens":30,"output_tokens":15,"total_tokens":45,"input_cost_usd":0.00003,"output_cost_usd":0.000075,"total_cost_usd":0.000105,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","user_id":"alice","method":"POST","path":"/v1/chat/completions","status_code":200,"response_time":1.0}
    "#);
    assert_eq!(logged(LogLevel::Info, &good(), [Ask::streamed()]).await.text(), whole);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_a_warning_without_the_token() {
    let api = Api::new([]);
    let asked = [Ask::get("/v1/models"), Ask::models().header(AUTHORIZATION, "Bearer nonsense")];
    assert_snapshot!(logged(LogLevel::Info, &api, asked).await.text(), @r#"
    {"level":"WARNING","logger":"promptchain::server::layers::authenticate","message":"Token rejected","request_id":"mine-1","client":"198.51.100.7","reason":"missing"}
    {"level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/v1/models","status_code":401,"response_time":0.0}
    {"level":"WARNING","logger":"promptchain::server::layers::authenticate","message":"Token rejected","request_id":"mine-1","client":"198.51.100.7","reason":"malformed"}
    {"level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/v1/models","status_code":403,"response_time":0.0}
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_request_over_the_limit_is_a_warning_with_what_remains() {
    let api = Api::with(&[("RATE_LIMIT_MODELS", "1/minute")], []);
    let captured = logged(LogLevel::Warning, &api, [Ask::models(), Ask::models()]).await;
    let mut lines = captured.lines();
    let reset = lines[0].as_object_mut().unwrap().shift_remove("reset").expect("when to come back");
    assert!(reset.as_u64().is_some());
    let [line] = &lines[..] else { panic!("{}", captured.text()) };
    assert_snapshot!(line, @r#"{"level":"WARNING","logger":"promptchain::server::layers::rate_limit","message":"Refused by the rate limit","request_id":"mine-1","user_id":"alice","limit":"1 per 1 minute","remaining":0}"#);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_is_a_warning() {
    let api = Api::with(&[("MAX_REQUEST_BODY_SIZE", "1024")], []);
    let asked = [Ask::whole().body(" ".repeat(1025))];
    assert_snapshot!(logged(LogLevel::Warning, &api, asked).await.text(), @r#"{"level":"WARNING","logger":"promptchain::server::layers::body_limit","message":"Request body too large","request_id":"mine-1","max_bytes":1024,"received_bytes":1025,"error":"Request body too large. Maximum size: 1024 bytes, received: 1025 bytes"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_is_an_error_with_its_kind() {
    let api = Api::with(ONE_ATTEMPT, good_until(1, [Reply::status(529)]));
    assert_snapshot!(logged(LogLevel::Info, &api, [Ask::whole()]).await.text(), @r#"
    {"level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"analyze","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Attempt failed","request_id":"mine-1","user_id":"alice","step":"process","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":0.0,"status_code":529,"error":"upstream answered 529: scripted 529","error_type":"upstream","input_tokens":0,"output_tokens":0,"total_cost_usd":0.0}
    {"level":"ERROR","logger":"promptchain::telemetry::run_log","message":"Chat completion request failed","request_id":"mine-1","user_id":"alice","elapsed_seconds":0.0,"steps":"analyze 0ms","step":"process","model":"prompt-chaining","error":"process failed: upstream answered 529: scripted 529","error_type":"upstream","error_code":"overloaded","input_tokens":10,"output_tokens":5,"total_tokens":15,"input_cost_usd":0.00001,"output_cost_usd":0.000025,"total_cost_usd":0.000035,"usage_complete":true}
    {"level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","user_id":"alice","method":"POST","path":"/v1/chat/completions","status_code":503,"response_time":0.0}
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_in_the_providers_words_and_counted_whatever_comes_of_it() {
    let refused = || {
        let (category, explanation) = (Some("general_harms".to_owned()), Some("Not this.".to_owned()));
        Reply::stopped("", StopReason::Refusal { category, explanation })
    };
    for (step, name, end) in [(0, "analyze", "failed"), (2, "synthesize", "completed")] {
        let api = Api::new(good_until(step, [refused()]));
        let captured = logged(LogLevel::Info, &api, [Ask::whole()]).await;
        let lines = captured.lines();
        let gate = lines.iter().find(|line| line["findings"] == "refusal").unwrap();
        assert_eq!((&gate["step"], &gate["refusal_category"]), (&name.into(), &"general_harms".into()));
        assert_eq!(gate["refusal_explanation"], "Not this.");
        let last = captured.about(&format!("Chat completion request {end}"));
        let [last] = &last[..] else { panic!("{}", captured.text()) };
        let finish = (end == "completed").then_some("content_filter");
        assert_eq!(last["finish_reason"].as_str(), finish);
        let counted = format!("promptchain_refusals_total{{step=\"{name}\"}} 1\n");
        assert!(api.app.metrics_text().contains(&counted), "{}", api.app.metrics_text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_a_bug_ends_is_an_error_too() {
    for (steps, ask) in [(0, Ask::whole()), (0, Ask::streamed()), (2, Ask::streamed())] {
        let api = Api::new(good_until(steps, [Reply::partial("{", [Act::Wait(SECOND), Act::Panic])]));
        let captured = logged(LogLevel::Info, &api, [ask]).await;
        let [end] = &captured.about("Chat completion request")[..] else { panic!("{}", captured.text()) };
        assert_eq!(
            ["level", "message", "error_code"].map(|name| end[name].as_str().unwrap()),
            ["ERROR", "Chat completion request failed", "internal_error"]
        );
        assert!(end["error_type"].is_string(), "{end}");
    }
}

#[tokio::test(start_paused = true)]
async fn health_checks_are_for_whoever_looks_for_a_fault() {
    let checks = || ["/health", "/health/", "/health/ready"].map(Ask::get);
    let api = Api::new([]);
    assert_eq!(logged(LogLevel::Info, &api, checks()).await.text(), "");
    assert_snapshot!(logged(LogLevel::Debug, &api, checks()).await.text(), @r#"
    {"level":"DEBUG","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/health","status_code":200,"response_time":0.0}
    {"level":"DEBUG","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/health/","status_code":200,"response_time":0.0}
    {"level":"DEBUG","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/health/ready","status_code":200,"response_time":0.0}
    "#);
}

#[tokio::test(start_paused = true)]
async fn only_a_runs_last_line_says_completed_and_how_long_it_took() {
    let refused = Ask::get("/v1/models");
    let api = Api::new(good_replies());
    let captured = logged(LogLevel::Debug, &api, [Ask::streamed(), refused, Ask::get("/health")]).await;
    let has = |line: &Value| {
        line.get("elapsed_seconds").is_some() || line["message"].as_str().unwrap().contains("completed")
    };
    let lines: Vec<Value> = captured.lines().into_iter().filter(has).collect();
    let messages: Vec<&str> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(messages, ["Chat completion request completed"]);
}

#[tokio::test(start_paused = true)]
async fn every_line_of_a_request_has_its_id_and_its_user_and_none_has_words_or_tokens() {
    let api = Api::new(good_replies());
    let captured = logged(LogLevel::Debug, &api, [Ask::streamed()]).await;
    for line in captured.lines() {
        assert_eq!((&line["request_id"], &line["user_id"]), (&"mine-1".into(), &"alice".into()), "{line}");
    }
    let text = captured.text();
    for word in ["Say hello", "Hello", "greet", "eyJ", "Bearer"] {
        assert!(!text.contains(word), "{word} is in {text}");
    }
}
