//! Traces at a collector, and a collector that is unwell: whatever it does, requests go as they go without it.

#![expect(clippy::float_cmp, reason = "what is counted is whole")]

use std::collections::BTreeSet;
use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{Collector, Collects, Metrics, Ran, SECRET, Served, Upstream, chat, promptchain, said};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The spans of a server, which is ended for that, and its log.
fn spans_of(served: Served, collector: &Collector) -> (Vec<Span>, String) {
    served.signal("TERM");
    let log = served.finish().exits(0).log.whole_text();
    (collector.spans(), log)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// The only span whose name begins like that and of which that is said.
#[track_caller]
fn only<'a>(spans: &'a [Span], name: &str, attribute: (&str, &str)) -> &'a Span {
    let is_it =
        |span: &&Span| span.name.starts_with(name) && said(span, attribute.0).as_deref() == Some(attribute.1);
    let found: Vec<&Span> = spans.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{name} {attribute:?} in {spans:#?}");
    found[0]
}

#[test]
fn a_request_reaches_a_collector_over_http_and_grpc_as_one_tree() {
    for protocol in ["http/protobuf", "grpc"] {
        let (upstream, collector) = (Upstream::good(), Collector::that(Collects::All));
        let url = if protocol == "grpc" { collector.grpc_url() } else { collector.url() };
        let served = upstream.serve(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret%20key,x-team=a"),
            ("OTEL_RESOURCE_ATTRIBUTES", "region=eu"),
            ("ENVIRONMENT", "staging"),
        ]);
        let response = served.ask(&chat(true).header("traceparent", PARENT).header("X-Request-ID", "mine"));
        assert_eq!(response.status, 200);
        let seen: Vec<String> = upstream.calls().into_iter().filter_map(|call| call.traceparent).collect();
        let (spans, log) = spans_of(served, &collector);
        let export = &collector.exports()[0];
        for header in [("api-key", "s3cret key"), ("x-team", "a")] {
            let header = (header.0.to_owned(), header.1.to_owned());
            assert!(export.headers.contains(&header), "{protocol}: {:?}", export.headers);
        }
        let resource = |name: &str| {
            export.resource.iter().find(|(said, _)| said == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(resource("service.name"), Some("promptchain"));
        assert_eq!(resource("service.version"), Some(env!("CARGO_PKG_VERSION")));
        assert_eq!(resource("deployment.environment.name"), Some("staging"));
        assert_eq!(resource("region"), Some("eu"));

        assert_eq!(spans.len(), 8, "{protocol}: {spans:#?}");
        assert!(spans.iter().all(|span| hex(&span.trace_id) == PARENT[3..35]));
        let request = only(&spans, "POST /v1/chat/completions", ("promptchain.request_id", "mine"));
        assert_eq!(hex(&request.parent_span_id), PARENT[36..52]);
        let run = only(&spans, "invoke_workflow", ("promptchain.outcome", "completed"));
        assert_eq!(run.parent_span_id, request.span_id);
        for step in ["analyze", "process", "synthesize"] {
            let call = only(&spans, "chat", ("promptchain.step", step));
            assert_eq!(call.parent_span_id, run.span_id);
            let attempt = only(&spans, "POST", ("promptchain.step", step));
            assert_eq!(attempt.parent_span_id, call.span_id);
            let id = hex(&attempt.span_id);
            assert!(seen.iter().any(|told| told.contains(&id)), "{protocol}: {id} in {seen:?}");
            assert!(call.start_time_unix_nano <= attempt.start_time_unix_nano);
            assert!(call.end_time_unix_nano >= attempt.end_time_unix_nano);
        }
        assert!(log.lines().any(|line| line.contains("\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"")));
        assert!(!log.contains("s3cret"), "{log}");
    }
}

/// What answers say, without what is another each time.
fn answers(served: &Served) -> Vec<(u16, String)> {
    let answer = |stream: bool| {
        let response = served.ask(&chat(stream));
        (response.status, response.answer())
    };
    vec![answer(false), answer(true), answer(false)]
}

#[test]
fn an_unwell_collector_changes_no_answer_and_what_is_lost_is_told() {
    let upstream = Upstream::good();
    let expected = answers(&upstream.serve(&[]));
    let spans = 8 * expected.len();
    for (collects, reason, lost) in [
        (Collects::Refuses(400), "the collector answered 400", spans),
        (Collects::AllBut(3), "the collector refused some of an export: too many", 3),
        (Collects::Hangs, "", spans),
    ] {
        let collector = Collector::that(collects);
        let served = upstream.serve(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "300"),
        ]);
        assert_eq!(answers(&served), expected, "{collects:?}");
        served.signal("TERM");
        let log = served.finish().exits(0).log;
        let told: Vec<Value> = log.entries("Spans didn't reach the collector");
        let last = told.last().unwrap_or_else(|| panic!("{collects:?}: {}", log.whole_text()));
        assert_eq!(last["dropped_total"], lost, "{collects:?}: {told:?}");
        assert!(last["error"].as_str().unwrap().contains(reason), "{last}");
        assert_eq!((&last["level"], &last["error_type"]), (&"WARNING".into(), &"otlp".into()));
    }
}

#[test]
fn a_collector_that_isnt_there_costs_a_run_its_traces_and_nothing_else() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for protocol in ["http/protobuf", "grpc"] {
        let mut command = promptchain(&["run", "--offline", "Hello"]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &url).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        let ran = command.run().exits(0);
        assert!(!ran.stdout.is_empty());
        let ran = ran.complains("warning: 7 spans didn't reach the collector");
        if protocol == "http/protobuf" {
            ran.complains("refused");
        }
        let mut command = promptchain(&["run", "--offline", "Hello", "--json"]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &url).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        assert_eq!(command.run().exits(0).stderr, "", "stderr is for the error object alone");
    }
}

/// `run` or `batch` offline, with those variables.
fn offline(args: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = promptchain(args);
    command.args(&["--offline"]).file("in.jsonl", "\"one\"\n\"two\"\n");
    for (name, value) in environment {
        command.env(name, value);
    }
    command.run().exits(0)
}

#[test]
fn run_and_batch_are_traced_below_their_caller_or_by_themselves() {
    for (args, runs) in [(&["run", "Hello"][..], 1), (&["batch", "in.jsonl"], 2)] {
        let collector = Collector::that(Collects::All);
        offline(args, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())]);
        let spans = collector.spans();
        assert_eq!(spans.len(), 7 * runs, "{spans:#?}");
        let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
        assert!(roots.clone().all(|root| root.name == "invoke_workflow promptchain"));
        let traces: BTreeSet<String> = roots.map(|root| hex(&root.trace_id)).collect();
        assert_eq!(traces.len(), runs);

        let collector = Collector::that(Collects::All);
        let environment = [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &*format!("{}/v1/traces", collector.url())),
            ("OTEL_SERVICE_NAME", "mine"),
            ("TRACEPARENT", PARENT),
        ];
        offline(args, &environment);
        let export = &collector.exports()[0];
        assert!(export.resource.contains(&("service.name".into(), "mine".into())), "{export:?}");
        for span in collector.spans() {
            assert_eq!(hex(&span.trace_id), &PARENT[3..35]);
            let is_run = span.name.starts_with("invoke_workflow");
            assert_eq!(hex(&span.parent_span_id) == PARENT[36..52], is_run, "{span:?}");
        }
    }
}

