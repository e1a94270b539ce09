//! The level in effect, which can be changed while the program runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::LogLevel;

/// Turns the level between the one that was configured and DEBUG, and says so in the log.
#[derive(Debug, Clone)]
pub struct LevelSwitch {
    configured: LogLevel,
    /// The place in [`LogLevel::ALL`].
    now: Arc<AtomicUsize>,
}

impl LevelSwitch {
    pub(super) fn new(configured: LogLevel) -> Self {
        Self { configured, now: Arc::new(AtomicUsize::new(place(configured))) }
    }

    /// The level in effect.
    #[must_use]
    pub fn now(&self) -> LogLevel {
        LogLevel::ALL.get(self.now.load(Ordering::Relaxed)).copied().unwrap_or(self.configured)
    }

    /// To DEBUG, or back again. Where DEBUG was configured, it stays.
    pub fn turn(&self) {
        let before = self.now();
        let after = if before == LogLevel::Debug { self.configured } else { LogLevel::Debug };
        let tell = || {
            tracing::info!(log_level = after.name(), previous_log_level = before.name(), "Log level changed");
        };
        if before == after {
            tracing::info!(log_level = after.name(), "The log level is DEBUG as configured, and stays so");
            return;
        }
        // Either way while DEBUG holds, so that the line is written whatever was configured.
        if after == LogLevel::Debug {
            self.set(after);
            tell();
        } else {
            tell();
            self.set(after);
        }
    }

    fn set(&self, level: LogLevel) {
        self.now.store(place(level), Ordering::Relaxed);
        // Each place in the code remembers whether anybody listens to it.
        tracing::callsite::rebuild_interest_cache();
    }
}

fn place(level: LogLevel) -> usize {
    LogLevel::ALL.iter().position(|known| *known == level).unwrap_or_default()
}
