//! What is to be written into a folder, and what is there already. Only looks: nothing is written here.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode};
use crate::prompts::built_in_files;

/// The folder of the prompt files, within the one that is written into.
pub(super) const PROMPTS_FOLDER: &str = "prompts";

/// What is to be done.
pub(super) struct Plan {
    /// The folder, as it was named; empty for the current one.
    pub(super) folder: PathBuf,
    /// All files, in the order in which they are shown.
    files: Vec<PlannedFile>,
}

/// One file of a [`Plan`].
pub(super) struct PlannedFile {
    pub(super) path: PathBuf,
    pub(super) content: Content,
    /// What is there already, and is kept.
    pub(super) existing: Option<FileType>,
}

/// What a file is to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Settings, secrets among them.
    Env,
    /// A prompt.
    Prompt(&'static str),
}

impl Plan {
    /// Looks at what is there.
    pub(super) fn make(folder: PathBuf) -> Result<Self, Error> {
        let prompts = folder.join(PROMPTS_FOLDER);
        check_folder(or_current(&folder))?;
        check_folder(&prompts)?;
        let prompt_files: Vec<_> = built_in_files().collect();
        let prompt_files =
            prompt_files.into_iter().map(|(name, text)| (prompts.join(name), Content::Prompt(text)));
        let files = std::iter::once((folder.join(".env"), Content::Env)).chain(prompt_files);
        let files = files.map(|(path, content)| {
            let existing = existing(&path)?;
            Ok(PlannedFile { path, content, existing })
        });
        Ok(Self { files: files.collect::<Result<_, Error>>()?, folder })
    }

    /// The files that aren't there yet.
    pub(super) fn to_write(&self) -> impl Iterator<Item = &PlannedFile> {
        self.files.iter().filter(|file| file.existing.is_none())
    }

    /// The files that are there, and are kept as they are.
    pub(super) fn kept(&self) -> impl Iterator<Item = &PlannedFile> {
        self.files.iter().filter(|file| file.existing.is_some())
    }

    /// The folder under a name that always says something.
    pub(super) fn folder(&self) -> &Path {
        or_current(&self.folder)
    }
}

fn or_current(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// A folder, or nothing yet.
fn check_folder(path: &Path) -> Result<(), Error> {
    let what = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => "is there already, and isn't a folder".to_owned(),
        Err(_) if path.is_symlink() => "is a link that leads nowhere".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => format!("can't be used: {error}"),
    };
    Err(Error::new(ErrorCode::Usage, format!("{} {what}", path.display()))
        .hint("name another folder, or move away what is there"))
}

/// What is at that path itself: a link is there wherever it leads.
fn existing(path: &Path) -> Result<Option<FileType>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Error::new(ErrorCode::Usage, format!("can't look at {}", path.display())).because(error))
        }
    }
}
