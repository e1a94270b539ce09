//! The push as Loki meets it: over HTTP, by a server that reads it as Loki does.

mod delivery;
mod fake;
mod losses;

use std::sync::Mutex;

use super::*;
use crate::resilience::RetryPolicy;
use crate::telemetry::logs::captured::keep_other_threads_out;
use crate::telemetry::logs::{LogConfig, LogFormat, LogLevel, LogSink, controlled};
use fake::{Answer, FakeLoki, Push};

/// Long enough for whatever is to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Limits with which nothing takes long.
fn quick() -> LokiLimits {
    LokiLimits {
        batch_wait: Duration::from_millis(20),
        retry: RetryPolicy { max_attempts: 4, multiplier: 0.001, max_delay: Duration::from_secs(5) },
        ..LokiLimits::default()
    }
}

fn config(url: &Url, limits: LokiLimits) -> LokiConfig {
    LokiConfig { url: url.clone(), credentials: None, tenant: None, environment: Some("test"), limits }
}

/// A log that is also pushed to Loki, and what it writes to stderr.
struct Logged {
    loki: Loki,
    stderr: Arc<Mutex<String>>,
    _listening: tracing::subscriber::DefaultGuard,
}

impl Logged {
    fn to(config: &LokiConfig) -> Self {
        Self::with_format(config, LogFormat::Json)
    }

    fn with_format(config: &LokiConfig, format: LogFormat) -> Self {
        keep_other_threads_out();
        let stderr = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&stderr);
        let sink: LogSink = Arc::new(move |line| sink.lock().unwrap().push_str(line));
        let log = LogConfig { level: LogLevel::Debug, format, ..LogConfig::default() };
        let (subscriber, control) = controlled(log, sink);
        let loki = Loki::start(config, control.direct.clone()).unwrap();
        control.loki.set(loki.queue()).unwrap();
        Self { loki, stderr, _listening: tracing::subscriber::set_default(subscriber) }
    }

    /// The lines on stderr, once all is delivered or given up.
    async fn finish(self, limit: Duration) -> Vec<String> {
        self.loki.finish(limit).await;
        let stderr = self.stderr.lock().unwrap();
        stderr.lines().map(str::to_owned).collect()
    }
}

/// Those lines that say something of Loki, without time and logger.
fn about_loki(stderr: &[String]) -> Vec<String> {
    let lines = stderr.iter().filter(|line| line.contains("\"promptchain::telemetry::loki\""));
    let lines = lines.map(|line| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let object = line.as_object_mut().unwrap();
        object.shift_remove("timestamp").unwrap();
        object.shift_remove("logger").unwrap();
        line.to_string()
    });
    lines.collect()
}
