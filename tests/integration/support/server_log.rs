//! What a running server logs, line by line as it comes.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::Value;

use super::PATIENCE;

/// What a running server logs.
#[derive(Clone, Default)]
pub(crate) struct ServerLog {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    has_ended: bool,
}

impl ServerLog {
    /// Reads them in a thread of its own, so that the server never waits for us.
    pub(crate) fn follow(stderr: impl Read + Send + 'static) -> Self {
        let log = Self::default();
        let shared = Arc::clone(&log.shared);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                shared.lines.lock().unwrap().lines.push(line.unwrap());
                shared.changed.notify_all();
            }
            shared.lines.lock().unwrap().has_ended = true;
            shared.changed.notify_all();
        });
        log
    }

    /// All lines until now.
    pub(crate) fn text(&self) -> String {
        self.shared.lines.lock().unwrap().lines.join("\n")
    }

    /// All lines, once there can't be any more.
    #[track_caller]
    pub(crate) fn whole_text(&self) -> String {
        self.wait_until(|lines| lines.has_ended.then_some(()));
        self.text()
    }

    /// Those until now with that message.
    pub(crate) fn entries(&self, message: &str) -> Vec<Value> {
        let lines = self.shared.lines.lock().unwrap();
        lines.entries().filter(|entry| entry["message"] == message).collect()
    }

    /// Waits for so many lines with that message.
    #[track_caller]
    pub(crate) fn wait_for_count(&self, message: &str, count: usize) {
        self.wait_until(|lines| {
            let found = lines.entries().filter(|entry| entry["message"] == message).count();
            (found >= count).then_some(())
        });
        assert_eq!(self.entries(message).len(), count);
    }

    /// Waits for at least so many lines with that message.
    #[track_caller]
    pub(crate) fn wait_for_count_at_least(&self, message: &str, count: usize) {
        self.wait_until(|lines| {
            let found = lines.entries().filter(|entry| entry["message"] == message).count();
            (found >= count).then_some(())
        });
    }

    /// Waits for a line with that message.
    #[track_caller]
    pub(crate) fn wait_for(&self, message: &str) -> Value {
        self.wait_until(|lines| lines.entries().find(|entry| entry["message"] == message))
    }

    /// Waits for a line of that level.
    #[track_caller]
    pub(crate) fn wait_for_level(&self, level: &str) -> Value {
        self.wait_until(|lines| lines.entries().find(|entry| entry["level"] == level))
    }

    /// Waits for a line with that message about that request.
    #[track_caller]
    pub(crate) fn wait_for_request(&self, message: &str, request_id: &str) -> Value {
        self.wait_until(|lines| {
            lines.entries().find(|entry| entry["message"] == message && entry["request_id"] == request_id)
        })
    }

    /// Waits for the line that says how that request ended, whichever it is.
    #[track_caller]
    pub(crate) fn wait_for_end_of(&self, request_id: &str) -> Value {
        self.wait_until(|lines| {
            lines.entries().find(|entry| {
                entry["request_id"] == request_id
                    && entry["logger"].as_str().is_some_and(|logger| logger.ends_with("::access_log"))
            })
        })
    }

    /// Waits for a line with those words.
    #[track_caller]
    pub(crate) fn wait_for_words(&self, words: &str) {
        self.wait_until(|lines| lines.lines.iter().any(|line| line.contains(words)).then_some(()));
    }

    /// Waits until the last line with a message that begins like that ends in one of these ways.
    #[track_caller]
    pub(crate) fn wait_for_last(&self, beginning: &str, endings: &[&str]) {
        self.wait_until(|lines| {
            let mut messages: Vec<Value> = lines.entries().map(|mut entry| entry["message"].take()).collect();
            messages.retain(|message| message.as_str().is_some_and(|text| text.starts_with(beginning)));
            let last = messages.last()?.as_str()?;
            endings.iter().any(|ending| last.ends_with(ending)).then_some(())
        });
    }

    #[track_caller]
    fn wait_until<T>(&self, find: impl Fn(&Lines) -> Option<T>) -> T {
        let mut lines = self.shared.lines.lock().unwrap();
        loop {
            if let Some(found) = find(&lines) {
                return found;
            }
            let waited = self.shared.changed.wait_timeout(lines, PATIENCE).unwrap();
            lines = waited.0;
            if waited.1.timed_out() || (lines.has_ended && find(&lines).is_none()) {
                // The thread that reads goes on, and must find the lock in order.
                drop(lines);
                panic!("it doesn't come: {}", self.text());
            }
        }
    }
}

impl Lines {
    /// The lines that are log entries.
    fn entries(&self) -> impl Iterator<Item = Value> {
        self.lines.iter().filter_map(|line| serde_json::from_str(line).ok())
    }
}
