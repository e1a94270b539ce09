//! Answers requests from recordings, each of which serves once.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Response;

use super::difference::{Difference, differences};
use super::folder::{FolderError, read_all};
use super::playable::Playable;
use super::playback::{Pace, play};
use super::request::RecordedRequest;
use crate::model::{CallErrorKind, Unrecorded};

/// The most differences that are shown of the nearest recording.
const MAX_SHOWN: usize = 5;

/// The log's target for prompts and replies, which are written only where they are asked for.
const CONTENT: &str = "promptchain::content";

/// Answers a client's requests from a folder of recordings.
#[derive(Debug)]
pub struct Replayer {
    folder: PathBuf,
    recordings: Vec<Playable>,
    speed: Option<f64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// For each recording, whether it has served.
    is_used: Vec<bool>,
    unmatched: usize,
}

/// In what the requests weren't those that had been recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Requests of which there was no recording.
    pub unmatched: usize,
    /// The names of the recordings that nobody asked for, in their order.
    pub unused: Vec<String>,
}

impl Replayer {
    /// Reads and checks all recordings in `folder`. They are played `speed` times as fast as they came,
    /// which must be above 0; at once if there is none.
    ///
    /// # Errors
    /// If the folder can't be read, holds no recordings, or some that are damaged or of another version.
    pub fn open(folder: &Path, speed: Option<f64>) -> Result<Self, FolderError> {
        let recordings = read_all(folder)?;
        let state = State { is_used: vec![false; recordings.len()], unmatched: 0 };
        Ok(Self { folder: folder.to_owned(), recordings, speed, state: Mutex::new(state) })
    }

    /// Where the recordings are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// In what the requests until now weren't those that had been recorded; `None` if all were.
    #[must_use]
    pub fn leftover(&self) -> Option<Leftover> {
        let state = self.lock();
        let unused = self.recordings.iter().zip(&state.is_used).filter(|(_, is_used)| !**is_used);
        let unused: Vec<String> = unused.map(|(recording, _)| recording.name.clone()).collect();
        let unmatched = state.unmatched;
        (unmatched > 0 || !unused.is_empty()).then_some(Leftover { unmatched, unused })
    }

    /// What came of that request: of several recordings, the first that hasn't served yet.
    pub(in crate::model::anthropic) async fn answer(
        &self,
        request: &RecordedRequest,
    ) -> Result<Response, CallErrorKind> {
        match self.take(request) {
            Ok(recording) => play(recording, Pace::new(self.speed)).await,
            Err(unrecorded) => {
                for difference in &unrecorded.differences {
                    tracing::debug!(target: CONTENT, content = difference, "Difference from the recording");
                }
                Err(CallErrorKind::Unrecorded(unrecorded))
            }
        }
    }

    fn take(&self, request: &RecordedRequest) -> Result<&Playable, Unrecorded> {
        let mut state = self.lock();
        let mut same = 0;
        for (recording, is_used) in self.recordings.iter().zip(&mut state.is_used) {
            if recording.request.hash == request.hash {
                same += 1;
                if !std::mem::replace(is_used, true) {
                    return Ok(recording);
                }
            }
        }
        state.unmatched += 1;
        Err(if same > 0 { used_up(same) } else { self.no_recording(request, &state.is_used) })
    }

    fn no_recording(&self, request: &RecordedRequest, is_used: &[bool]) -> Unrecorded {
        let comparable = self.recordings.iter().zip(is_used).filter(|(recording, _)| {
            recording.request.method == request.method && recording.request.path == request.path
        });
        let compared = comparable.map(|(recording, is_used)| {
            (recording, is_used, differences(&recording.request.body, &request.body))
        });
        // Of equally near ones, one that is left; then the first.
        let nearest = compared.min_by_key(|(_, is_used, differences)| (differences.len(), **is_used));
        if let Some((recording, _, differences)) = nearest {
            return differing(&recording.name, &differences);
        }
        let RecordedRequest { method, path, .. } = request;
        let summary = format!("the request isn't recorded, nor is any other {method} {path}");
        Unrecorded { summary, differences: Vec::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn used_up(recordings: usize) -> Unrecorded {
    let summary = match recordings {
        1 => "the request was recorded once, and is sent once more".to_owned(),
        times => format!("the request was recorded {times} times, and is sent once more"),
    };
    Unrecorded { summary, differences: Vec::new() }
}

fn differing(name: &str, differences: &[Difference]) -> Unrecorded {
    let places: Vec<&str> =
        differences.iter().take(MAX_SHOWN).map(|difference| difference.pointer.as_str()).collect();
    let rest = differences.len().saturating_sub(MAX_SHOWN);
    let more = if rest > 0 { format!(" and {rest} more places") } else { String::new() };
    Unrecorded {
        summary: format!(
            "the request isn't recorded; the nearest recording, {name}, differs at {}{more}",
            places.join(", ")
        ),
        differences: differences.iter().take(MAX_SHOWN).map(ToString::to_string).collect(),
    }
}
