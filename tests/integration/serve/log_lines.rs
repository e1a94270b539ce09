//! What stands in a server's log: lines that can be read by a program, whatever anybody sends and however it
//! ends, and what each kind of them says.

use std::collections::BTreeSet;
use std::net::TcpListener;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{
    Command, Request, SECRET, Served, Upstream, chat_by, promptchain, question, serve, token_for,
};

/// Texts that would break a line, a value or a terminal.
const HOSTILE: [&str; 6] = [
    "a\nb\r\nc",
    "\"},\n{\"level\":\"CRITICAL\",\"message\":\"forged\"}",
    "\u{1b}[2J\u{7}\u{9b}2J",
    "x\u{2028}y\u{202e}z\u{2066}\u{61c}",
    "\u{1b}]52;c;cm0=\u{7}\u{1b}]8;;http://x.test\u{1b}\\\u{1b}P$q\u{9c}",
    "x\n2026-01-01T00:00:00.000Z CRITICAL forged error=\"x\"\n",
];

/// What would steer a terminal, end a line or turn it round.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{202e}' | '\u{2066}' | '\u{61c}')
}

/// Each line of a log; fails if one is none.
#[track_caller]
fn parsed(stderr: &str) -> Vec<Value> {
    let parse = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for name in ["timestamp", "level", "logger", "message"] {
            assert!(line[name].is_string(), "no {name}: {line}");
        }
        assert!(line["level"] != "ERROR" && line["level"] != "CRITICAL" || line["error_type"].is_string());
        line
    };
    stderr.lines().map(parse).collect()
}

/// What is another each time, or with other prompts.
const CHANGES: [&str; 10] = [
    "timestamp",
    "duration_ms",
    "response_time",
    "elapsed_seconds",
    "steps",
    "retry_in_seconds",
    "reset",
    "address",
    "upstream",
    "version",
];

/// The line without that.
fn redacted(line: &Value) -> String {
    let mut line = line.clone();
    for (name, value) in line.as_object_mut().unwrap() {
        let is_count = name.ends_with("_tokens") || name.ends_with("_cost_usd");
        if CHANGES.contains(&name.as_str()) || (is_count && value.is_number()) {
            *value = format!("[{name}]").into();
        }
    }
    line.to_string()
}

