//! Lines that are written past `tracing`, to one output alone: what whoever carries the log elsewhere has to
//! say of that must not be carried too.

use jiff::Timestamp;
use serde_json::Value;

use super::format::Line;
use super::{LevelSwitch, LogConfig, LogLevel, LogSink};

/// Writes lines as they look in the log, to its first output alone.
#[derive(Clone)]
pub struct DirectLog {
    config: LogConfig,
    switch: LevelSwitch,
    sink: LogSink,
}

impl DirectLog {
    pub(super) fn new(config: LogConfig, switch: LevelSwitch, sink: LogSink) -> Self {
        Self { config, switch, sink }
    }

    /// Writes a line, if its level is logged.
    pub(in crate::telemetry) fn write(
        &self,
        level: LogLevel,
        logger: &str,
        message: &str,
        fields: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
        if level >= self.switch.now() {
            let fields = fields.into_iter().collect();
            let line = Line { timestamp: Timestamp::now(), level, logger, message, fields };
            (self.sink)(&line.write(self.config));
        }
    }
}