#[test]
fn nothing_is_exported_where_it_is_switched_off_or_nobody_said_where() {
    let collector = Collector::that(Collects::All);
    let endpoint = collector.url();
    for off in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
    ] {
        offline(&["run", "Hello"], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), off]);
        assert_eq!(collector.spans().len(), 0, "{off:?}");
    }
    let ratio = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")];
    offline(&["run", "Hello"], &[&ratio[..], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]].concat());
    assert_eq!(collector.spans().len(), 0);
}

#[test]
fn prompts_stand_in_traces_only_where_that_is_asked_for() {
    for asked in ["false", "true"] {
        let collector = Collector::that(Collects::All);
        let environment = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url()),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", asked),
        ];
        offline(&["run", "Hello from the canary"], &environment);
        let is_there = format!("{:?}", collector.spans()).contains("from the canary");
        assert_eq!(is_there, asked == "true");
    }
}

#[test]
fn the_newest_names_come_with_the_word_that_asks_for_them() {
    for (words, name) in
        [("http", "gen_ai.workflow.name"), ("http,gen_ai_latest_experimental", "gen_ai.agent.name")]
    {
        let collector = Collector::that(Collects::All);
        let environment =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url()), ("OTEL_SEMCONV_STABILITY_OPT_IN", words)];
        offline(&["run", "Hello"], &environment);
        only(&collector.spans(), "invoke_workflow", (name, "promptchain"));
    }
}

#[test]
fn an_interrupted_run_is_traced_as_far_as_it_came() {
    let (upstream, collector) =
        (Upstream::with_faults(&["process:hang-mid-reply"]), Collector::that(Collects::All));
    let started = upstream.start_run(&["Hello"], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())]);
    upstream.wait_for(|calls| calls.len() == 2);
    started.signal("INT");
    started.finish().exits(130);
    let spans = collector.spans();
    assert_eq!(spans.len(), 5, "run, two steps, two attempts: {spans:#?}");
    let run = only(&spans, "invoke_workflow", ("promptchain.outcome", "failed"));
    assert_eq!(said(run, "error.type").as_deref(), Some("interrupted"));
    assert_eq!(said(run, "promptchain.usage_complete").as_deref(), Some("false"));
}

