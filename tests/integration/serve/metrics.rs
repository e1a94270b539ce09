//! What a running server counts: the same as it answers and logs, in a form that Prometheus takes.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use promptchain::model::Cost;
use serde_json::Value;

use crate::support::{
    Connection, EndlessUpstream, Leaving, Metrics, Request, SECRET, Served, Upstream, chat, chat_by,
    has_program, promptchain, question, serve, token,
};

/// A number of a log line; what isn't known isn't there.
fn number(line: &Value, name: &str) -> f64 {
    line[name].as_f64().unwrap_or(0.0)
}

/// The sum of a figure over all lines with which runs have ended.
fn logged(lines: &[Value], name: &str) -> f64 {
    lines.iter().map(|line| number(line, name)).sum()
}

fn logged_cost(lines: &[Value]) -> Cost {
    lines.iter().map(|line| Cost::from_usd(number(line, "total_cost_usd"))).sum()
}

/// The lines with which runs have ended, in whichever way.
fn ends(served: &Served) -> Vec<Value> {
    ["completed", "failed", "cancelled"]
        .into_iter()
        .flat_map(|end| served.log().entries(&format!("Chat completion request {end}")))
        .collect()
}

/// Asks once in each way, and leaves once; whether all of it ends well isn't the point.
fn ask_in_every_way(upstream: &Upstream, served: &Served) {
    for stream in [false, true] {
        served.ask(&chat(stream));
    }
    let seen = upstream.calls().len();
    let mut client = served.connect();
    client.send(chat(true).header("X-Request-ID", "leaver").bytes());
    upstream.wait_for(|calls| calls.len() > seen);
    let _left = client.leave(Leaving::Rst);
    served.log().wait_for_end_of("leaver");
}

/// Asserts that the metrics say what the log's last lines say, which has ended runs of that number.
#[track_caller]
fn counts_what_is_logged(served: &Served, fault: &str) {
    let metrics = Metrics::of(served);
    let ends = ends(served);
    assert_eq!(ends.len(), 3, "{fault}");
    let tokens = |kind: &str| metrics.sum("gen_ai_client_token_usage_sum", &format!("token_type=\"{kind}\""));
    for (field, kind) in [
        ("input_tokens", "input"),
        ("output_tokens", "output"),
        ("cache_read_tokens", "cache_read"),
        ("cache_write_tokens", "cache_write"),
    ] {
        assert_eq!(logged(&ends, field), tokens(kind), "{fault}: {field}");
    }
    let cost = Cost::from_usd(metrics.sum("promptchain_cost_usd_total", ""));
    assert_eq!(logged_cost(&ends), cost, "{fault}");
    assert!(cost > Cost::ZERO || logged(&ends, "output_tokens") == 0.0, "{fault}");
    let is_known = ends.iter().all(|end| end["usage_complete"] == true);
    let unknown = metrics.sum("promptchain_cost_unknown_total", "");
    assert_eq!(unknown == 0.0, is_known, "{fault}: {unknown} {ends:?}");
    assert_eq!(metrics.sum("promptchain_request_duration_seconds_count", ""), 3.0, "{fault}");
    assert_eq!(metrics.sum("promptchain_streams_active", ""), 0.0, "{fault}");
}

#[test]
fn tokens_and_costs_are_those_of_the_log_whatever_goes_wrong() {
    let faults = [
        "analyze:overloaded",
        "process:low-confidence",
        "process:not-json",
        "synthesize:refusal",
        "synthesize:reset-mid-reply",
        "synthesize:truncated",
        "process:error-event-mid-reply",
        "analyze:missing-usage",
    ];
    for fault in faults {
        let upstream = Upstream::with_faults(&[fault]);
        let served = upstream.serve(&[("RETRY_MAX_ATTEMPTS", "2"), ("CIRCUIT_BREAKER_ENABLED", "false")]);
        ask_in_every_way(&upstream, &served);
        counts_what_is_logged(&served, fault);
    }
}

