//! Lines that are pushed together, and the body of that push.

use std::collections::BTreeMap;

use serde::Serialize;

use super::queue::Entry;
use crate::telemetry::logs::LogLevel;

/// Lines that are pushed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Batch {
    pub(super) fn add(&mut self, entry: Entry) {
        self.bytes = self.bytes.saturating_add(entry.line.len());
        self.entries.push(entry);
    }

    /// Lines in it.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of its lines.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The body of the push: a stream for each level. Within a stream lines are in the order in which they were
    /// logged, which with several threads needn't be the order in which they came.
    pub(super) fn body(&mut self, environment: Option<&'static str>) -> Vec<u8> {
        self.entries.sort_by_key(|entry| entry.nanoseconds);
        let mut by_level: BTreeMap<LogLevel, Vec<(String, &str)>> = BTreeMap::new();
        for entry in &self.entries {
            let values = by_level.entry(entry.level).or_default();
            values.push((entry.nanoseconds.to_string(), &entry.line));
        }
        let streams = by_level.into_iter().map(|(level, values)| {
            let stream = Labels { service: "promptchain", environment, level: level.name() };
            Stream { stream, values }
        });
        // None of these types can fail to be written.
        serde_json::to_vec(&Push { streams: streams.collect() }).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Push<'a> {
    streams: Vec<Stream<'a>>,
}

#[derive(Serialize)]
struct Stream<'a> {
    stream: Labels,
    /// Nanoseconds since 1970, and the line.
    values: Vec<(String, &'a str)>,
}

/// The labels of a stream. Each has few values: Loki keeps a stream for every set of them.
#[derive(Serialize)]
struct Labels {
    service: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'static str>,
    level: &'static str,
}