#[test]
fn a_second_signal_does_not_wait_for_a_collector() {
    let (upstream, collector) = (Upstream::good(), Collector::that(Collects::Hangs));
    let served = upstream.serve(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())]);
    served.ask(&chat(false));
    served.signal("TERM");
    served.log().wait_for("Stopped");
    // Repeated, because the first may come while the server is still ending by itself.
    let asked_to_end = Instant::now();
    served.signal("TERM");
    served.finish().exits(0);
    assert!(asked_to_end.elapsed() < Duration::from_secs(6), "{:?}", asked_to_end.elapsed());
}

#[test]
fn what_does_not_fit_is_told_with_what_would() {
    for (name, wrong, about) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "an http or https URL"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "one of http/protobuf, grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret", "name=value"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%0a", "name=value"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "parentbased_always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "2", "a number from 0 to 1"),
    ] {
        let mut command = promptchain(&["serve", "--offline", "--check"]);
        command.env("JWT_SECRET_KEY", SECRET).env(name, wrong);
        let ran = command.run().exits(3).complains(name).complains(about);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    }
}

#[test]
fn headers_of_the_environment_do_not_go_where_a_file_that_was_merely_found_points() {
    for protocol in ["http/protobuf", "grpc"] {
        let collector = Collector::that(Collects::All);
        let url = if protocol == "grpc" { collector.grpc_url() } else { collector.url() };
        let found = format!("OTEL_EXPORTER_OTLP_ENDPOINT={url}\nOTEL_EXPORTER_OTLP_PROTOCOL={protocol}\n");
        let mut command = promptchain(&["run", "--offline", "Hello"]);
        command.file(".env", found).env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=canary");
        command.env("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key=canary");
        command.run().exits(0).complains("OTEL_EXPORTER_OTLP_HEADERS: is not used");
        let export = &collector.exports()[0];
        assert!(!format!("{export:?}").contains("canary"), "{protocol}: {:?}", export.headers);
    }
}

#[test]
fn what_a_collector_refuses_is_counted_apart_from_what_it_never_got() {
    for (collects, reason) in [(Collects::Refuses(401), "refused"), (Collects::Refuses(503), "undelivered")] {
        let (upstream, collector) = (Upstream::good(), Collector::that(collects));
        let served = upstream.serve(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url()),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "300"),
        ]);
        assert_eq!(served.ask(&chat(false)).status, 200);
        served.log().wait_for("Spans didn't reach the collector");
        let metrics = Metrics::of(&served);
        let lost =
            |reason: &str| metrics.sum("promptchain_spans_dropped_total", &format!("reason=\"{reason}\""));
        assert_eq!(
            (lost(reason), metrics.sum("promptchain_spans_dropped_total", "")),
            (8.0, 8.0),
            "{reason}"
        );
        assert_eq!(metrics.sum("promptchain_spans_exported_total", ""), 0.0);
    }
}

#[test]
fn the_calls_of_a_message_batch_are_traced_without_requests_of_their_own() {
    let collector = Collector::that(Collects::All);
    offline(
        &["batch", "in.jsonl", "-o", "out.jsonl", "--message-batches"],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())],
    );
    let spans = collector.spans();
    assert_eq!(spans.len(), 2 * 4, "{spans:#?}");
    assert!(spans.iter().all(|span| span.name != "POST"));
    let calls = spans.iter().filter(|span| span.name.starts_with("chat"));
    assert!(calls.clone().all(|call| said(call, "gen_ai.request.stream").as_deref() == Some("false")));
    assert!(calls.clone().all(|call| said(call, "promptchain.step.cost_usd").is_some()));
}

#[test]
fn without_the_systems_certificates_a_plain_collector_is_reached_and_any_other_is_a_clear_error() {
    let collector = Collector::that(Collects::All);
    for (url, protocol, code) in [
        (collector.url(), "http/protobuf", 0),
        ("https://127.0.0.1:9".to_owned(), "http/protobuf", 3),
        (format!("{}/{}", collector.url(), "a".repeat(70_000)), "http/protobuf", 3),
    ] {
        let mut command = promptchain(&["run", "--offline", "Hello"]);
        command.env("SSL_CERT_FILE", "/dev/null").env("SSL_CERT_DIR", "/nowhere");
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &url).env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        let ran = command.run().exits(code);
        if code == 3 {
            assert!(ran.complains("traces can't be exported").stdout.is_empty());
        }
    }
    assert_eq!(collector.spans().len(), 7);
}
