//! Reads a `.env` file into a map. Nothing of it is put into the environment of the process, and
//! nothing of that environment finds its way into a value.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::problem::{Problem, Warning};
use super::small_file::{SmallFileError, read_small_file};
use super::{Origin, table, unknown};

/// The file that is read when none is named.
const IMPLICIT_NAME: &str = ".env";

/// More than any configuration needs, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Stands for `$` while the parser reads: it would put variables of the process's environment in
/// its place, a key into a URL for instance.
const DOLLAR: char = '\0';

/// What a `.env` file says.
pub struct EnvFile {
    path: PathBuf,
    is_implicit: bool,
    values: BTreeMap<String, Value>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
}

struct Value {
    text: String,
    line: usize,
}

impl EnvFile {
    /// Reads the file that the user named, or else `.env` in `folder` and never in one above it.
    /// `None` if none is named and there is none. What is wrong with the file is told by
    /// [`Settings::resolve`](super::Settings::resolve), along with all other problems.
    #[must_use]
    pub fn find(named: Option<&Path>, folder: &Path) -> Option<Self> {
        let path = named.map_or_else(|| folder.join(IMPLICIT_NAME), Path::to_path_buf);
        match read_small_file(&path, MAX_BYTES) {
            Ok(text) => Some(Self::parse(path, &text, named.is_none())),
            Err(SmallFileError::Io(error)) if named.is_none() && is_no_file(&error) => None,
            Err(error) => {
                let mut file = Self::empty(path, named.is_none());
                file.report(0, error.to_string(), None);
                Some(file)
            }
        }
    }

    /// Reads `text`, the content of the file at `path`. `is_implicit` says that nobody named the
    /// file: it was merely there, and is trusted less.
    #[must_use]
    pub fn parse(path: PathBuf, text: &str, is_implicit: bool) -> Self {
        let mut file = Self::empty(path, is_implicit);
        if text.contains(DOLLAR) {
            file.report(0, "has a NUL character".to_owned(), None);
            return file;
        }
        // The parser takes a blank at the very end of a file for an unfinished line.
        let text = format!("{}\n", without_dollars(text));
        let lines_read = Cell::new(0);
        let mut entries =
            dotenvy::from_read_iter(LineByLine { rest: text.as_bytes(), lines_read: &lines_read });
        loop {
            let lines_before = lines_read.get();
            let Some(entry) = entries.next() else { break };
            let line = first_line_with_content(&text, lines_before);
            match entry {
                Ok((name, value)) => file.insert(name, value.replace(DOLLAR, "$"), line),
                // The parser's own message would show the line, and with it perhaps a secret.
                Err(_) => file.report(
                    line,
                    "isn't of the form NAME=value".to_owned(),
                    Some(
                        "put a value that has spaces, quotes, # or \\ between single quotes, and close \
                         every quote",
                    ),
                ),
            }
        }
        file
    }

    /// Whether it was merely there, rather than named by the user.
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.is_implicit
    }

    pub(super) fn find_value(&self, name: &str) -> Option<(&str, Origin)> {
        let value = self.values.get(name)?;
        Some((&value.text, self.origin(value.line)))
    }

    /// The names of its variables, with their places.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Origin)> {
        self.values.iter().map(|(name, value)| (name.as_str(), self.origin(value.line)))
    }

    fn empty(path: PathBuf, is_implicit: bool) -> Self {
        Self { path, is_implicit, values: BTreeMap::new(), problems: Vec::new(), warnings: Vec::new() }
    }

    fn origin(&self, line: usize) -> Origin {
        Origin::EnvFile { path: self.path.clone(), line }
    }

    fn report(&mut self, line: usize, message: String, hint: Option<&str>) {
        self.problems.push(Problem {
            variable: None,
            value: None,
            origin: self.origin(line),
            message,
            hint: hint.map(str::to_owned),
        });
    }

    fn insert(&mut self, name: String, text: String, line: usize) {
        let is_ours = table::find(&name).is_some() || unknown::has_our_prefix(&name);
        if let Some(earlier) = self.values.get(&name)
            && is_ours
        {
            self.warnings.push(Warning {
                message: format!(
                    "{name} ({}) was already set on line {}; this value holds",
                    self.origin(line),
                    earlier.line
                ),
                hint: None,
            });
        }
        self.values.insert(name, Value { text, line });
    }
}

impl fmt::Debug for EnvFile {
    /// The names alone: among the values are secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EnvFile")
            .field("path", &self.path)
            .field("is_implicit", &self.is_implicit)
            .field("names", &self.values.keys())
            .finish_non_exhaustive()
    }
}

/// Whether there is nothing of that name, or a folder: a Python environment may be called `.env`.
fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory)
}

/// `text` with [`DOLLAR`] for every `$` that the parser would look at. One that a backslash escapes
/// is left to it: it takes both for a plain `$`, and refuses any other character there.
fn without_dollars(text: &str) -> String {
    let mut is_escaped = false;
    text.chars()
        .map(|char| {
            let was_escaped = is_escaped;
            is_escaped = char == '\\' && !was_escaped;
            if char == '$' && !was_escaped { DOLLAR } else { char }
        })
        .collect()
}

/// The number, from 1, of the first line after `lines_before` that isn't blank or a comment: the
/// parser passes over those, and an entry may be of several lines.
fn first_line_with_content(text: &str, lines_before: usize) -> usize {
    let skipped = text.lines().skip(lines_before).take_while(|line| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with('#')
    });
    lines_before + skipped.count() + 1
}

/// Hands out one line for each read, so that a parser that reads ahead no further than it must
/// gives away which lines an entry stands on.
struct LineByLine<'a> {
    rest: &'a [u8],
    lines_read: &'a Cell<usize>,
}

impl Read for LineByLine<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut line = self.rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let read = line.read(buffer)?;
        if read > 0 && line.is_empty() {
            self.lines_read.set(self.lines_read.get() + 1);
        }
        self.rest = self.rest.get(read..).unwrap_or_default();
        Ok(read)
    }
}
