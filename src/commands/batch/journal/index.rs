//! What a journal says of each line: which are done, and how far the others had come.

use std::collections::HashMap;
use std::io::{self, BufRead};

use jiff::Timestamp;

use super::record::{BatchRecord, Happened, Head, Header, KIND, Subject, VERSION};
use super::result_places::ResultPlaces;
use crate::chain::Spend;
use crate::model::Cost;

/// How a journal begins.
const HEADER_BEGINS: &[u8] = br#"{"kind":"promptchain-journal","#;

/// What a journal says of each line of the input.
#[derive(Debug, Default)]
pub(in crate::commands::batch) struct Index {
    results: ResultPlaces,
    open: HashMap<u64, Open>,
    /// What has been spent on all lines, as far as it is known.
    spent: Cost,
    /// Batches upstream of whose results not all use may have been made.
    batches: Vec<KnownBatch>,
    /// Where the last whole record ends.
    pub(super) end: u64,
}

/// How far a line had come that isn't done.
#[derive(Debug, Default, Clone)]
pub(in crate::commands::batch) struct Open {
    /// Where its finished steps stand, in order.
    pub(super) steps: Vec<u64>,
    /// What has been spent on it.
    pub(in crate::commands::batch) spend: Spend,
    /// Whether it was under way when the journal ended.
    is_under_way: bool,
}

/// A batch upstream, as the journal knows of it.
#[derive(Debug, Clone)]
pub(in crate::commands::batch) struct KnownBatch {
    /// Its id; `None` if it may not have been created.
    pub(in crate::commands::batch) id: Option<String>,
    /// When it was about to be created.
    pub(in crate::commands::batch) at: Timestamp,
    /// The names of the requests in it.
    pub(in crate::commands::batch) names: Vec<String>,
}

/// Why a journal can't be gone on from.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    #[error("isn't a journal of promptchain batch")]
    NoJournal,
    #[error("is of version {0}; this program reads version {VERSION}")]
    OtherVersion(u64),
    #[error("is damaged in line {0}")]
    Line(u64),
}

impl Index {
    /// Reads all of it. A last line without an end is what a crash has left, and doesn't count.
    pub(super) fn read(mut journal: impl BufRead) -> Result<(Option<Header>, Self), Damage> {
        let mut index = Self::default();
        let mut header = None;
        let (mut text, mut number) = (Vec::new(), 0);
        loop {
            text.clear();
            journal.read_until(b'\n', &mut text)?;
            if text.last() != Some(&b'\n') {
                // What isn't the beginning of a journal is somebody's file.
                if header.is_none() && !HEADER_BEGINS.starts_with(&text) && !text.starts_with(HEADER_BEGINS) {
                    return Err(Damage::NoJournal);
                }
                break;
            }
            number += 1;
            if header.is_none() {
                header = Some(read_header(&text)?);
            } else {
                index.take(&text).ok_or(Damage::Line(number))?;
            }
            index.end += text.len() as u64;
        }
        let goes_on = header.as_ref().is_some_and(|header: &Header| header.message_batches);
        for open in index.open.values_mut().filter(|open| open.is_under_way && !goes_on) {
            // Nobody knows what the call in flight came to.
            open.spend.uncounted_attempts = open.spend.uncounted_attempts.saturating_add(1);
        }
        Ok((header, index))
    }

    /// Takes in a record; `None` if it isn't one.
    fn take(&mut self, text: &[u8]) -> Option<()> {
        let subject: Subject = serde_json::from_slice(text).ok()?;
        if subject.batch.is_some() {
            self.add_batch(serde_json::from_slice(text).ok()?);
            return Some(());
        }
        self.add(&serde_json::from_slice(text).ok()?, self.end)
    }

    fn add_batch(&mut self, batch: BatchRecord) {
        match batch {
            BatchRecord::Intended { at, names } => self.batches.push(KnownBatch { id: None, at, names }),
            BatchRecord::Created { id, at } => {
                if let Some(intended) = self.batches.iter_mut().rfind(|known| known.at == at) {
                    intended.id = Some(id);
                }
            }
            BatchRecord::Settled { id } => self.batches.retain(|known| known.id.as_ref() != Some(&id)),
        }
    }

    /// Whether there are such batches.
    pub(in crate::commands::batch) fn has_batches(&self) -> bool {
        !self.batches.is_empty()
    }

    /// The ids of these.
    pub(super) fn batch_ids(&self) -> impl Iterator<Item = String> {
        self.batches.iter().filter_map(|known| known.id.clone())
    }

    /// The batches upstream of whose results not all use may have been made, taken out.
    pub(in crate::commands::batch) fn take_batches(&mut self) -> Vec<KnownBatch> {
        std::mem::take(&mut self.batches)
    }

    /// `None` if it can't be.
    fn add(&mut self, head: &Head, at: u64) -> Option<()> {
        let Head { line, happened, spend } = *head;
        line.checked_sub(1)?;
        let open = self.open.entry(line).or_default();
        let spend = spend.to_spend();
        self.spent = self.spent - open.spend.cost.unwrap_or_default() + spend.cost.unwrap_or_default();
        open.spend = spend;
        open.is_under_way = matches!(happened, Happened::Begun | Happened::Step);
        match happened {
            Happened::Step => open.steps.push(at),
            Happened::Begun | Happened::Stopped | Happened::Failed => {}
            Happened::Done => {
                self.open.remove(&line);
                self.results.set(line, at);
            }
        }
        Some(())
    }

    /// The last line of which it tells.
    pub(in crate::commands::batch) fn last_line(&self) -> u64 {
        self.open.keys().copied().max().unwrap_or_default().max(self.results.last_line())
    }

    /// Where the result of that line stands, if it is done.
    pub(in crate::commands::batch) fn result_of(&self, line: u64) -> Option<u64> {
        self.results.get(line)
    }

    /// How far that line had come, if it had begun.
    pub(in crate::commands::batch) fn open(&self, line: u64) -> Option<&Open> {
        self.open.get(&line)
    }

    /// What has been spent on all lines, as far as it is known.
    pub(in crate::commands::batch) fn spent(&self) -> Cost {
        self.spent
    }
}

fn read_header(text: &[u8]) -> Result<Header, Damage> {
    let any: serde_json::Value = serde_json::from_slice(text).map_err(|_| Damage::NoJournal)?;
    if any.get("kind").and_then(|kind| kind.as_str()) != Some(KIND) {
        return Err(Damage::NoJournal);
    }
    match any.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        version => return Err(Damage::OtherVersion(version.unwrap_or_default())),
    }
    serde_json::from_value(any).map_err(|_| Damage::Line(1))
}
