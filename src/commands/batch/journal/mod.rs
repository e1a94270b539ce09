//! The journal: what has become of each line, safe on the disk, so that a crash costs nothing that was
//! finished.
//!
//! It is only ever appended to, a JSON object a line. The results are in it too: what was printed before a
//! crash can be printed again without a call.

#[cfg(any(test, fuzzing))]
pub(super) mod fuzzed;
mod index;
mod reader;
mod record;
mod result_places;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

pub(super) use index::{Index, KnownBatch};
pub(super) use reader::{Reader, each_result};
pub(super) use record::Kind;

use self::index::Damage;
use self::record::{BatchRecord, Happened, Header, Record};
use self::writer::Writer;
use super::item::Item;
use crate::chain::{ChainConfig, Spend};
use crate::commands::beside::{folder_of, sync_folder};
use crate::error::{Error, ErrorCode};
use crate::report::wire::SpendReport;

/// The journal of a batch, to write to.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    writer: Writer,
    /// The batches upstream that it names.
    batches: Mutex<HashSet<String>>,
}

/// Which journal is to be opened, and for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) path: &'a Path,
    /// Whether one that is there is to be gone on from.
    pub(super) resume: bool,
    pub(super) chain: &'a ChainConfig,
    pub(super) kind: Kind,
    /// Whether the results go to a file.
    pub(super) has_results_file: bool,
}

/// A journal that may be written to, and what it says already.
pub(super) struct Opened {
    pub(super) journal: Journal,
    pub(super) reader: Reader,
}

/// What is in a journal's place, before anything is written there.
pub(super) struct Found<'a> {
    opening: Opening<'a>,
    /// The journal, which nobody else can write now; `None` if there is none yet.
    file: Option<File>,
    /// Whether an earlier batch has begun it.
    is_begun: bool,
    pub(super) index: Index,
    now: Header,
    /// What should be said before anything begins.
    pub(super) warnings: Vec<String>,
}

impl<'a> Found<'a> {
    /// Looks at the journal, and refuses one that can't be gone on from. Nothing is written.
    pub(super) fn look(opening: Opening<'a>) -> Result<Self, Error> {
        let Opening { path, resume, chain, kind, .. } = opening;
        if path.exists() && !path.is_file() {
            let message =
                format!("the journal {} can't be what is there, which isn't a file", path.display());
            return Err(Error::new(ErrorCode::Usage, message).hint("name another place with --journal FILE"));
        }
        let file = match OpenOptions::new().read(true).append(true).open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(opening.cannot_write(&error)),
        };
        let (header, index) = match &file {
            Some(file) => {
                opening.lock(file)?;
                let reader = file.try_clone().map_err(|error| opening.cannot_write(&error))?;
                Index::read(BufReader::new(reader)).map_err(|damage| opening.damaged(&damage))?
            }
            None => (None, Index::default()),
        };
        if header.is_some() && !resume {
            let message = format!("the journal {} is there already", path.display());
            return Err(Error::new(ErrorCode::Usage, message).hint(format!(
                "--resume goes on from it and runs nothing that is done again; {}",
                opening.anew()
            )));
        }
        let models = chain.steps.as_ref().map(|_, step| step.model.clone());
        let now = Header::new(kind, chain.prompt_hashes(), models);
        if header.as_ref().is_some_and(|before| before.message_batches != kind.message_batches) {
            return Err(opening.of_other_kind());
        }
        let warnings = header.as_ref().map(|before| changes(before, &now)).unwrap_or_default();
        Ok(Self { opening, file, is_begun: header.is_some(), index, now, warnings })
    }

    /// Where it is, if an earlier batch has begun it.
    pub(super) fn begun(&self) -> Option<&'a Path> {
        self.is_begun.then_some(self.opening.path)
    }

    /// Goes on from it, or begins it.
    pub(super) fn open(&mut self) -> Result<Opened, Error> {
        let opening = self.opening;
        let cannot = |error: io::Error| opening.cannot_write(&error);
        let file = match self.file.take() {
            Some(file) => file,
            None => opening.create()?,
        };
        // What a crash has cut off is overwritten.
        file.set_len(self.index.end).map_err(cannot)?;
        if !self.is_begun {
            begin(&file, opening.path, &self.now).map_err(cannot)?;
        }
        let reader = Reader::open(opening.path).map_err(cannot)?;
        let writer = Writer::start(file).map_err(cannot)?;
        let batches = Mutex::new(self.index.batch_ids().collect());
        Ok(Opened { journal: Journal { path: opening.path.to_owned(), writer, batches }, reader })
    }

    /// Takes away what [`Self::open`] has begun: nothing came of it.
    pub(super) fn undo(&self) {
        if !self.is_begun {
            // What can't be removed names nothing that is done.
            let _ = std::fs::remove_file(self.opening.path);
        }
    }
}