#[test]
fn tokens_are_those_of_the_responses() {
    // Each is answered the second time: the failed attempts' tokens are known, and belong to the sums.
    let upstream = Upstream::with_faults(&["analyze:overloaded@1", "process:low-confidence@1"]);
    let served = upstream.serve(&[]);
    let mut prompt = 0.0;
    let mut completion = 0.0;
    for _ in 0..2 {
        let usage = served.ask(&chat(false)).json()["usage"].clone();
        assert_eq!(usage["estimated"], Value::Null, "{usage}");
        prompt += number(&usage, "prompt_tokens");
        completion += number(&usage, "completion_tokens");
    }
    let mut body = question("Say hello to the world", true);
    body["stream_options"] = serde_json::json!({"include_usage": true});
    let events = served.ask(&chat_by(token(), &body)).events();
    let usage: Value = serde_json::from_str(&events[events.len() - 2]).unwrap();
    prompt += number(&usage["usage"], "prompt_tokens");
    completion += number(&usage["usage"], "completion_tokens");

    let metrics = Metrics::of(&served);
    let tokens = |kind: &str| metrics.sum("gen_ai_client_token_usage_sum", &format!("token_type=\"{kind}\""));
    assert_eq!(tokens("input") + tokens("cache_read") + tokens("cache_write"), prompt);
    assert_eq!(tokens("output"), completion);
    assert!(prompt > 0.0 && completion > 0.0);
    assert_eq!(metrics.sum("promptchain_step_attempts_total", r#"outcome="retryable""#), 1.0);
    assert_eq!(metrics.sum("promptchain_step_attempts_total", r#"outcome="ok""#), 10.0, "{}", metrics.text);
    let of_response = metrics.sum("promptchain_overhead_seconds_count", "response");
    assert_eq!(of_response, 3.0);
}

#[test]
fn a_client_that_takes_nothing_is_told_from_one_that_leaves() {
    let upstream = EndlessUpstream::start();
    let mut command = serve(&[("STREAMING_TIMEOUT", "1"), ("CHAIN_SYNTHESIZE_MAX_TOKENS", "64000")]);
    command.env("ANTHROPIC_BASE_URL", &upstream.base_url());
    let served = Served::start(command);
    let mut client = Connection::with_small_window(served.address());
    client.send(chat(true).bytes());
    upstream.wait_for(1, |reply| reply.has_ended);
    served.log().wait_for("Client left before the response's end");
    let metrics = Metrics::of(&served);
    assert_eq!(metrics.sum("promptchain_stream_end_total", "stalled"), 1.0, "{}", metrics.text);
    assert_eq!(metrics.sum("promptchain_upstream_cancel_seconds_count", "mid_stream"), 1.0);
}

/// Where a server's metrics are, by its log.
fn metrics_address(served: &Served) -> SocketAddr {
    let line = served.log().wait_for("Metrics are served without a token");
    let address = line["address"].as_str().unwrap();
    address.strip_prefix("http://").and_then(|it| it.strip_suffix("/metrics")).unwrap().parse().unwrap()
}

#[test]
fn on_a_port_of_their_own_metrics_need_no_token_until_the_last_run_has_ended() {
    let upstream = Upstream::with_faults(&["synthesize:hang-mid-reply"]);
    let served = upstream.serve(&[("METRICS_BIND", "127.0.0.1:0"), ("SHUTDOWN_GRACE_SECONDS", "60")]);
    let address = metrics_address(&served);
    assert_ne!(address, served.address());
    served.ask(&Request::get("/metrics").by(token())).is_error(404, "not_found");
    let scrape = || {
        let response = Connection::to(address).ask(&Request::get("/metrics"));
        response.has_common_headers();
        Metrics::read(&response)
    };
    assert_eq!(scrape().sum("promptchain_draining", ""), 0.0);
    let mut client = served.connect();
    client.send(chat(true).bytes());
    upstream.wait_for(|calls| calls.len() == 3);
    served.signal("TERM");
    served.log().wait_for("Draining");
    let metrics = scrape();
    assert_eq!(metrics.sum("promptchain_draining", ""), 1.0);
    assert_eq!(metrics.sum("http_server_active_requests", r#"route="/v1/chat/completions""#), 1.0);
    drop(client);
    served.finish().exits(0).log.wait_for("Stopped");
    assert!(std::net::TcpStream::connect(address).is_err(), "nothing listens any more");
}

#[test]
fn every_port_that_is_taken_is_said_with_what_to_do() {
    let [api, metrics] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [api, metrics] = [&api, &metrics].map(|it| it.local_addr().unwrap());
    let start = |port: &str, bind: &str| {
        let mut command = promptchain(&["serve", "--offline", "--port", port]);
        command.env("JWT_SECRET_KEY", SECRET).env("METRICS_BIND", bind);
        command.run().exits(3).says_nothing()
    };
    let ran = start("0", &metrics.to_string());
    ran.complains(&format!("can't listen on {metrics}")).complains("choose another METRICS_BIND");
    let ran = start(&api.port().to_string(), &metrics.to_string());
    let ran =
        ran.complains(&format!("can't listen on {api}: ")).complains(&format!("can't listen on {metrics}: "));
    let ran = ran.complains("API_PORT").complains("METRICS_BIND");
    assert_eq!(ran.stderr.matches("CRITICAL").count(), 2, "{}", ran.stderr);
    start("0", "9090").complains("METRICS_BIND").complains("must be an IP address or a host name, a colon");
}

#[test]
fn prometheus_finds_nothing_wrong_with_them() {
    if !has_program("promtool", "apt-get install prometheus") {
        return;
    }
    let upstream = Upstream::good();
    let served = upstream.serve(&[("RATE_LIMIT_ENABLED", "true")]);
    assert_eq!(served.ask(&chat(false)).status, 200);
    assert_eq!(served.ask(&chat(true)).status, 200);
    let text = Metrics::of(&served).text;
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}\n{text}", String::from_utf8_lossy(&said));
}

#[test]
fn the_documentation_lists_every_metric_with_its_labels() {
    let upstream = Upstream::good();
    let served = upstream.serve(&[]);
    assert_eq!(served.ask(&chat(true)).status, 200);
    let text = Metrics::of(&served).text;
    let names: Vec<&str> =
        text.lines().filter_map(|it| it.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 20, "{names:?}");
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api.md")).unwrap();
    for name in names {
        let row = docs.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("{name} isn't listed"));
        let sample = text.lines().find(|line| line.starts_with(name)).unwrap();
        let Some((_, labels)) = sample.split_once('{') else { continue };
        let labels = labels.split("\",").map(|label| label.split_once('=').unwrap().0);
        for label in labels.filter(|label| *label != "le") {
            assert!(row.contains(&format!("`{label}`")), "{name} has {label}, which isn't listed: {row}");
        }
    }
}
