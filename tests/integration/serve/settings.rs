//! What each variable of the server changes, as clients and operators see it.

use serde_json::{Value, json};

use crate::support::{Request, Response, Served, Upstream, chat, chat_by, models, question, token};

/// A server with that variable, and a good upstream, which lives as long as this.
fn with(environment: &[(&str, &str)]) -> (Upstream, Served) {
    let upstream = Upstream::good();
    let served = upstream.serve(environment);
    (upstream, served)
}

/// The chunks of a stream, without its end.
fn chunks(response: &Response) -> Vec<Value> {
    let events = response.events();
    let chunks = events.iter().filter(|event| *event != "[DONE]");
    chunks.map(|event| serde_json::from_str(event).unwrap()).collect()
}

#[test]
fn log_lines_are_of_the_format_and_level_that_was_asked_for() {
    let (_upstream, served) = with(&[("LOG_FORMAT", "standard")]);
    served.ask(&models());
    served.signal("TERM");
    let log = served.finish().exits(0).log.whole_text();
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_err()), "{log}");
    assert!(log.contains("INFO     Listening address=http://127.0.0.1:"), "{log}");
    assert!(log.contains("INFO     Response sent method=GET path=/v1/models status_code=200 "), "{log}");

    let levels = |level: &str| {
        let (_upstream, served) = with(&[("LOG_LEVEL", level)]);
        served.get("/health");
        served.ask(&models());
        served.get("/v1/models");
        served.signal("TERM");
        let log = served.finish().exits(0).log.whole_text();
        let of = |word: &str| log.lines().filter(|line| line.contains(&format!("\"{word}\""))).count() > 0;
        [of("DEBUG"), of("INFO"), of("WARNING")]
    };
    assert_eq!(levels("DEBUG"), [true, true, true]);
    assert_eq!(levels("INFO"), [false, true, true]);
    assert_eq!(levels("WARNING"), [false, false, true]);
    assert_eq!(levels("ERROR"), [false, false, false]);
}

#[test]
fn models_have_the_names_that_were_given_to_them() {
    let names = [("SERVICE_MODEL_NAME", "house"), ("SERVICE_MODEL_ALIASES", "gpt-4o,gpt-4o-mini=fast")];
    let (upstream, served) = with(&names);
    let listed = served.ask(&models()).json();
    let listed: Vec<_> = listed["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert_eq!(listed[..4], ["house", "house-fast", "house-balanced", "house-accurate"]);
    for (asked, answered) in [("house", "house"), ("gpt-4o", "house"), ("gpt-4o-mini", "house-fast")] {
        let mut body = question("hello", false);
        body["model"] = asked.into();
        assert_eq!(served.ask(&chat_by(token(), &body)).json()["model"], answered);
    }
    served.ask(&chat(false)).is_error(404, "model_not_found");
    assert_eq!(upstream.calls().len(), 9);
}

#[test]
fn no_more_runs_are_begun_than_may_be_under_way() {
    let upstream = Upstream::with_faults(&["analyze:hang-before-head@1"]);
    let served = upstream.serve(&[("MAX_CONCURRENT_RUNS", "1")]);
    let mut first = served.connect();
    first.send(chat(false).bytes());
    upstream.wait_for(|calls| !calls.is_empty());
    let refused = served.ask(&chat(true));
    assert_eq!(refused.is_error(503, "overloaded").header("retry-after"), Some("1"));
    assert_eq!(served.ask(&models()).status, 200, "only runs are counted");
    drop(first);
    served.log().wait_for("Chat completion request cancelled");
    served.ask(&chat(true)).answer();
}

#[test]
fn a_streams_head_waits_for_analyze_only_as_long_as_was_set_and_then_shows_signs_of_life() {
    let upstream = Upstream::with_faults(&["analyze:hang-before-head"]);
    let served = upstream.serve(&[("STREAM_COMMIT_MS", "0"), ("STREAM_HEARTBEAT_SECONDS", "1")]);
    let mut client = served.connect();
    client.send(chat(true).bytes());
    assert_eq!(client.head().status, 200);
    let delta = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let payload = text.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap();
        serde_json::from_str::<Value>(payload).unwrap()["choices"][0]["delta"].clone()
    };
    assert_eq!(delta(client.chunk()), json!({"role": "assistant", "content": ""}));
    assert_eq!(delta(client.chunk()), json!({"content": ""}), "in a write of its own");
}

