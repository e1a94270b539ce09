//! Reads a configuration from files that nobody is writing or replacing any more.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::configuration::{Configuration, Origins};
use crate::error::{Error, ErrorCode};
use crate::settings::Kept;

/// How long a file must have been left alone before it was read.
const SETTLED: Duration = Duration::from_millis(100);

/// How often it is read at most: for about five seconds, if something writes all the time.
const MAX_READS: usize = 50;

/// Reads and checks all of it, and again for as long as one of the files was written to just before, or replaced
/// meanwhile: what has been read then may be half of one, or some files of the old state and some of the new. It is
/// read off the threads that serve.
///
/// # Errors
/// Everything that is wrong with the files once they are left alone, or that they aren't.
pub(super) async fn read_settled(origins: &Arc<Origins>, kept: &Kept) -> Result<Configuration, Error> {
    for _ in 0..MAX_READS {
        let (origins, kept) = (Arc::clone(origins), kept.clone());
        let read = spawn_blocking(move || read_if_settled(&origins, kept)).await;
        let failed =
            |error| Error::new(ErrorCode::Internal, "the configuration can't be read").because(error);
        match read.map_err(failed)? {
            Some(read) => return read,
            None => sleep(SETTLED).await,
        }
    }
    Err(Error::new(ErrorCode::Configuration, "files of the configuration are being written to all the time"))
}

/// `None` if one of the files was written to just before, or replaced meanwhile.
fn read_if_settled(origins: &Origins, kept: Kept) -> Option<Result<Configuration, Error>> {
    let began = SystemTime::now();
    let files = origins.sources(kept.clone()).files();
    let before = versions(&files);
    let read = Configuration::read(&origins.sources(kept));
    let is_fresh = |path: &PathBuf| was_written_shortly_before(path, began);
    (versions(&files) == before && !files.iter().any(is_fresh)).then_some(read)
}

/// By what it can be seen that a file is another one, or has been written to. A mounted folder is replaced as a
/// whole by a link to another one.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    path: Option<PathBuf>,
    written: Option<SystemTime>,
    bytes: Option<u64>,
}

fn versions(files: &[PathBuf]) -> Vec<Version> {
    let version = |path: &PathBuf| {
        let metadata = path.metadata().ok();
        Version {
            path: path.canonicalize().ok(),
            written: metadata.as_ref().and_then(|metadata| metadata.modified().ok()),
            bytes: metadata.as_ref().map(std::fs::Metadata::len),
        }
    };
    files.iter().map(version).collect()
}

/// Whether the file was written to shortly before that time, or since. A date far ahead is some other clock's.
fn was_written_shortly_before(path: &Path, time: SystemTime) -> bool {
    let Some(written) = path.metadata().and_then(|metadata| metadata.modified()).ok() else { return false };
    match time.duration_since(written) {
        Ok(ago) => ago < SETTLED,
        Err(ahead) => ahead.duration() < Duration::from_secs(1),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn files_that_are_replaced_together_by_one_link_are_other_ones() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for version in ["..1", "..2"] {
            fs::create_dir(path(version)).unwrap();
            fs::write(path(version).join("env"), "A=1").unwrap();
            let file = fs::File::options().write(true).open(path(version).join("env")).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        symlink("..1", path("..data")).unwrap();
        symlink("..data/env", path("env")).unwrap();
        let files = [path("env"), path("none")];
        let before = versions(&files);
        assert_eq!(versions(&files), before);
        symlink("..2", path("..new")).unwrap();
        fs::rename(path("..new"), path("..data")).unwrap();
        assert_ne!(versions(&files), before);
    }
}
