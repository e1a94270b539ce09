//! The log of this process: one for the whole of it, on stderr, and in Loki if it is pushed there.
//!
//! A server begins it before anything else, so that all that keeps it from starting stands in it, and
//! stderr has nothing but lines of the log.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::{Surroundings, chain_config, stderr};
use crate::cli::{Cli, Command, GlobalArgs};
use crate::error::{Error, ErrorCode};
use crate::settings::{self, Log, LokiSettings};
use crate::telemetry::deliveries::DeliveryCounts;
use crate::telemetry::logs::{self, LogConfig, LogControl, LogSink};
use crate::telemetry::loki::Loki;

/// How long the end of the process waits for what is still to be pushed to Loki.
const TIME_TO_PUSH: Duration = Duration::from_secs(5);

/// The target of events that hold prompts and replies.
const CONTENT: &str = "promptchain::content";

/// The log is one for the whole process.
static CONTROL: OnceLock<LogControl> = OnceLock::new();
static LOKI: Mutex<Option<Loki>> = Mutex::new(None);
/// Whether the server is there for others.
static HAS_STARTED: AtomicBool = AtomicBool::new(false);

/// From now on what happens is logged to stderr.
pub(super) fn begin(log: Log, globals: &GlobalArgs, around: &Surroundings) {
    let config = chain_config::logs(log, around.stderr_has_color(globals.color));
    let (subscriber, control) = logs::controlled(config, sink());
    // Fails only if there is one already, which then goes on.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        let _ = CONTROL.set(control);
    }
}

/// From now on the log is pushed to Loki too, if the settings say where. `environment` is a label there.
/// Returns what will become of its lines.
pub(super) fn push_to_loki(
    settings: &LokiSettings,
    environment: Option<&'static str>,
) -> Result<Option<Arc<DeliveryCounts>>, Error> {
    let Some((control, config)) = CONTROL.get().zip(chain_config::loki(settings, environment)) else {
        return Ok(None);
    };
    let loki = Loki::start(&config, control.direct.clone()).map_err(|error| {
        Error::new(ErrorCode::Configuration, "the log can't be pushed to LOKI_URL").because(error)
    })?;
    let _ = control.loki.set(loki.queue());
    let counts = loki.counts();
    if let Ok(mut running) = LOKI.lock() {
        *running = Some(loki);
    }
    Ok(Some(counts))
}

/// Turns the log's level to DEBUG, or back again.
pub(super) fn turn_level() {
    if let Some(control) = CONTROL.get() {
        control.switch.turn();
    }
}

/// Says something, and from then on, or from just before it if that lets more be said, logs at that level.
pub(super) fn tell_and_set_level(level: settings::LogLevel, tell: impl FnOnce()) {
    let Some(control) = CONTROL.get() else { return tell() };
    let level = chain_config::log_level(level);
    if level < control.switch.now() {
        control.switch.configure(level);
        tell();
    } else {
        tell();
        control.switch.configure(level);
    }
}

/// Logs why a configuration isn't taken: of several problems each on its own.
pub(super) fn reload_refused(error: &Error) {
    let (error_type, hint) = (error.code.as_str(), error.hint.as_deref());
    if error.is_list {
        for problem in &error.causes {
            tracing::error!(error = problem, error_type, hint, "Configuration reload refused");
        }
    } else {
        let causes = causes(error);
        tracing::error!(error = error.message, error_type, causes, hint, "Configuration reload refused");
    }
}

/// Has what is logged delivered, within a bound.
pub(super) async fn finish() {
    let running = LOKI.lock().ok().and_then(|mut running| running.take());
    if let Some(loki) = running {
        loki.finish(TIME_TO_PUSH).await;
    }
}

/// The server is there for others: what goes wrong from now on didn't keep it from starting.
pub(super) fn has_started() {
    HAS_STARTED.store(true, Ordering::Relaxed);
}

/// Whether the command speaks through the log alone, its failure included.
#[must_use]
pub fn is_its_voice(cli: &Cli) -> bool {
    matches!(&cli.command, Command::Serve(args) if !args.check)
}

/// Logs the failure that ends a server: of several problems each on its own.
pub fn failure(error: &Error) {
    let log = || log_failure(error);
    if CONTROL.get().is_some() {
        log();
    } else {
        tracing::subscriber::with_default(logs::subscriber(LogConfig::default(), sink()), log);
    }
}