#[test]
fn the_steps_before_the_last_are_shown_to_whom_they_are_meant_for() {
    for (value, are_shown) in [("off", false), ("reasoning", true)] {
        let (_upstream, served) = with(&[("CHAIN_EXPOSE_STEPS", value)]);
        let whole = served.ask(&chat(false)).json();
        assert_eq!(whole["choices"][0]["message"]["reasoning_content"].is_string(), are_shown, "{whole}");
        let has_reasoning = |chunk: &Value| chunk["choices"][0]["delta"]["reasoning_content"].is_string();
        let streamed = chunks(&served.ask(&chat(true)));
        assert_eq!(streamed.iter().any(has_reasoning), are_shown);
    }
}

#[test]
fn pages_are_there_unless_they_are_switched_off() {
    let (_upstream, served) = with(&[]);
    for path in ["/", "/docs", "/openapi.json"] {
        assert_eq!(served.get(path).status, 200, "{path}");
    }
    let (_upstream, served) = with(&[("DOCS_ENABLED", "false"), ("PLAYGROUND_ENABLED", "false")]);
    for path in ["/", "/docs", "/openapi.json"] {
        served.get(path).is_error(404, "not_found");
    }
}

#[test]
fn pages_of_the_origins_that_were_named_may_call_and_no_others() {
    let (_upstream, served) = with(&[("CORS_ORIGINS", "[\"https://app.example\"]")]);
    let allowed = |origin: &str| {
        let response = served.ask(&models().header("Origin", origin));
        response.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(allowed("https://app.example").as_deref(), Some("https://app.example"));
    assert_eq!(allowed("https://evil.example"), None);
}

#[test]
fn clients_behind_a_trusted_proxy_are_told_apart() {
    let rejected_from = |environment: &[(&str, &str)]| {
        let (_upstream, served) = with(environment);
        served.ask(&Request::get("/v1/models").header("X-Forwarded-For", "203.0.113.9"));
        served.log().wait_for("Token rejected")["client"].as_str().unwrap().to_owned()
    };
    assert_eq!(rejected_from(&[]), "127.0.0.1");
    assert_eq!(rejected_from(&[("TRUSTED_PROXIES", "10.0.0.0/8")]), "127.0.0.1");
    assert_eq!(rejected_from(&[("TRUSTED_PROXIES", "127.0.0.0/8")]), "203.0.113.9");
}

#[test]
fn each_route_has_a_limit_of_its_own() {
    let (_upstream, served) = with(&[
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_CHAT_COMPLETIONS", "1/hour"),
        ("RATE_LIMIT_MODELS", "2/hour"),
        ("RATE_LIMIT_DEFAULT", "3/hour"),
    ]);
    let openapi = Request::get("/openapi.json");
    for (request, limit) in [(&chat(false), 1), (&models(), 2), (&openapi, 3)] {
        for _ in 0..limit {
            assert_eq!(served.ask(request).status, 200);
        }
        served.ask(request).is_error(429, "rate_limit_exceeded");
    }
    served.ask(&Request::get("/v1/models")).is_error(429, "rate_limit_exceeded");
    for free in ["/health", "/health/ready", "/"] {
        assert_eq!(served.get(free).status, 200, "{free}");
    }
    served.get("/nothing/here").is_error(404, "not_found");
}

#[test]
fn the_chain_that_is_served_is_the_one_that_was_configured() {
    let (upstream, served) = with(&[
        ("CHAIN_PROCESS_MODEL", "claude-sonnet-4-5-20250929"),
        ("CHAIN_SYNTHESIZE_MAX_TOKENS", "999"),
    ]);
    served.ask(&chat(false).header("X-Request-ID", "mine")).answer();
    let calls = upstream.calls();
    assert_eq!(calls[1].model.as_deref(), Some("claude-sonnet-4-5-20250929"));
    assert_eq!(calls[2].body["max_tokens"], 999);
    assert!(calls.iter().all(|call| call.x_request_id.as_deref() == Some("mine")));
}
