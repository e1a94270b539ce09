//! Reads a `.env` file into a map. Nothing of it is put into the environment of the process, and
//! nothing of that environment finds its way into a value.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::env_lines::{DOLLAR, LineByLine, without_dollars};
use super::first_few::FirstFew;
use super::problem::{Problem, Spot};
use super::{Origin, table, unknown};
use crate::diagnostic::Place;
use crate::rule::Rule;
use crate::small_file::{MAX_SMALL_FILE_BYTES, SmallFileError, read_small_file};

/// The file that is read when none is named.
const IMPLICIT_NAME: &str = ".env";

/// What a `.env` file says.
pub struct EnvFile {
    path: PathBuf,
    is_implicit: bool,
    values: BTreeMap<String, Value>,
    pub(super) problems: Vec<Problem>,
    /// What stands before the value, on each line that an entry begins on.
    heads: BTreeMap<usize, String>,
    /// Values whose place was taken by later ones.
    repeated: Vec<Repeated>,
}

struct Value {
    text: String,
    line: usize,
}

/// A variable that was set twice.
struct Repeated {
    name: String,
    earlier_line: usize,
    line: usize,
}

impl EnvFile {
    /// Reads the file that the user named, or else `.env` in `folder` and never in one above it.
    /// `None` if none is named and there is none. What is wrong with the file is told by
    /// [`Settings::resolve`](super::Settings::resolve), along with all other problems.
    #[must_use]
    pub fn find(named: Option<&Path>, folder: &Path) -> Option<Self> {
        let path = named.map_or_else(|| folder.join(IMPLICIT_NAME), Path::to_path_buf);
        match read_small_file(&path, MAX_SMALL_FILE_BYTES) {
            Ok(text) => Some(Self::parse(path, &text, named.is_none())),
            Err(error) if named.is_none() && is_no_file(&error) => None,
            Err(error) => Some(Self::unusable(path, named.is_none(), error.to_string())),
        }
    }

    /// Reads `text`, the content of the file at `path`. `is_implicit` says that nobody named the
    /// file: it was merely there, and is trusted less.
    #[must_use]
    pub fn parse(path: PathBuf, text: &str, is_implicit: bool) -> Self {
        if text.contains(DOLLAR) {
            return Self::unusable(path, is_implicit, "has a NUL character".to_owned());
        }
        let mut file = Self::empty(path, is_implicit);
        let mut faults = FirstFew::new();
        // The parser takes a blank at the very end of a file for an unfinished line.
        let lines: Vec<&str> = text.lines().collect();
        let head = |line: usize| {
            let (name, value) = lines.get(line.checked_sub(1)?)?.split_once('=')?;
            let blank = value.len() - value.trim_start().len();
            Some(format!("{name}={}", value.get(..blank).unwrap_or_default()))
        };
        let text = format!("{}\n", without_dollars(text));
        let line = Cell::new(None);
        for entry in dotenvy::from_read_iter(LineByLine::new(&text, &line)) {
            let line = line.take().unwrap_or_default();
            match entry {
                Ok((name, text)) => {
                    let value = Value { text: text.replace(DOLLAR, "$"), line };
                    if let Some(head) = head(line) {
                        file.heads.insert(line, head);
                    }
                    if let Some(earlier) = file.values.insert(name.clone(), value) {
                        file.repeated.push(Repeated { name, earlier_line: earlier.line, line });
                    }
                }
                Err(_) => faults.push(|| file.no_setting(line)),
            }
        }
        file.problems = faults.with_rest(|others| {
            file.problem(0, format!("has {others} more lines that aren't of the form NAME=value"))
        });
        file
    }

    /// Whether it was merely there, rather than named by the user.
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.is_implicit
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a secret, ours or perhaps another program's, stands in it.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.values.iter().any(|(name, value)| {
            let is_secret = match table::find(name) {
                Some(variable) => variable.kind.is_secret(),
                None => ["KEY", "SECRET", "TOKEN", "PASSWORD"].iter().any(|word| name.contains(word)),
            };
            is_secret && !value.text.trim().is_empty()
        })
    }

    pub(super) fn find_value(&self, name: &str) -> Option<(&str, Origin)> {
        let value = self.values.get(name)?;
        Some((&value.text, self.origin(value.line)))
    }

    /// The names of its variables, with their places.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Origin)> {
        self.values.iter().map(|(name, value)| (name.as_str(), self.origin(value.line)))
    }

    /// What its user will want to know of those of our variables that `are_about` says are of interest.
    pub(super) fn warnings(&self, are_about: impl Fn(&str) -> bool) -> Vec<Problem> {
        let mut warnings = FirstFew::new();
        for repeated in &self.repeated {
            let name = &repeated.name;
            if (table::find(name).is_some() || unknown::has_our_prefix(name)) && are_about(name) {
                warnings.push(|| self.set_twice(repeated));
            }
        }
        warnings.with_rest(|others| {
            let message = format!("{others} more values take the place of earlier ones");
            Problem { variable: None, ..Problem::new(Rule::RepeatedVariable, "", self.origin(0), message) }
        })
    }

    /// A file that nothing can be taken from.
    fn unusable(path: PathBuf, is_implicit: bool, message: String) -> Self {
        let mut file = Self::empty(path, is_implicit);
        file.problems.push(file.problem(0, message));
        file
    }

    fn empty(path: PathBuf, is_implicit: bool) -> Self {
        Self {
            path,
            is_implicit,
            values: BTreeMap::new(),
            problems: Vec::new(),
            heads: BTreeMap::new(),
            repeated: Vec::new(),
        }
    }

    fn origin(&self, line: usize) -> Origin {
        Origin::EnvFile { path: self.path.clone(), line }
    }

    fn problem(&self, line: usize, message: String) -> Problem {
        Problem { variable: None, ..Problem::new(Rule::EnvFile, "", self.origin(line), message) }
    }

    /// Without the parser's own message, which would show the line, and with it perhaps a secret.
    fn no_setting(&self, line: usize) -> Problem {
        let hint =
            "put a value that has spaces, quotes, # or \\ between single quotes, and close every quote";
        Problem {
            hint: Some(hint.to_owned()),
            ..self.problem(line, "isn't of the form NAME=value".to_owned())
        }
    }

    fn set_twice(&self, Repeated { name, earlier_line, line }: &Repeated) -> Problem {
        let message = format!("was already set on line {earlier_line}; this value holds");
        Problem::new(Rule::RepeatedVariable, name, self.origin(*line), message)
    }

    /// Where on that line the value, of which `shown` is fit to be shown, or else the name of the variable
    /// stands.
    pub(super) fn spot(&self, line: usize, name: &str, shown: Option<&str>) -> Option<Spot> {
        let head = self.heads.get(&line)?;
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1);
        let name_at = count(head.split(name).next()?) + 1;
        let place = |col, len| Place { line: u32::try_from(line).unwrap_or(u32::MAX), col, len };
        Some(match shown {
            Some(shown) => {
                Spot { place: place(count(head) + 1, count(shown)), line: format!("{head}{shown}") }
            }
            None => Spot { place: place(name_at, count(name)), line: format!("{head}…") },
        })
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
fn is_no_file(error: &SmallFileError) -> bool {
    match error {
        SmallFileError::Folder => true,
        SmallFileError::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}
