//! What the bench prints: tables for people, or an object a line.

use std::io::{self, Write};

use serde_json::Value;

use crate::Result;

/// What the bench prints, and what it has found broken.
pub(crate) struct Report {
    is_json: bool,
    widths: Vec<usize>,
    broken: Vec<String>,
}

/// A number in a table.
pub(crate) fn cell(number: f64) -> String {
    if number.is_nan() { "–".to_owned() } else { format!("{number:.1}") }
}

impl Report {
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json, widths: Vec::new(), broken: Vec::new() }
    }

    pub(crate) fn title(&self, title: &str) {
        self.line(&format!("\n{title}\n"));
    }

    pub(crate) fn columns(&mut self, names: &[&str]) {
        self.widths = names.iter().map(|name| name.chars().count().max(8)).collect();
        // The first says what the row is about.
        if let Some(first) = self.widths.first_mut() {
            *first = (*first).max(16);
        }
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.line(&self.aligned(&names));
        let rules = self.widths.iter().enumerate().map(|(at, width)| {
            let rule = "-".repeat(width - 1);
            if at == 0 { format!(":{rule}") } else { format!("{rule}:") }
        });
        self.line(&rules.collect::<Vec<_>>().join(" | "));
    }

    /// A row of the table, and the same as an object.
    pub(crate) fn row(&self, cells: &[String], object: &Value) -> Result<()> {
        self.line(&self.aligned(cells));
        self.object(object)
    }

    /// Only for whoever reads objects.
    pub(crate) fn object(&self, object: &Value) -> Result<()> {
        if self.is_json {
            writeln!(io::stdout().lock(), "{object}")?;
        }
        Ok(())
    }

    /// Only for people.
    pub(crate) fn say(&self, words: &str) {
        self.line(&format!("- {words}"));
    }

    /// A promise that isn't kept.
    pub(crate) fn broken(&mut self, what: String) {
        self.broken.push(what);
    }

    /// # Errors
    /// If a promise is broken.
    pub(crate) fn verdict(&self) -> Result<()> {
        if self.broken.is_empty() {
            self.line("\nverdict: no promise is broken");
            return Ok(());
        }
        Err(self.broken.join("; ").into())
    }

    fn aligned(&self, cells: &[String]) -> String {
        let cells = cells.iter().zip(&self.widths).enumerate().map(|(at, (cell, width))| {
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            if at == 0 { format!("{cell}{space}") } else { format!("{space}{cell}") }
        });
        cells.collect::<Vec<_>>().join(" | ")
    }

    fn line(&self, line: &str) {
        if !self.is_json {
            // Whoever has closed the pipe wants no more.
            drop(writeln!(io::stdout().lock(), "{line}"));
        }
    }
}
