//! Log output: one line for each `tracing` event, as JSON for machines or plain for people.
//!
//! What callers need to know:
//! - Spans lend their fields `request_id`, `user_id` and `step` to the events within them. They
//!   are to be `info_span!`s: those of a finer level don't exist unless DEBUG is logged.
//! - `tracing` has no level above ERROR: `error!(critical = true, …)` is written as CRITICAL.
//! - Only this program's events are written at DEBUG and INFO; those of its libraries from
//!   WARNING up.
//! - The level can be turned to DEBUG and back while the program runs.
//!
//! Nothing here decides what is logged or keeps secrets out: that is for those who log.

#[cfg(test)]
pub(crate) mod captured;
mod direct;
mod fields;
mod filter;
mod format;
mod layer;
mod level;
mod standard;
mod switch;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use tracing::Subscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Layer, SubscriberExt};

use filter::LogFilter;
use layer::LogLayer;

pub use direct::DirectLog;
pub use format::LogFormat;
pub use level::{LogLevel, UnknownName};
pub use switch::LevelSwitch;

use super::loki::LokiQueue;

/// Takes each line, its `\n` included, as soon as it is written. Called by several threads at
/// once; mustn't log.
pub type LogSink = Arc<dyn Fn(&str) + Send + Sync>;

/// What is logged, and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogConfig {
    /// The least level that is written.
    pub level: LogLevel,
    /// How lines look.
    pub format: LogFormat,
    /// Whether [`LogFormat::Standard`] is coloured.
    pub color: bool,
    /// Whether prompts and replies are written, at DEBUG: events with the target `promptchain::content`.
    pub content: bool,
}

/// What can be done with a log once it is written.
#[derive(Clone)]
pub struct LogControl {
    /// Changes its level.
    pub switch: LevelSwitch,
    /// Where its lines are also pushed, as soon as that is known.
    pub loki: Arc<OnceLock<LokiQueue>>,
    /// Writes to its sink alone.
    pub direct: DirectLog,
}

/// A subscriber that writes to `sink`. More layers can be put on top: the filter is this one's own.
pub fn subscriber(config: LogConfig, sink: LogSink) -> impl Subscriber + Send + Sync {
    controlled(config, sink).0
}

/// The same, with what it can be controlled by.
pub fn controlled(config: LogConfig, sink: LogSink) -> (impl Subscriber + Send + Sync, LogControl) {
    let switch = LevelSwitch::new(config.level);
    let control = LogControl {
        direct: DirectLog::new(config, switch.clone(), Arc::clone(&sink)),
        switch: switch.clone(),
        loki: Arc::default(),
    };
    let layer = LogLayer { config, sink, switch: switch.clone(), loki: Arc::clone(&control.loki) };
    (Registry::default().with(layer.with_filter(LogFilter::new(config, switch))), control)
}
