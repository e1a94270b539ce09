//! What is told in the end: how the server was, whether anything grew, and what clients met with.

use std::error::Error;
use std::io::{self, Write};

use serde_json::json;

use crate::reading::{Reading, WATCHED};
use crate::tally::Tally;
use crate::trend::Trend;

/// By how much each of what is watched may grow in a minute, as a straight line has it: less than a leak of a
/// few bytes with each request would come to, more than what a load that isn't the same all the time does.
const MOST_PER_MINUTE: [f64; WATCHED.len()] = [128.0, 1.0, 0.25, 1.0, 10.0, 10.0, 0.25, 10.0];
/// Of less time nothing can be told of memory.
const LEAST_MINUTES: f64 = 5.0;
/// How much more files and tasks there may be at rest than at the start: connections that a pool still has.
const MORE_AT_REST: f64 = 4.0;
/// Where these are among what is watched.
const FILES: usize = 1;
const TASKS: usize = 3;

/// All that was read.
pub(crate) struct Report {
    /// The first before there was any load.
    readings: Vec<Reading>,
    rest: Option<Reading>,
}

impl Report {
    pub(crate) fn new(first: Reading) -> Self {
        Self { readings: vec![first], rest: None }
    }

    pub(crate) fn add(&mut self, reading: Reading) {
        self.readings.push(reading);
    }

    /// Some time after the last client has left.
    pub(crate) fn rest(&mut self, reading: Reading) {
        self.rest = Some(reading);
    }

    /// # Errors
    /// If anything grows, or a client has met with what isn't expected.
    pub(crate) fn print(&self, tally: &Tally, is_json: bool) -> Result<(), Box<dyn Error>> {
        let mut problems = self.growing();
        problems.extend(self.left());
        problems.extend(
            tally
                .met(false)
                .into_iter()
                .map(|(client, met, count)| format!("unexpected: {client}: {met} ({count}×)")),
        );
        let mut stdout = io::stdout().lock();
        if is_json {
            self.print_json(&mut stdout, tally, &problems)?;
        } else {
            self.print_table(&mut stdout)?;
            print_met(&mut stdout, tally)?;
            let verdict =
                if problems.is_empty() { "flat, and nothing unexpected" } else { "NOT AS IT SHOULD BE" };
            writeln!(stdout, "\nverdict: {verdict}")?;
            problems.iter().try_for_each(|problem| writeln!(stdout, "- {problem}"))?;
        }
        if problems.is_empty() { Ok(()) } else { Err(format!("{} problems", problems.len()).into()) }
    }

    fn second_half(&self) -> &[Reading] {
        self.readings.get(self.readings.len() / 2..).unwrap_or_default()
    }

    fn growing(&self) -> Vec<String> {
        let half = self.second_half();
        let minutes = match half {
            [first, .., last] => last.minutes_after(first),
            _ => 0.0,
        };
        if minutes * 2.0 < LEAST_MINUTES {
            return Vec::new();
        }
        let trends = WATCHED.iter().zip(MOST_PER_MINUTE).enumerate();
        let growing = trends.filter_map(|(at, (name, most))| {
            let trend = Trend::of(half, at).filter(|trend| trend.exceeds(most))?;
            Some(format!("{name} grows by {:.2} a minute, more than {most}", trend.per_minute))
        });
        growing.collect()
    }

    /// What has stayed when all had left.
    fn left(&self) -> Vec<String> {
        let (Some(first), Some(rest)) = (self.readings.first(), &self.rest) else { return Vec::new() };
        let mut left = Vec::new();
        for at in [FILES, TASKS] {
            let (Some(before), Some(after), Some(name)) =
                (first.watched.get(at), rest.watched.get(at), WATCHED.get(at))
            else {
                continue;
            };
            if *after > before + MORE_AT_REST {
                left.push(format!("{name}: {after} at rest, {before} at the start"));
            }
        }
        if rest.under_way != 0.0 {
            left.push(format!("{} are still under way at rest", rest.under_way));
        }
        left
    }

    fn print_table(&self, out: &mut impl Write) -> io::Result<()> {
        let Some(first) = self.readings.first() else { return Ok(()) };
        write!(out, "moment | minute | requests")?;
        WATCHED.iter().try_for_each(|name| write!(out, " | {name}"))?;
        writeln!(out, " | under way")?;
        writeln!(out, ":----- | -----: | -------:{} | --------:", " | ----:".repeat(WATCHED.len()))?;
        let (middle, last) = (self.readings.get(self.readings.len() / 2), self.readings.last());
        // Once it is warm.
        let start = self.readings.get(self.readings.len() / 20 + 1);
        let moments = [
            ("before", Some(first)),
            ("start", start),
            ("middle", middle),
            ("end", last),
            ("rest", self.rest.as_ref()),
        ];
        for (moment, reading) in moments {
            let Some(reading) = reading else { continue };
            write!(out, "{moment:6} | {:6.1} | {:8}", reading.minutes_after(first), reading.requests)?;
            for (name, value) in WATCHED.iter().zip(reading.watched) {
                write!(out, " | {value:width$}", width = name.len().max(5))?;
            }
            writeln!(out, " | {:9}", reading.under_way)?;
        }
        writeln!(out, "\nin a minute of the second half (± standard error):")?;
        for (at, (name, most)) in WATCHED.iter().zip(MOST_PER_MINUTE).enumerate() {
            if let Some(Trend { per_minute, error }) = Trend::of(self.second_half(), at) {
                writeln!(out, "- {name}: {per_minute:+.2} ± {error:.2}; may be {most}")?;
            }
        }
        Ok(())
    }

    fn print_json(&self, out: &mut impl Write, tally: &Tally, problems: &[String]) -> io::Result<()> {
        let Some(first) = self.readings.first() else { return Ok(()) };
        for reading in self.readings.iter().chain(&self.rest) {
            writeln!(out, "{}", reading.json(first))?;
        }
        let mut trends = json!({});
        for (at, name) in WATCHED.iter().enumerate() {
            let trend = Trend::of(self.second_half(), at);
            trends[name.replace(' ', "_").to_lowercase()] = trend
                .map_or(json!(null), |it| json!({"per_minute": it.per_minute, "standard_error": it.error}));
        }
        let met = |as_expected| {
            let met = tally.met(as_expected).into_iter();
            met.map(|(client, met, count)| json!([client, met, count])).collect::<Vec<_>>()
        };
        let end = json!({"trends": trends, "met": met(true), "unexpected": met(false), "problems": problems});
        writeln!(out, "{end}")
    }
}

fn print_met(out: &mut impl Write, tally: &Tally) -> io::Result<()> {
    writeln!(out, "\nwhat clients met with:")?;
    let mut last = "";
    for (client, met, count) in tally.met(true) {
        if client == last {
            write!(out, ", ")?;
        } else {
            write!(out, "{}- {client}: ", if last.is_empty() { "" } else { "\n" })?;
        }
        last = client;
        write!(out, "{met} {count}×")?;
    }
    writeln!(out)
}
