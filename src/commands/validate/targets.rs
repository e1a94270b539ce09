//! What the paths on the command line are, and which checks that makes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Surroundings;
use super::pass::Pass;
use super::prompt_path::PromptPath;
use crate::diagnostic::{Diagnostic, Source};
use crate::error::{Error, ErrorCode};
use crate::rule::Rule;
use crate::settings::{EnvFile, Kept, Override, Sources};

/// The origin that is told for what a path sets.
const BY_PATH: &str = "PATH";

/// The paths by what they are.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// The file that `--env-file` names.
    env_file: Option<PathBuf>,
    env_files: Vec<PathBuf>,
    prompts: Vec<PromptPath>,
    models: Vec<PathBuf>,
    /// What can't be looked at, and why.
    missing: Vec<(PathBuf, String)>,
}

impl Targets {
    /// Sorts `paths`, none of which is opened. What is named twice is checked once.
    ///
    /// # Errors
    /// If `.env` files are named in both ways.
    pub(super) fn sort(paths: &[PathBuf], env_file: Option<&Path>) -> Result<Self, Error> {
        let mut targets = Self { env_file: env_file.map(Path::to_owned), ..Self::default() };
        let mut seen = BTreeSet::new();
        for path in paths.iter().filter(|path| seen.insert(place(path))) {
            match fs::metadata(path) {
                Err(error) => targets.missing.push((path.clone(), error.to_string())),
                Ok(metadata) if metadata.is_dir() => targets.prompts.push(PromptPath::Folder(path.clone())),
                Ok(_) if is_env_file(path) => targets.env_files.push(path.clone()),
                Ok(_) if path.extension() == Some(OsStr::new("toml")) => targets.models.push(path.clone()),
                Ok(_) => targets.prompts.push(PromptPath::File(path.clone())),
            }
        }
        if env_file.is_some() && !targets.env_files.is_empty() {
            let message = "a .env file is named as a path and by --env-file";
            return Err(Error::new(ErrorCode::Usage, message).hint("name it in one of the two ways"));
        }
        Ok(targets)
    }

    /// The paths that can't be looked at.
    pub(super) fn missing(&self) -> Vec<Diagnostic> {
        let say = |(path, why): &(PathBuf, String)| {
            Diagnostic::new(
                Rule::PromptFileMissing,
                Source::File(path.clone()),
                format!("can't be read: {why}"),
            )
        };
        self.missing.iter().map(say).collect()
    }

    /// Every `.env` file with every prompt path and every file of models; where none is named, what `run`
    /// and `serve` would use. A named `.env` file is checked by itself, without the environment.
    pub(super) fn passes(&self, around: &Surroundings) -> Vec<Pass> {
        if self.is_all_missing() {
            return Vec::new();
        }
        let mut passes = Vec::new();
        for env_file in options(&self.env_files) {
            for prompts in options(&self.prompts) {
                for models in options(&self.models) {
                    let mut sources = self.sources(env_file, around);
                    if let Some(path) = models {
                        sources.overrides.push(by_path("CHAIN_MODELS_FILE", path.as_os_str()));
                    }
                    passes.push(Pass::new(sources, prompts));
                }
            }
        }
        passes
    }

    fn is_all_missing(&self) -> bool {
        !self.missing.is_empty()
            && self.env_files.is_empty()
            && self.prompts.is_empty()
            && self.models.is_empty()
    }

    fn sources(&self, env_file: Option<&PathBuf>, around: &Surroundings) -> Sources {
        let environment = match env_file {
            Some(_) => std::iter::empty().collect(),
            None => around.environment.iter().cloned().collect(),
        };
        let named = env_file.or(self.env_file.as_ref());
        Sources {
            overrides: Vec::new(),
            env_file: EnvFile::find(named.map(PathBuf::as_path), Path::new("")),
            environment,
            without_credentials: false,
            for_server: true,
            kept: Kept::default(),
        }
    }
}

/// Where it lies, however it is written. A link to a file is a file of its own: its name may say its step.
fn place(path: &Path) -> PathBuf {
    let (folder, name) = match (path.is_dir(), path.parent(), path.file_name()) {
        (false, Some(folder), Some(name)) if folder.as_os_str().is_empty() => (Path::new("."), name),
        (false, Some(folder), Some(name)) => (folder, name),
        _ => (path, OsStr::new("")),
    };
    folder.canonicalize().map_or_else(|_| path.to_owned(), |folder| folder.join(name))
}

/// A variable that is set by a path.
pub(super) fn by_path(variable: &str, value: &OsStr) -> Override {
    Override { variable: variable.to_owned(), value: value.to_owned(), flag: BY_PATH.to_owned() }
}

/// Each of them, or once none.
fn options<T>(all: &[T]) -> Vec<Option<&T>> {
    if all.is_empty() { vec![None] } else { all.iter().map(Some).collect() }
}

/// `.env`, `.env.production`, `production.env`.
fn is_env_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}