fn log_failure(error: &Error) {
    let error_type = error.code.as_str();
    let hint = error.hint.as_deref();
    if HAS_STARTED.load(Ordering::Relaxed) {
        let is_about_recordings = error.code == ErrorCode::Recording;
        let causes = causes(error);
        let error = error.message.as_str();
        if is_about_recordings {
            tracing::error!(error, error_type, causes, hint, "The recordings are wrong");
        } else {
            tracing::error!(error, error_type, causes, hint, "Ended by a failure");
        }
    } else if error.is_list {
        for problem in &error.causes {
            tracing::error!(critical = true, error = problem, error_type, hint, "Can't start");
        }
    } else {
        let causes = causes(error);
        tracing::error!(critical = true, error = error.message, error_type, causes, hint, "Can't start");
    }
}

fn causes(error: &Error) -> Option<String> {
    (!error.causes.is_empty()).then(|| error.causes.join("; "))
}

/// From now on a panic is told in the log's own form.
pub(super) fn tell_panics() {
    std::panic::set_hook(Box::new(log_panic));
}

/// A panic is a bug. What it says is told if it is fixed text: a message that is put together may quote what it was
/// about, and is logged where prompts are.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let fixed = panic.payload().downcast_ref::<&'static str>().copied();
    let error =
        fixed.unwrap_or("what it says may quote a request, and is logged with LOG_CONTENT=true at DEBUG");
    tracing::error!(error, error_type = "panic", place, "A part of the program has panicked");
    if fixed.is_none()
        && let Some(content) = panic.payload_as_str()
    {
        tracing::debug!(target: CONTENT, content, "Panic");
    }
}

fn sink() -> LogSink {
    Arc::new(stderr::write)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread;

    use insta::assert_snapshot;
    use serde_json::Value;
    use tracing::Dispatch;

    use super::*;
    use crate::telemetry::logs::LogFormat;
    use crate::telemetry::logs::captured::keep_other_threads_out;

    /// What is written by a thread that panics like that, logged like that.
    fn panicking(config: LogConfig, panic: impl FnOnce() + Send + 'static) -> String {
        keep_other_threads_out();
        let written = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&written);
        let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
        let dispatch = Dispatch::new(logs::subscriber(config, sink));
        // The hook is one for all threads, and other tests panic too.
        let name = format!("doomed {config:?}");
        let (others, doomed) = (std::panic::take_hook(), name.clone());
        std::panic::set_hook(Box::new(move |panic| {
            if thread::current().name() == Some(&doomed) { log_panic(panic) } else { others(panic) }
        }));
        let thread = thread::Builder::new().name(name);
        let panics = move || tracing::dispatcher::with_default(&dispatch, panic);
        thread.spawn(panics).unwrap().join().unwrap_err();
        let written = written.lock().unwrap();
        written.clone()
    }

    #[test]
    fn a_panic_is_one_line_of_the_log_whatever_it_says() {
        let said = "a\nb\u{1b}[2J\"}";
        let line = panicking(LogConfig::default(), move || std::panic::panic_any(said));
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&line["level"], &line["error_type"]), (&"ERROR".into(), &"panic".into()));
        assert_eq!(line["error"], said);
        assert!(line["place"].as_str().unwrap().contains("log.rs:"), "{line}");
        let standard = LogConfig { format: LogFormat::Standard, ..LogConfig::default() };
        let line = panicking(standard, move || std::panic::panic_any(said));
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }

    #[test]
    fn what_a_panic_quotes_is_logged_only_where_content_is() {
        // The standard library's own way to quote a text that is cut within a character.
        let cut = || {
            let prompt = "canary \u{20ac}".to_owned();
            let end = prompt.len() - 1;
            let _ = std::hint::black_box(&prompt[..end]);
        };
        let level = logs::LogLevel::Debug;
        for (content, config) in [
            (false, LogConfig { level, ..LogConfig::default() }),
            (false, LogConfig { content: true, ..LogConfig::default() }),
            (true, LogConfig { level, content: true, ..LogConfig::default() }),
        ] {
            let written = panicking(config, cut);
            assert_eq!(written.contains("canary"), content, "{written}");
            assert!(written.contains("\"place\":\""), "{written}");
        }
    }

    /// What is logged of a failure before the server was there for others.
    fn told(error: &Error) -> String {
        let captured = logs::captured::Captured::from_level(logs::LogLevel::Info);
        log_failure(error);
        captured.text()
    }

    #[test]
    fn of_several_problems_each_is_a_line() {
        let mut error = Error::new(ErrorCode::Configuration, "two problems").because("one\ntwo").because("b");
        error.is_list = true;
        assert_snapshot!(told(&error), @r#"
        {"level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"one\ntwo","error_type":"configuration"}
        {"level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"b","error_type":"configuration"}
        "#);
        let error = Error::new(ErrorCode::Internal, "the program has panicked");
        assert_snapshot!(told(&error), @r#"{"level":"CRITICAL","logger":"promptchain::commands::log","message":"Can't start","error":"the program has panicked","error_type":"internal","hint":"this is a bug in promptchain: please report it with the command that led to it"}"#);
    }
}
