//! The level that changes while the program runs, and what every ERROR has.

use super::*;

/// The messages that `log` writes from that level up, while it may turn it.
fn messages(level: LogLevel, log: impl Fn(&LevelSwitch)) -> Vec<String> {
    captured::keep_other_threads_out();
    let written = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&written);
    let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
    let (subscriber, control) = controlled(LogConfig { level, ..LogConfig::default() }, sink);
    tracing::subscriber::with_default(subscriber, || log(&control.switch));
    let written = written.lock().unwrap();
    let lines = written.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        match (&line["previous_log_level"], &line["log_level"]) {
            (Value::Null, Value::Null) => line["message"].as_str().unwrap().to_owned(),
            (before, after) => format!("{} {before} {after}", line["message"].as_str().unwrap()),
        }
    });
    lines.collect()
}

#[test]
fn the_level_is_turned_to_debug_and_back_and_the_log_says_so_whatever_was_configured() {
    let log = |switch: &LevelSwitch| {
        // The same places in the code, which remember whether anybody listens.
        for _ in 0..3 {
            debug!("d");
            warn!("w");
            switch.turn();
        }
    };
    for level in [LogLevel::Info, LogLevel::Warning, LogLevel::Error, LogLevel::Critical] {
        let told = |before: &str, after: &str| format!("Log level changed \"{before}\" \"{after}\"");
        let (down, up) = (told(level.name(), "DEBUG"), told("DEBUG", level.name()));
        let quiet = if level <= LogLevel::Warning { vec!["w"] } else { vec![] };
        let expected: Vec<&str> = [&quiet[..], &[&down], &["d", "w"], &[&up], &quiet[..], &[&down]].concat();
        assert_eq!(messages(level, log), expected);
    }
}

#[test]
fn another_level_can_be_configured_and_is_then_the_one_to_turn_back_to() {
    let said = messages(LogLevel::Warning, |switch| {
        info!("unheard");
        switch.configure(LogLevel::Info);
        info!("heard");
        switch.turn();
        switch.turn();
        assert_eq!(switch.now(), LogLevel::Info);
        switch.turn();
        switch.configure(LogLevel::Error);
        warn!("unheard");
        assert_eq!(switch.now(), LogLevel::Error);
    });
    let (down, up) = (r#"Log level changed "INFO" "DEBUG""#, r#"Log level changed "DEBUG" "INFO""#);
    assert_eq!(said, ["heard", down, up, down]);
}

#[test]
fn where_debug_was_configured_it_stays() {
    let said = messages(LogLevel::Debug, |switch| {
        switch.turn();
        assert_eq!(switch.now(), LogLevel::Debug);
        debug!("d");
    });
    assert_eq!(said, [r#"The log level is DEBUG as configured, and stays so null "DEBUG""#, "d"]);
}

#[test]
fn every_error_has_its_type_even_those_of_libraries() {
    let lines = json(|| {
        error!(target: "hyper::proto", "connection error");
        error!(error_type = "timeout", "own");
        warn!(target: "hyper::proto", "no error");
    });
    assert_snapshot!(lines, @r#"
    {"level":"ERROR","logger":"hyper::proto","message":"connection error","error_type":"library"}
    {"level":"ERROR","logger":"promptchain::telemetry::logs::tests::switch","message":"own","error_type":"timeout"}
    {"level":"WARNING","logger":"hyper::proto","message":"no error"}
    "#);
}