/// One line of each kind, in the order in which they first came.
fn one_of_each(lines: &[Value]) -> String {
    let mut seen = BTreeSet::new();
    let kinds = lines.iter().filter(|line| {
        // What the system allows is another on each machine.
        line["message"] != "Files that may be open"
            && seen.insert((line["level"].to_string(), line["message"].to_string()))
    });
    kinds.map(redacted).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_kind_of_line_says_what_it_is_about() {
    let upstream = Upstream::with_faults(&["process:overloaded@1"]);
    let mut command = serve(&[
        ("LOG_LEVEL", "DEBUG"),
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_MODELS", "1/minute"),
        ("MAX_REQUEST_BODY_SIZE", "1024"),
        ("CHAIN_MIN_CONFIDENCE_THRESHOLD", "1"),
        ("CHAIN_REPAIR_ATTEMPTS", "0"),
    ]);
    command.env("ANTHROPIC_BASE_URL", &upstream.base_url());
    let served = Served::start(command);
    let alice = token_for("alice", SECRET);
    let ask = |request: Request| served.ask(&request.header("X-Request-ID", "mine-1"));
    assert_eq!(ask(Request::get("/health")).status, 200);
    assert_eq!(ask(chat_by(&alice, &question("Say hello", false))).status, 200);
    assert_eq!(ask(Request::get("/v1/models").by(&alice)).status, 200);
    assert_eq!(ask(Request::get("/v1/models").by(&alice)).status, 429);
    assert_eq!(ask(Request::get("/v1/models")).status, 401);
    assert_eq!(ask(chat_by(&alice, &question(&"x".repeat(1025), false))).status, 413);
    served.log().wait_for_count("Response sent", 6);
    served.signal("TERM");
    let log = served.finish().exits(0).log;
    assert_snapshot!(one_of_each(&parsed(&log.whole_text())), @r#"
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::commands::serve","message":"Listening","address":"[address]","version":"[version]","environment":"development","service_model":"prompt-chaining","upstream":"[upstream]"}
    {"timestamp":"[timestamp]","level":"DEBUG","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","method":"GET","path":"/health","status_code":200,"response_time":"[response_time]"}
    {"timestamp":"[timestamp]","level":"DEBUG","logger":"promptchain::server::layers::authenticate","message":"Token accepted","request_id":"mine-1","user_id":"alice"}
    {"timestamp":"[timestamp]","level":"DEBUG","logger":"promptchain::telemetry::run_log","message":"Step started","request_id":"mine-1","user_id":"alice","step":"analyze","model":"claude-haiku-4-5-20251001"}
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::telemetry::run_log","message":"Step finished","request_id":"mine-1","user_id":"alice","step":"analyze","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":"[duration_ms]","input_tokens":"[input_tokens]","output_tokens":"[output_tokens]","cache_read_tokens":"[cache_read_tokens]","cache_write_tokens":"[cache_write_tokens]","total_tokens":"[total_tokens]","input_cost_usd":"[input_cost_usd]","output_cost_usd":"[output_cost_usd]","total_cost_usd":"[total_cost_usd]","usage_complete":true}
    {"timestamp":"[timestamp]","level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Attempt failed","request_id":"mine-1","user_id":"alice","step":"process","model":"claude-haiku-4-5-20251001","attempt":1,"duration_ms":"[duration_ms]","status_code":529,"error":"upstream answered 529 overloaded_error: Overloaded (simulated)","upstream_request_id":"req_sim_000002","error_type":"upstream","retry_in_seconds":"[retry_in_seconds]","input_tokens":"[input_tokens]","output_tokens":"[output_tokens]","total_cost_usd":"[total_cost_usd]"}
    {"timestamp":"[timestamp]","level":"WARNING","logger":"promptchain::telemetry::run_log","message":"Gate let a faulty reply pass","request_id":"mine-1","user_id":"alice","step":"process","findings":"low-confidence"}
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::telemetry::run_log","message":"Chat completion request completed","request_id":"mine-1","user_id":"alice","elapsed_seconds":"[elapsed_seconds]","steps":"[steps]","model":"prompt-chaining","finish_reason":"stop","input_tokens":"[input_tokens]","output_tokens":"[output_tokens]","cache_read_tokens":"[cache_read_tokens]","cache_write_tokens":"[cache_write_tokens]","total_tokens":"[total_tokens]","input_cost_usd":"[input_cost_usd]","output_cost_usd":"[output_cost_usd]","total_cost_usd":"[total_cost_usd]","usage_complete":true}
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::server::layers::access_log","message":"Response sent","request_id":"mine-1","user_id":"alice","method":"POST","path":"/v1/chat/completions","status_code":200,"response_time":"[response_time]"}
    {"timestamp":"[timestamp]","level":"WARNING","logger":"promptchain::server::layers::rate_limit","message":"Refused by the rate limit","request_id":"mine-1","user_id":"alice","limit":"1 per 1 minute","remaining":0,"reset":"[reset]"}
    {"timestamp":"[timestamp]","level":"WARNING","logger":"promptchain::server::layers::authenticate","message":"Token rejected","request_id":"mine-1","client":"127.0.0.1","reason":"missing"}
    {"timestamp":"[timestamp]","level":"WARNING","logger":"promptchain::server::layers::body_limit","message":"Request body too large","request_id":"mine-1","max_bytes":1024,"received_bytes":1109,"error":"Request body too large. Maximum size: 1024 bytes, received: 1109 bytes"}
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::server::listener","message":"Draining","runs":0,"grace_seconds":80.0}
    {"timestamp":"[timestamp]","level":"INFO","logger":"promptchain::server::listener","message":"Stopped"}
    "#);
}

/// What a server logs that is sent such texts in that format.
fn log_of_hostile_texts(format: &str) -> String {
    let upstream = Upstream::with_faults(&["process:not-json"]);
    let served = upstream.serve(&[("LOG_LEVEL", "DEBUG"), ("LOG_CONTENT", "true"), ("LOG_FORMAT", format)]);
    for text in HOSTILE {
        // As a prompt, as the subject of a token, and in what visible ASCII allows as a request's id.
        let token = token_for(text, SECRET);
        let id: String = text.chars().filter(char::is_ascii_graphic).collect();
        let request =
            chat_by(&token, &question(text, false)).header("X-Request-ID", &format!("{id}\"\\u0000"));
        assert_eq!(served.ask(&request).status, 200);
        served.ask(&Request::get(&format!("/{}", id.replace(['"', '{', '}', '[', ']'], "%22%0a"))));
    }
    served.signal("TERM");
    served.finish().exits(0).log.whole_text()
}

#[test]
fn nothing_that_anybody_sends_breaks_a_line() {
    let text = log_of_hostile_texts("json");
    let lines = parsed(&text);
    assert!(lines.iter().all(|line| line["level"] != "CRITICAL"), "nobody forges a line: {text}");
    for subject in HOSTILE {
        let has = lines.iter().any(|line| line["user_id"].as_str() == Some(subject.trim()));
        assert!(has, "{subject:?} is told as it is");
    }
    assert!(!text.contains(is_unsafe), "{text}");
}

#[test]
fn nor_a_line_that_people_read() {
    let text = log_of_hostile_texts("standard");
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        let [time, level] = words[..] else { panic!("{line}") };
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
        assert!(matches!(level, "DEBUG" | "INFO" | "WARNING"), "{line}");
        assert!(!line.contains(is_unsafe), "{line}");
    }
    for told in [r#"user_id="a\nb\r\nc""#, r"\u001b]52;c;", r"\u202e"] {
        assert!(text.contains(told), "{told} in {text}");
    }
}

/// `serve` that can't start.
fn in_vain(environment: &[(&str, &str)]) -> Command {
    let mut command = promptchain(&["serve", "--offline"]);
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

#[test]
fn what_keeps_a_server_from_starting_is_a_critical_line_for_each_problem_and_nothing_else() {
    let wrong = [("API_PORT", "99\n9\u{1b}[0m"), ("LOG_LEVEL", "LOUD"), ("JWT_SECRET_KEY", SECRET)];
    let ran = in_vain(&wrong).run().exits(3).says_nothing();
    let lines: Vec<String> = parsed(&ran.stderr).iter().map(redacted).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    {"timestamp":"[timestamp]","level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"environment: API_PORT=[hidden]: must be a whole number from 0 to 65535 [invalid-value]","error_type":"configuration"}
    {"timestamp":"[timestamp]","level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"environment: LOG_LEVEL=LOUD: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL [invalid-value]","error_type":"configuration"}
    "#);

    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let ran = in_vain(&[("API_PORT", &port), ("JWT_SECRET_KEY", SECRET)]).run().exits(3).says_nothing();
    let lines: Vec<String> = parsed(&ran.stderr).iter().map(redacted).collect();
    assert_snapshot!(lines.join("\n").replace(&port, "[port]"), @r#"{"timestamp":"[timestamp]","level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"can't listen on 127.0.0.1:[port]","error_type":"configuration","causes":"Address already in use (os error 98)","hint":"choose another API_HOST or API_PORT; port 0 takes a free one"}"#);
}

#[test]
fn in_the_standard_format_each_problem_is_a_line_too() {
    let wrong = [("API_PORT", "99\n9"), ("LOG_FORMAT", "standard"), ("JWT_SECRET_KEY", SECRET)];
    let ran = in_vain(&wrong).run().exits(3).says_nothing();
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("Z CRITICAL Can't start error="), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn whoever_starts_it_at_a_terminal_is_told_in_words_too() {
    let folder = tempfile::TempDir::new().unwrap();
    let wrong = [("API_PORT", "x"), ("JWT_SECRET_KEY", SECRET)];
    let terminal = crate::support::Terminal::start_with(folder.path(), &["serve", "--offline"], &wrong);
    let (code, screen) = terminal.end();
    assert_eq!(code, 3, "{screen}");
    assert!(screen.contains("\"level\":\"CRITICAL\"") && screen.contains("API_PORT=x"), "{screen}");
    assert!(screen.contains("error:"), "{screen}");
}

#[cfg(unix)]
#[test]
fn a_signal_turns_the_level_to_debug_and_back() {
    let served = Upstream::good().serve(&[("LOG_LEVEL", "WARNING")]);
    let health = |id: &str| served.ask(&Request::get("/health").header("X-Request-ID", id));
    health("before");
    served.signal("USR1");
    let changed = served.log().wait_for("Log level changed");
    assert_eq!((&changed["previous_log_level"], &changed["log_level"]), (&"WARNING".into(), &"DEBUG".into()));
    health("between");
    served.log().wait_for_request("Response sent", "between");
    served.signal("USR1");
    served.log().wait_for_count("Log level changed", 2);
    health("after");
    served.signal("TERM");
    let text = served.finish().exits(0).log.whole_text();
    assert!(!text.contains("before") && !text.contains("after") && !text.contains("Stopped"), "{text}");
    let back = parsed(&text).pop().unwrap();
    assert_eq!((&back["previous_log_level"], &back["log_level"]), (&"DEBUG".into(), &"WARNING".into()));
}
