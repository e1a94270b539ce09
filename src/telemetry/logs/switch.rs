//! The level in effect, which can be changed while the program runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::LogLevel;

/// Turns the level between the one that was configured and DEBUG, and says so in the log.
#[derive(Debug, Clone)]
pub struct LevelSwitch {
    /// The place in [`LogLevel::ALL`] of the level that was configured.
    configured: Arc<AtomicUsize>,
    /// The place of the one in effect.
    now: Arc<AtomicUsize>,
}

impl LevelSwitch {
    pub(super) fn new(configured: LogLevel) -> Self {
        let place = || Arc::new(AtomicUsize::new(place(configured)));
        Self { configured: place(), now: place() }
    }

    /// The level in effect.
    #[must_use]
    pub fn now(&self) -> LogLevel {
        level(&self.now)
    }

    /// To DEBUG, or back again. Where DEBUG was configured, it stays.
    pub fn turn(&self) {
        let before = self.now();
        let after = if before == LogLevel::Debug { level(&self.configured) } else { LogLevel::Debug };
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

    /// Another level is configured, and in effect from now on, to whatever it was turned before.
    pub fn configure(&self, level: LogLevel) {
        self.configured.store(place(level), Ordering::Relaxed);
        self.set(level);
    }

    fn set(&self, level: LogLevel) {
        self.now.store(place(level), Ordering::Relaxed);
        // Each place in the code remembers whether anybody listens to it.
        tracing::callsite::rebuild_interest_cache();
    }
}

fn level(place: &AtomicUsize) -> LogLevel {
    LogLevel::ALL.get(place.load(Ordering::Relaxed)).copied().unwrap_or_default()
}

fn place(level: LogLevel) -> usize {
    LogLevel::ALL.iter().position(|known| *known == level).unwrap_or_default()
}
