//! Reads again what an earlier batch has written into the journal.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::index::Open;
use super::record::Body;
use crate::chain::StepFinished;
use crate::commands::batch::item::Item;
use crate::error::{Error, ErrorCode};
use crate::report::{SavedStep, read_deep};

/// The journal, to read from.
#[derive(Debug)]
pub(in crate::commands::batch) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
}

/// Shows each result that the journal at `path` has, those of lines that have failed too.
pub(in crate::commands::batch) fn each_result(path: &Path, mut show: impl FnMut(&str)) -> Result<(), Error> {
    let unreadable = |error: io::Error| {
        Error::new(ErrorCode::Usage, format!("can't read the journal {}", path.display())).because(error)
    };
    let mut journal = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut text = Vec::new();
    loop {
        text.clear();
        journal.read_until(b'\n', &mut text).map_err(unreadable)?;
        if text.last() != Some(&b'\n') {
            return Ok(());
        }
        // Other records have none.
        let result = serde_json::from_slice::<Body<'_>>(&text).ok().and_then(|body| body.result);
        if let Some(result) = result {
            show(result.get());
        }
    }
}

impl Reader {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: BufReader::new(File::open(path)?) })
    }

    /// The result that stands there, of the line of that hash.
    pub(in crate::commands::batch) fn result(
        &mut self,
        at: u64,
        line: u64,
        hash: &str,
    ) -> Result<String, Error> {
        let text = self.read(at)?;
        let body = self.body(&text, line, hash)?;
        body.result.map(|result| result.get().to_owned()).ok_or_else(|| self.damaged())
    }

    /// The steps that an item's line had finished.
    pub(in crate::commands::batch) fn steps(
        &mut self,
        item: &Item,
        open: &Open,
    ) -> Result<Vec<StepFinished>, Error> {
        let mut steps = Vec::new();
        for at in &open.steps {
            let text = self.read(*at)?;
            let step = self.body(&text, item.line, &item.hash)?.step;
            let raw = step.and_then(|step| read_deep(step.get()).ok());
            let saved = raw.and_then(|raw| SavedStep::read(&raw).ok()).ok_or_else(|| self.damaged())?;
            steps.push(saved.finished);
        }
        Ok(steps)
    }

    fn read(&mut self, at: u64) -> Result<String, Error> {
        let mut text = String::new();
        let read = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_line(&mut text));
        read.map_err(|_| self.damaged())?;
        Ok(text)
    }

    fn body<'t>(&self, text: &'t str, line: u64, hash: &str) -> Result<Body<'t>, Error> {
        let body: Body<'t> = serde_json::from_str(text).map_err(|_| self.damaged())?;
        if body.hash != hash {
            let message =
                format!("line {line} isn't the one that the journal {} is about", self.path.display());
            return Err(Error::new(ErrorCode::StateFile, message).hint("put it back as it was: lines may be added at the end, and none changed; all results so far stand in the journal"));
        }
        Ok(body)
    }

    fn damaged(&self) -> Error {
        Error::new(ErrorCode::StateFile, format!("the journal {} is damaged", self.path.display()))
    }
}
