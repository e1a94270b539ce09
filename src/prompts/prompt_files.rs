//! Finds and reads the three prompt files: in the user's folder, else built in. What they say is
//! for `prompt.rs` to understand.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::source_text::small;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::nearest::did_you_mean;
use crate::rule::Rule;
use crate::small_file::{MAX_SMALL_FILE_BYTES, SmallFileError, read_small_file};
use crate::step::PerStep;

/// The names of the prompt files that are part of the program.
const BUILT_IN_NAMES: PerStep<&str> =
    PerStep { analyze: "chain_analyze.md", process: "chain_process.md", synthesize: "chain_synthesize.md" };

const BUILT_IN_TEXTS: PerStep<&str> = PerStep {
    analyze: include_str!("../../prompts/chain_analyze.md"),
    process: include_str!("../../prompts/chain_process.md"),
    synthesize: include_str!("../../prompts/chain_synthesize.md"),
};

/// The prompt for a part of process.
const BUILT_IN_WORKER: (&str, &str) = ("chain_worker.md", include_str!("../../prompts/chain_worker.md"));

/// The name and the text of each prompt file that is part of the program: the steps' in their order, then
/// the one for a part of process.
pub fn built_in_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN_NAMES.zip(BUILT_IN_TEXTS).into_array().into_iter().chain([BUILT_IN_WORKER])
}

/// The largest prompt file that is read, in bytes: 1 MiB.
pub const MAX_FILE_BYTES: u64 = MAX_SMALL_FILE_BYTES;

/// A file's source and text, or why it can't be read.
pub(super) type FileText = Result<(Source, String), Diagnostic>;

/// Which prompt files to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptFiles {
    /// The folder whose files win over those built in, one by one.
    pub dir: Option<PathBuf>,
    /// The file names of the steps' prompts.
    pub names: PerStep<String>,
    /// The file name of the prompt for a part of process.
    pub worker_name: String,
}

/// The built-in files.
impl Default for PromptFiles {
    fn default() -> Self {
        let worker_name = BUILT_IN_WORKER.0.to_owned();
        Self { dir: None, names: BUILT_IN_NAMES.map(|_, name| name.to_owned()), worker_name }
    }
}

impl PromptFiles {
    /// Where each of the files is from, and its text.
    pub(super) fn read(&self) -> PerStep<FileText> {
        let folder = self.dir.as_deref().map_or(Ok(()), check_folder);
        self.names.as_ref().map(|_, name| folder.clone().and_then(|()| self.read_one(name)))
    }

    /// The same of the file for a part of process.
    pub(super) fn read_worker(&self) -> FileText {
        self.dir.as_deref().map_or(Ok(()), check_folder)?;
        self.read_one(&self.worker_name)
    }

    /// A warning of a folder that has none of the files, so that it changes nothing; `sources` is where
    /// they were read from.
    pub(super) fn unused_folder<'a>(
        &self,
        sources: impl IntoIterator<Item = Option<&'a Source>>,
    ) -> Option<Diagnostic> {
        let dir = self.dir.as_ref()?;
        // Of one that can't be read it is known already what is wrong.
        if sources.into_iter().any(|source| !matches!(source, Some(Source::BuiltIn(_)))) {
            return None;
        }
        let PerStep { analyze, process, synthesize } = &self.names;
        let message = "nothing in it is a prompt file";
        let problem = Diagnostic::new(Rule::PromptsFolderUnused, Source::File(dir.clone()), message);
        Some(problem.hint(format!("expected {analyze}, {process}, {synthesize} or {}", self.worker_name)))
    }

    fn read_one(&self, name: &str) -> FileText {
        if name.is_empty() || matches!(name, "." | "..") || name.contains(['/', '\\']) {
            let message = format!("`{name}` isn't the name of a file in the prompts folder");
            return Err(Diagnostic::new(Rule::PromptFileMissing, Source::File(name.into()), message)
                .hint("give a name without a path, and the folder apart"));
        }
        if let Some(dir) = &self.dir {
            let path = dir.join(name);
            // Not `exists`: a dangling link is there, and replacing it silently would surprise.
            match fs::symlink_metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                _ => return read_file(&path).map(|text| (Source::File(path), text)),
            }
        }
        let built_in = built_in_files().find(|(known, _)| *known == name);
        match built_in {
            Some((name, text)) => Ok((Source::BuiltIn(name), text.to_owned())),
            None => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> Diagnostic {
        let Some(dir) = &self.dir else {
            let message = format!("no prompt file `{name}` is built in");
            let hint = did_you_mean(name, built_in_files().map(|(name, _)| name))
                .unwrap_or_else(|| "name the folder it is in with --prompts or CHAIN_PROMPTS_DIR".to_owned());
            return Diagnostic::new(Rule::PromptFileMissing, Source::File(name.into()), message).hint(hint);
        };
        let there: Vec<String> = fs::read_dir(dir)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let hint = did_you_mean(
            name,
            there.iter().map(String::as_str).chain(built_in_files().map(|(name, _)| name)),
        );
        let message = "no such file, and none of that name is built in";
        Diagnostic::new(Rule::PromptFileMissing, Source::File(dir.join(name)), message).maybe_hint(hint)
    }
}

fn check_folder(dir: &Path) -> Result<(), Diagnostic> {
    let message = match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => "the prompts folder is a file".to_owned(),
        Err(error) => format!("can't open the prompts folder: {error}"),
    };
    Err(Diagnostic::new(Rule::PromptsFolder, Source::File(dir.to_owned()), message))
}

fn read_file(path: &Path) -> Result<String, Diagnostic> {
    read_small_file(path, MAX_FILE_BYTES).map_err(|error| {
        let problem = |rule, message| Diagnostic::new(rule, Source::File(path.to_owned()), message);
        match error {
            SmallFileError::NotUtf8 { line, column } => {
                let place = Place { line: small(line), col: small(column), len: 0 };
                let message = "the file isn't UTF-8 from here on".to_owned();
                let problem = problem(Rule::PromptFileEncoding, message).hint("save it as UTF-8");
                // There is no text to show.
                Diagnostic { place: Some(place), ..problem }
            }
            SmallFileError::TooLarge { .. } => problem(Rule::PromptFileTooLarge, error.to_string()),
            SmallFileError::Io(_) | SmallFileError::Folder | SmallFileError::Endless => {
                problem(Rule::PromptFileUnreadable, error.to_string())
            }
        }
    })
}