impl Opening<'_> {
    /// Makes the file, which was not there.
    fn create(&self) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Prompts and answers are in it.
            options.mode(0o600);
        }
        let file = options.open(self.path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => self.is_taken(),
            _ => self.cannot_write(&error),
        })?;
        self.lock(&file)?;
        Ok(file)
    }

    fn lock(&self, file: &File) -> Result<(), Error> {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => self.is_taken(),
            TryLockError::Error(error) => self.cannot_write(&error),
        })
    }

    fn is_taken(&self) -> Error {
        let message = format!("another batch is writing the journal {}", self.path.display());
        Error::new(ErrorCode::Usage, message)
    }

    fn cannot_write(&self, error: &io::Error) -> Error {
        Error::new(ErrorCode::Usage, format!("can't write the journal {}", self.path.display()))
            .because(io::Error::from(error.kind()))
            .hint("name another place with --journal FILE, or go without one: --no-journal")
    }

    fn damaged(&self, damage: &Damage) -> Error {
        Error::new(ErrorCode::StateFile, format!("the journal {} {damage}", self.path.display())).hint(
            format!("put it back as it was, or name another place with --journal FILE; {}", self.anew()),
        )
    }

    fn of_other_kind(&self) -> Error {
        let with = if self.kind.message_batches { "without" } else { "with" };
        let message = format!("the journal {} was begun {with} --message-batches", self.path.display());
        Error::new(ErrorCode::StateFile, message).hint(format!("go on as it was begun; {}", self.anew()))
    }

    /// What it takes to begin anew, and what it costs.
    fn anew(&self) -> String {
        let both = if self.has_results_file { " and the results' file" } else { "" };
        format!("to begin anew, move it{both} away: every line is then run, and paid for, again")
    }
}

impl Journal {
    /// The run of that line is about to begin.
    pub(super) async fn begun(&self, item: &Item) -> Result<(), Error> {
        self.append(item, Happened::Begun, &item.carried, None, None).await
    }

    /// A step of that line has finished, with that spent on the line in all.
    pub(super) async fn step(&self, item: &Item, spend: &Spend, step: &RawValue) -> Result<(), Error> {
        self.append(item, Happened::Step, spend, Some(step), None).await
    }

    /// The run of that line was ended from outside.
    pub(super) async fn stopped(&self, item: &Item, spend: &Spend) -> Result<(), Error> {
        self.append(item, Happened::Stopped, spend, None, None).await
    }

    /// The run of that line has ended.
    pub(super) async fn ended(
        &self,
        item: &Item,
        spend: &Spend,
        is_ok: bool,
        result: &RawValue,
    ) -> Result<(), Error> {
        let happened = if is_ok { Happened::Done } else { Happened::Failed };
        self.append(item, happened, spend, None, Some(result)).await
    }

    /// A batch upstream with requests of these names is about to be created.
    pub(super) async fn batch_intended(&self, at: Timestamp, names: Vec<String>) -> Result<(), Error> {
        self.write(&BatchRecord::Intended { at, names }).await
    }

    /// The one that was intended at that time has been created.
    pub(super) async fn batch_created(&self, id: &str, at: Timestamp) -> Result<(), Error> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        self.write(&BatchRecord::Created { id: id.to_owned(), at }).await
    }

    /// What the results of that batch have led to is kept.
    pub(super) async fn batch_settled(&self, id: &str) -> Result<(), Error> {
        self.write(&BatchRecord::Settled { id: id.to_owned() }).await
    }

    /// Whether it names that batch.
    pub(super) fn knows_batch(&self, id: &str) -> bool {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    async fn append(
        &self,
        item: &Item,
        happened: Happened,
        spend: &Spend,
        step: Option<&RawValue>,
        result: Option<&RawValue>,
    ) -> Result<(), Error> {
        let (line, hash, spend) = (item.line, item.hash.as_str(), SpendReport::from(spend));
        self.write(&Record { line, hash, happened, spend, step, result }).await
    }

    async fn write(&self, record: &impl Serialize) -> Result<(), Error> {
        let written = match serde_json::to_vec(record) {
            Ok(mut text) => {
                text.push(b'\n');
                self.writer.append(text).await
            }
            Err(error) => Err(error.into()),
        };
        written.map_err(|error| {
            Error::new(ErrorCode::Output, format!("the journal {} can't be written", self.path.display()))
                .because(error)
                .hint("make room, and go on with --resume")
        })
    }
}

fn begin(mut file: &File, path: &Path, header: &Header) -> io::Result<()> {
    let mut text = serde_json::to_vec(header)?;
    text.push(b'\n');
    io::Write::write_all(&mut file, &text)?;
    file.sync_all()?;
    // The file's name must survive too.
    sync_folder(folder_of(path))
}

/// What is different from when the journal was begun.
fn changes(before: &Header, now: &Header) -> Vec<String> {
    let steps = crate::chain::StepName::ALL.into_iter();
    let prompts = before.prompts.iter().zip(&now.prompts).zip(steps.clone());
    let models = before.models.iter().zip(&now.models).zip(steps);
    let prompts = prompts.filter(|((before, now), _)| before != now).map(|(_, step)| {
        format!("the prompt of {step} has changed since the journal was begun: what is done stays as it is")
    });
    let models = models.filter(|((before, now), _)| before != now).map(|((before, now), step)| {
        format!("the model of {step} was {before} when the journal was begun, and is {now} now")
    });
    let simulated = (before.simulated != now.simulated).then(|| {
        let whose = if before.simulated { "the simulator" } else { "a model" };
        format!("what is done already was done by {whose}")
    });
    prompts.chain(models).chain(simulated).collect()
}
