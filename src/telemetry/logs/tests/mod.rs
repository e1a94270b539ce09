//! Log lines as an operator meets them.

mod standard;
mod switch;

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use jiff::Timestamp;
use serde_json::Value;
use tracing::{debug, error, field, info, info_span, trace, warn};

use super::*;

/// `2026-01-31T12:34:56.789Z`.
const TIMESTAMP_LEN: usize = 24;

/// What `log` writes, as it is.
fn raw(level: LogLevel, format: LogFormat, log: impl FnOnce()) -> String {
    captured::keep_other_threads_out();
    let written = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&written);
    let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
    tracing::subscriber::with_default(
        subscriber(LogConfig { level, format, color: false, content: false }, sink),
        log,
    );
    let written = written.lock().unwrap();
    written.clone()
}

/// The JSON lines that `log` writes, each without its timestamp, which is checked here.
fn json(log: impl FnOnce()) -> String {
    let lines = raw(LogLevel::Debug, LogFormat::Json, log);
    let lines = lines.lines().map(|line| {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let timestamp = object["timestamp"].as_str().unwrap();
        timestamp.parse::<Timestamp>().unwrap();
        assert!(timestamp.len() == TIMESTAMP_LEN && timestamp.ends_with('Z'), "{timestamp}");
        line.replacen(&format!("\"timestamp\":\"{timestamp}\","), "", 1)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines for people that `log` writes, each without its timestamp.
fn standard(log: impl FnOnce()) -> String {
    let lines = raw(LogLevel::Debug, LogFormat::Standard, log);
    let without_time = lines.lines().map(|line| {
        line[..TIMESTAMP_LEN].parse::<Timestamp>().unwrap();
        &line[TIMESTAMP_LEN..]
    });
    without_time.collect::<Vec<_>>().join("\n")
}

fn a_line_of_each_kind() {
    let request = info_span!("request", request_id = "req_1", user_id = "ada", method = "POST");
    request.in_scope(|| {
        let step = info_span!("step", step = "analyze");
        step.in_scope(|| info!(model = "claude", attempt = 1, total_cost_usd = 0.25, "Step completed"));
        warn!(remaining = 0_u64, limit = "10 per 1 minute", "rate limit");
    });
    error!(error = "a \"b\" c", error_type = "Timeout", "Run failed");
    error!(critical = true, error_type = "Config", "Can't start");
    debug!(confidence = f64::NAN, ok = true, verdict = ?Some(1), empty = "", "health check");
    trace!("finer");
    info!(only = "a field");
}

#[test]
fn a_json_line_is_flat_and_has_the_documented_keys() {
    assert_snapshot!(json(a_line_of_each_kind), @r#"
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"Step completed","request_id":"req_1","user_id":"ada","step":"analyze","model":"claude","attempt":1,"total_cost_usd":0.25}
    {"level":"WARNING","logger":"promptchain::telemetry::logs::tests","message":"rate limit","request_id":"req_1","user_id":"ada","remaining":0,"limit":"10 per 1 minute"}
    {"level":"ERROR","logger":"promptchain::telemetry::logs::tests","message":"Run failed","error":"a \"b\" c","error_type":"Timeout"}
    {"level":"CRITICAL","logger":"promptchain::telemetry::logs::tests","message":"Can't start","error_type":"Config"}
    {"level":"DEBUG","logger":"promptchain::telemetry::logs::tests","message":"health check","confidence":null,"ok":true,"verdict":"Some(1)","empty":""}
    {"level":"DEBUG","logger":"promptchain::telemetry::logs::tests","message":"finer"}
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"","only":"a field"}
    "#);
}

#[test]
fn a_standard_line_is_for_people() {
    assert_snapshot!(standard(a_line_of_each_kind), @r#"
    INFO     Step completed step=analyze model=claude attempt=1 total_cost_usd=0.25 user_id=ada request_id=req_1
    WARNING  rate limit remaining=0 limit="10 per 1 minute" user_id=ada request_id=req_1
    ERROR    Run failed error="a \"b\" c" error_type=Timeout
    CRITICAL Can't start error_type=Config
    DEBUG    health check confidence=null ok=true verdict=Some(1) empty=""
    DEBUG    finer
    INFO     only="a field"
    "#);
}

#[test]
fn the_innermost_value_counts_and_the_events_own_most_of_all() {
    assert_snapshot!(
        json(|| {
            let outer = info_span!("outer", request_id = "outer", step = field::Empty, user_id = 7);
            outer.record("step", "process");
            let _outer = outer.enter();
            let _inner = info_span!("inner", request_id = "inner").entered();
            info!("inner id");
            info!(request_id = "own", step = "synthesize", "own id");
            info!(parent: None, "no span");
        }),
        @r#"
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"inner id","request_id":"inner","user_id":7,"step":"process"}
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"own id","request_id":"own","user_id":7,"step":"synthesize"}
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"no span"}
    "#
    );
}

