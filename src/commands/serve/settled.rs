//! Reads a configuration from files that nobody is writing any more.

use std::path::Path;
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

/// Reads and checks all of it, and again for as long as one of the files was written to just before: what is
/// there then may be half of it. It is read off the threads that serve.
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

/// `None` if one of the files was written to just before.
fn read_if_settled(origins: &Origins, kept: Kept) -> Option<Result<Configuration, Error>> {
    let began = SystemTime::now();
    let sources = origins.sources(kept);
    let read = Configuration::read(&sources);
    let is_fresh = |path: &Path| was_written_shortly_before(path, began);
    (!sources.files().iter().any(|path| is_fresh(path))).then_some(read)
}

/// Whether the file was written to shortly before that time, or since. A date far ahead is some other clock's.
fn was_written_shortly_before(path: &Path, time: SystemTime) -> bool {
    let Some(written) = path.metadata().and_then(|metadata| metadata.modified()).ok() else { return false };
    match time.duration_since(written) {
        Ok(ago) => ago < SETTLED,
        Err(ahead) => ahead.duration() < Duration::from_secs(1),
    }
}
