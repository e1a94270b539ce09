//! The lines for people.

use super::*;

/// What `log` writes for a terminal that has colours, its escapes made visible and its times replaced.
fn colored(log: impl FnOnce()) -> String {
    captured::keep_other_threads_out();
    let written = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&written);
    let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
    let config =
        LogConfig { level: LogLevel::Debug, format: LogFormat::Standard, color: true, content: false };
    tracing::subscriber::with_default(subscriber(config, sink), log);
    let written = written.lock().unwrap();
    let lines = written.lines().map(|line| {
        let (start, rest) = line.split_once('m').unwrap();
        let (time, rest) = rest.split_at(TIMESTAMP_LEN);
        time.parse::<Timestamp>().unwrap();
        format!("{start}m[time]{rest}").replace('\u{1b}', "␛")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_standard_line_has_what_matters_first_and_the_ids_last() {
    let log = || {
        let request = info_span!("request", request_id = "req_1", user_id = "ada");
        let _request = request.entered();
        warn!(
            model = "claude",
            duration_ms = 1.5,
            step = "process",
            error = "it broke",
            error_type = "upstream",
            "Attempt failed"
        );
    };
    assert_snapshot!(standard(log), @r#" WARNING  Attempt failed step=process error="it broke" error_type=upstream model=claude duration_ms=1.5 user_id=ada request_id=req_1"#);
}

#[test]
fn on_a_terminal_the_level_is_coloured_and_names_are_dim() {
    assert_snapshot!(colored(a_line_of_each_kind), @r#"
    ␛[2m[time]␛[0m ␛[32mINFO    ␛[0m Step completed ␛[2mstep=␛[0manalyze ␛[2mmodel=␛[0mclaude ␛[2mattempt=␛[0m1 ␛[2mtotal_cost_usd=␛[0m0.25 ␛[2muser_id=␛[0mada ␛[2mrequest_id=␛[0mreq_1
    ␛[2m[time]␛[0m ␛[33mWARNING ␛[0m rate limit ␛[2mremaining=␛[0m0 ␛[2mlimit=␛[0m"10 per 1 minute" ␛[2muser_id=␛[0mada ␛[2mrequest_id=␛[0mreq_1
    ␛[2m[time]␛[0m ␛[31mERROR   ␛[0m Run failed ␛[2merror=␛[0m"a \"b\" c" ␛[2merror_type=␛[0mTimeout
    ␛[2m[time]␛[0m ␛[31m␛[1mCRITICAL␛[0m Can't start ␛[2merror_type=␛[0mConfig
    ␛[2m[time]␛[0m ␛[2mDEBUG   ␛[0m health check ␛[2mconfidence=␛[0mnull ␛[2mok=␛[0mtrue ␛[2mverdict=␛[0mSome(1) ␛[2mempty=␛[0m""
    ␛[2m[time]␛[0m ␛[2mDEBUG   ␛[0m finer
    ␛[2m[time]␛[0m ␛[32mINFO    ␛[0m ␛[2monly=␛[0m"a field"
    "#);
}

#[test]
fn colours_never_come_from_what_is_logged() {
    let lines = colored(|| info!(path = "\u{1b}[31mred", "\u{1b}[31mred"));
    assert_snapshot!(lines, @r#"␛[2m[time]␛[0m ␛[32mINFO    ␛[0m \u{1b}[31mred ␛[2mpath=␛[0m"\u001b[31mred""#);
}

#[test]
fn marks_that_turn_text_round_are_shown_in_either_format() {
    let log = || info!(path = "a\u{202e}b\u{2066}\u{61c}", "x\u{200f}y");
    assert_snapshot!(standard(log), @r#" INFO     x\u{200f}y path="a\u202eb\u2066\u061c""#);
    assert_snapshot!(json(log), @r#"{"level":"INFO","logger":"promptchain::telemetry::logs::tests::standard","message":"x\u200fy","path":"a\u202eb\u2066\u061c"}"#);
}