#[test]
fn a_span_that_is_left_lends_nothing_more() {
    let lines = json(|| {
        info_span!("request", request_id = "req_1").in_scope(|| info!("in"));
        info!("out");
    });
    assert_snapshot!(lines, @r#"
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"in","request_id":"req_1"}
    {"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"out"}
    "#);
}

#[test]
fn no_field_can_replace_what_every_line_has() {
    assert_snapshot!(json(|| warn!(level = "INFO", timestamp = 1, logger = "x", "message")), @r#"{"level":"WARNING","logger":"promptchain::telemetry::logs::tests","message":"message","level_":"INFO","timestamp_":1,"logger_":"x"}"#);
}

#[test]
fn numbers_stay_exact_and_errors_tell_their_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("can't write")]
    struct WriteError(#[source] std::io::Error);
    let error = WriteError(std::io::Error::other("disk full"));
    let error: &(dyn std::error::Error + 'static) = &error;
    assert_snapshot!(
        json(|| info!(small = -1, big = u64::MAX, huge = u128::MAX, error, display = %1.5, "numbers")),
        @r#"{"level":"INFO","logger":"promptchain::telemetry::logs::tests","message":"numbers","small":-1,"big":18446744073709551615,"huge":"340282366920938463463374607431768211455","error":"can't write: disk full","display":"1.5"}"#
    );
}

#[test]
fn hostile_texts_stay_within_their_line_and_their_value() {
    let hostile = [
        "a\nb\r\nc",
        "\", \"level\":\"ERROR\"}\n{\"x\":\"",
        "\u{1b}[2J\u{7}\u{0}",
        "\u{9b}2J\u{7f}\u{85}",
        "x\u{2028}y\u{2029}z",
        "k=v level=ERROR",
        "\\n \\u001b",
    ];
    for text in hostile {
        let log = || info!(error = text, "{text}");
        let line = raw(LogLevel::Info, LogFormat::Json, log);
        let (object, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        assert!(!object.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}'), "{object}");
        let object: Value = serde_json::from_str(object).unwrap();
        assert_eq!((object["error"].as_str(), object["message"].as_str()), (Some(text), Some(text)));
        assert_eq!(object["level"], "INFO");

        let line = raw(LogLevel::Info, LogFormat::Standard, log);
        let visible = line.strip_suffix('\n').unwrap();
        assert!(
            !visible.contains(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}'),
            "{visible}"
        );
    }
    assert_snapshot!(standard(|| info!(error = "k=v level=ERROR", path = "a\"\u{9b}b", "one\ntwo\u{1b}[0m")), @r#" INFO     one\ntwo\u{1b}[0m error="k=v level=ERROR" path="a\"\u009bb""#);
}

#[test]
fn each_level_lets_through_itself_and_what_is_graver() {
    let own = || {
        trace!("t");
        debug!("d");
        info!("i");
        warn!("w");
        error!("e");
        error!(critical = false, "f");
        error!(critical = true, "c");
    };
    let foreign = || {
        debug!(target: "hyper::client", "d");
        info!(target: "promptchain_like", "i");
        warn!(target: "hyper", "w");
        error!(target: "hyper", "e");
    };
    let messages = |level, log: &dyn Fn()| {
        raw(level, LogFormat::Json, log)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["message"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    let table = [
        (LogLevel::Debug, "tdiwefc", "we"),
        (LogLevel::Info, "iwefc", "we"),
        (LogLevel::Warning, "wefc", "we"),
        (LogLevel::Error, "efc", "e"),
        (LogLevel::Critical, "c", ""),
    ];
    for (level, expected_own, expected_foreign) in table {
        assert_eq!(messages(level, &own), expected_own, "{level:?}");
        assert_eq!(messages(level, &foreign), expected_foreign, "{level:?}");
    }
}

#[test]
fn spans_lend_their_ids_to_graver_events_than_themselves() {
    let line = raw(LogLevel::Critical, LogFormat::Json, || {
        let _request = info_span!("request", request_id = "req_1").entered();
        error!(critical = true, "down");
    });
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["request_id"], "req_1");
}

#[test]
fn what_isnt_logged_isnt_even_evaluated() {
    let evaluated = std::cell::Cell::new(false);
    let costly = || evaluated.replace(true);
    // While another test listens to more, `tracing` evaluates what that wants to hear for all.
    let until = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        raw(LogLevel::Info, LogFormat::Json, || debug!(cost = costly(), "d"));
        if !evaluated.replace(false) {
            break;
        }
        assert!(tokio::time::Instant::now() < until, "it is evaluated each time");
        std::thread::yield_now();
    }
    raw(LogLevel::Debug, LogFormat::Json, || debug!(cost = costly(), "d"));
    assert!(evaluated.get(), "the test would notice");
}

#[test]
fn formats_are_read_by_name() {
    assert_eq!("JSON".parse(), Ok(LogFormat::Json));
    assert_eq!("standard".parse(), Ok(LogFormat::Standard));
    assert_eq!("xml".parse::<LogFormat>().unwrap_err().to_string(), "`xml` is none of json, standard");
}
