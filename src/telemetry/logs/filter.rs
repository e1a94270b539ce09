//! Decides from an event's level and target whether it can be written at all. `tracing` remembers
//! the answer for each place in the code, until the level changes, so that what isn't logged costs next to
//! nothing.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

use super::fields::CRITICAL;
use super::{LevelSwitch, LogConfig, LogLevel};

/// The target of this program's own events, and the root of all others of them.
const OWN: &str = env!("CARGO_CRATE_NAME");

/// The target of events that hold prompts and replies.
const CONTENT: &str = concat!(env!("CARGO_CRATE_NAME"), "::content");

pub(super) struct LogFilter {
    level: LevelSwitch,
    content: bool,
}

impl LogFilter {
    pub(super) fn new(config: LogConfig, level: LevelSwitch) -> Self {
        Self { level, content: config.content }
    }

    fn lets_pass(&self, metadata: &Metadata<'_>) -> bool {
        let is_own =
            metadata.target().strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        if metadata.is_span() {
            // Whatever the level, for what they lend to graver events within.
            return is_own;
        }
        if metadata.target() == CONTENT && !self.content {
            return false;
        }
        let level = LogLevel::of(*metadata.level());
        // Whether an event is critical shows only once it happens, but not without this field.
        let can_be_critical = level == LogLevel::Error && metadata.fields().field(CRITICAL).is_some();
        let gravest = if can_be_critical { LogLevel::Critical } else { level };
        gravest >= self.level.now() && (is_own || level >= LogLevel::Warning)
    }
}

impl<S: Subscriber> Filter<S> for LogFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.lets_pass(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.lets_pass(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // At least INFO: the level of spans.
        Some(self.level.now().finest().max(LevelFilter::INFO))
    }
}
