//! The log lines of a test.

use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};

use super::{LogConfig, LogLevel, LogSink, subscriber};

/// Listens to nothing. As long as there is only one subscriber, `tracing` asks that of the thread which first
/// comes to a place in the code whether anybody listens there, and remembers the answer for all threads: a
/// test without one would silence that place for the test that has it.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Sees to it that no other test's thread decides what this test's own subscriber hears. To be called before
/// that is made.
pub(crate) fn keep_other_threads_out() {
    LazyLock::force(&ANOTHER);
}

/// What this thread logs for as long as this lives.
pub(crate) struct Captured {
    written: Arc<Mutex<String>>,
    _listening: DefaultGuard,
}

impl Captured {
    /// From that level up, as JSON.
    pub(crate) fn from_level(level: LogLevel) -> Self {
        keep_other_threads_out();
        let written = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&written);
        let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
        let config = LogConfig { level, ..LogConfig::default() };
        Self { written, _listening: tracing::subscriber::set_default(subscriber(config, sink)) }
    }

    /// The lines so far, each without its timestamp.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let written = self.written.lock().unwrap();
        let lines = written.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().shift_remove("timestamp").expect("every line has its time");
            line
        });
        lines.collect()
    }

    /// Those of them with a message that begins like that.
    pub(crate) fn about(&self, message: &str) -> Vec<Value> {
        let is_about = |line: &Value| line["message"].as_str().unwrap().starts_with(message);
        self.lines().into_iter().filter(is_about).collect()
    }

    /// The lines so far as text, one below the other.
    pub(crate) fn text(&self) -> String {
        self.lines().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}
