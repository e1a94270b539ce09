//! How the server is at a moment: by what the system knows of it, and by its own metrics.

use std::collections::HashMap;
use std::error::Error;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::house::House;
use crate::support::{open_files, resident_kib, threads};
use crate::tally::Tally;

/// What must not grow, by its name in tables.
pub(crate) const WATCHED: [&str; 8] =
    ["RSS KiB", "files", "threads", "tasks", "limiter keys", "checkpoints", "circuits", "series"];

/// How the server is at a moment.
#[derive(Clone)]
pub(crate) struct Reading {
    pub(crate) at: Instant,
    /// What must not grow, in the order of [`WATCHED`].
    pub(crate) watched: [f64; WATCHED.len()],
    /// What is under way: requests, runs and streams.
    pub(crate) under_way: f64,
    /// What clients had asked by then.
    pub(crate) requests: u64,
}

impl Reading {
    pub(crate) async fn now(house: &House, tally: &Tally) -> Result<Self, Box<dyn Error>> {
        let process = house.server.id();
        let exposed = Exposed::ask(house).await?;
        let watched = [
            whole(resident_kib(process)?),
            whole(open_files(process)?),
            whole(threads(process)?),
            exposed.value("promptchain_runtime_tasks"),
            exposed.value("promptchain_rate_limiter_keys"),
            exposed.value("promptchain_checkpoints_in_memory"),
            exposed.count("promptchain_breaker_state"),
            exposed.count(""),
        ];
        let requests = exposed.sum("http_server_active_requests{route=\"/v1/");
        let runs = exposed.value("promptchain_run_places_taken");
        let under_way = requests + runs + exposed.value("promptchain_streams_active");
        Ok(Self { at: Instant::now(), watched, under_way, requests: tally.requests() })
    }

    pub(crate) fn minutes_after(&self, first: &Self) -> f64 {
        (self.at - first.at).as_secs_f64() / 60.0
    }

    pub(crate) fn json(&self, first: &Self) -> Value {
        let mut row = json!({"minute": self.minutes_after(first), "requests": self.requests});
        for (name, value) in WATCHED.iter().zip(self.watched) {
            row[name.replace(' ', "_").to_lowercase()] = json!(value);
        }
        row["under_way"] = json!(self.under_way);
        row
    }
}

/// What the server tells of itself.
pub(crate) struct Exposed(HashMap<String, f64>);

impl Exposed {
    pub(crate) async fn ask(house: &House) -> Result<Self, reqwest::Error> {
        let text = house.client.get(&house.metrics).send().await?.error_for_status()?.text().await?;
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            Some((series.to_owned(), value.parse().ok()?))
        });
        Ok(Self(samples.collect()))
    }

    /// What isn't there is no number.
    pub(crate) fn value(&self, series: &str) -> f64 {
        self.0.get(series).copied().unwrap_or(f64::NAN)
    }

    fn of<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = f64> + 'a {
        self.0.iter().filter(move |(series, _)| series.starts_with(beginning)).map(|(_, value)| *value)
    }

    fn sum(&self, beginning: &str) -> f64 {
        self.of(beginning).sum()
    }

    fn count(&self, beginning: &str) -> f64 {
        whole(self.of(beginning).count() as u64)
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float holds exactly")]
pub(crate) fn whole(number: u64) -> f64 {
    number as f64
}
