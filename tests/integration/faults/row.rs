//! What came of a cell, in the words of the page. Cells of which the same can be said share a row.

use promptchain::simulator::Step;

use super::books::Paid;
use super::cell::{Asked, Cell, Strikes};
use super::seen::{Got, Seen};
use crate::support::Response;

/// What is said of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Exit code or status, and what comes with it.
    pub(super) gets: String,
    /// The calls for the step, and what is known of their cost.
    pub(super) calls: String,
    /// Under which words a server counts it.
    pub(super) counted: String,
    /// What a person reads.
    pub(super) reads: String,
}

/// A row: what is said, and of which cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) steps: Vec<Step>,
    pub(super) strikes: Vec<Strikes>,
    pub(super) asked: Vec<Asked>,
    pub(super) said: Said,
}

/// The rows of one fault's cells. Of strict gates nothing is said where they make no difference.
pub(super) fn rows(cells: &[(&Cell, &Seen)]) -> Vec<Row> {
    let said: Vec<(&Cell, Said)> = cells.iter().map(|(cell, seen)| (*cell, Said::of(cell, seen))).collect();
    let is_as_without = |(strict, own): &(&Cell, Said)| {
        let lenient = Cell { strikes: Strikes::Always, ..**strict };
        strict.strikes == Strikes::Strictly
            && said.iter().any(|(cell, said)| **cell == lenient && said == own)
    };
    let told = said.iter().filter(|it| !is_as_without(it));
    let mut rows: Vec<Row> = told
        .map(|(cell, said)| Row {
            steps: vec![cell.step],
            strikes: vec![cell.strikes],
            asked: vec![cell.asked],
            said: said.clone(),
        })
        .collect();
    merge(&mut rows, |row| &mut row.steps);
    merge(&mut rows, |row| &mut row.strikes);
    merge(&mut rows, |row| &mut row.asked);
    rows.sort_by_key(|row| (row.asked[0], row.strikes[0]));
    rows
}

/// Rows that differ in nothing but that become one.
fn merge<T: Clone>(rows: &mut Vec<Row>, part: fn(&mut Row) -> &mut Vec<T>) {
    let mut merged: Vec<Row> = Vec::new();
    for mut row in rows.drain(..) {
        let own = std::mem::take(part(&mut row));
        let same = merged.iter_mut().find(|other| {
            let mut other = (**other).clone();
            part(&mut other).clear();
            other == row
        });
        if let Some(same) = same {
            part(same).extend(own);
        } else {
            *part(&mut row) = own;
            merged.push(row);
        }
    }
    *rows = merged;
}

impl Said {
    fn of(cell: &Cell, seen: &Seen) -> Self {
        Self { gets: gets(seen), calls: calls(cell, seen), counted: counted(seen), reads: reads(cell, seen) }
    }
}

fn gets(seen: &Seen) -> String {
    match &seen.got {
        Got::Exit(0) => "0: the answer".to_owned(),
        Got::Exit(code) if seen.text.is_empty() => format!("{code}: nothing on stdout"),
        Got::Exit(code) => format!("{code}: the answer's beginning"),
        Got::Whole(response) if response.status == 200 => {
            let body = response.json();
            format!("200, {}", code(body["choices"][0]["finish_reason"].as_str().unwrap()))
        }
        Got::Whole(response) => refused(seen, response),
        Got::Stream { finish: Some(finish), .. } if seen.text.is_empty() => format!("200, {}", code(finish)),
        Got::Stream { finish: Some(finish), .. } => format!("200, text, {}", code(finish)),
        Got::Stream { finish: None, .. } => {
            let text = if seen.text.is_empty() { "" } else { "text, " };
            format!("200, {text}error {}", code(seen.code.as_deref().unwrap()))
        }
    }
}

fn refused(seen: &Seen, response: &Response) -> String {
    let mut said = format!("{} {}", response.status, code(seen.code.as_deref().unwrap()));
    for name in ["retry-after", "x-should-retry"] {
        if let Some(value) = response.header(name) {
            said += &format!(", {}", code(&format!("{name}: {value}")));
        }
    }
    said
}

fn calls(cell: &Cell, seen: &Seen) -> String {
    let paid = seen.paid_for(cell);
    let mut said = Vec::new();
    for (kind, word) in [
        (Paid::Nothing, "free"),
        (Paid::Unknown, "unknown"),
        (Paid::Begun, "begun"),
        (Paid::Counted, "counted"),
    ] {
        let number = paid.iter().filter(|paid| **paid == kind).count();
        if number > 0 {
            said.push(format!("{number} {word}"));
        }
    }
    said.join(", ")
}

fn counted(seen: &Seen) -> String {
    let Some(metrics) = &seen.metrics else { return "–".to_owned() };
    let outcome = metrics.only("promptchain_request_duration_seconds_count", "outcome");
    let end = metrics.only("promptchain_stream_end_total", "reason");
    let words: Vec<String> = outcome.into_iter().chain(end).map(code).collect();
    words.join(", ")
}

/// The step is named by its place in the row, so that rows of several steps read the same.
fn reads(cell: &Cell, seen: &Seen) -> String {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for line in &seen.told {
        let line = line.replace(cell.step.name(), "STEP");
        match lines.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let times = |times| if times == 2 { " (twice)" } else { "" };
    let lines: Vec<String> =
        lines.iter().map(|(line, number)| format!("{}{}", code(line), times(*number))).collect();
    if lines.is_empty() { "–".to_owned() } else { lines.join("<br>") }
}

/// As code, be there backticks in it.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
