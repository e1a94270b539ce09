//! Plays one recording: the response as it came, at once or in its own time. What we broke off comes in its
//! own time always, so that the limit that was reached is reached again, and no other.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Body, Response};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};

use super::file::Ending;
use super::playable::{Head, Playable};
use crate::model::CallErrorKind;

/// A connection that broke, in the words that were recorded.
#[derive(Debug, Error)]
#[error("{0}")]
pub(super) struct BrokenOff(pub(super) String);

/// When what was recorded comes again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    started: Instant,
    /// How many times as fast as it came; `None` for at once.
    speed: Option<f64>,
}

impl Pace {
    /// From now on.
    pub(super) fn new(speed: Option<f64>) -> Self {
        Self { started: Instant::now(), speed }
    }

    /// The same start, as fast as it came.
    fn as_recorded(self) -> Self {
        Self { speed: Some(1.0), ..self }
    }

    /// Waits until what came after so many milliseconds is due.
    async fn wait(self, ms: u64) {
        let Some(speed) = self.speed else { return };
        let after = Duration::try_from_secs_f64(Duration::from_millis(ms).as_secs_f64() / speed).ok();
        match after.and_then(|after| self.started.checked_add(after)) {
            Some(due) => sleep_until(due).await,
            // Beyond the end of all time.
            None => pending().await,
        }
    }
}

/// What came of the request that was recorded. Where we broke it off, it comes as fast as it came then,
/// whatever `pace` says, and then nothing more comes: whoever asks again breaks it off too.
pub(super) async fn play(recording: &Playable, pace: Pace) -> Result<Response, CallErrorKind> {
    let pace = if matches!(recording.end, Ending::Dropped { .. }) { pace.as_recorded() } else { pace };
    if let Some(Head { ms, status, headers }) = &recording.head {
        pace.wait(*ms).await;
        let (mut parts, ()) = hyper::Response::new(()).into_parts();
        (parts.status, parts.headers) = (*status, headers.clone());
        let body = body(recording.pieces.clone().into(), recording.end.clone(), pace);
        return Ok(hyper::Response::from_parts(parts, body).into());
    }
    match recording.end.clone() {
        Ending::NotConnected { ms, upstream, reason } => {
            pace.wait(ms).await;
            Err(CallErrorKind::Connect { upstream, reason })
        }
        Ending::Unanswered { ms, reason } => {
            pace.wait(ms).await;
            Err(CallErrorKind::Interrupted(reason))
        }
        Ending::Dropped { .. } | Ending::Complete { .. } | Ending::BrokenOff { .. } => pending().await,
    }
}

fn body(pieces: VecDeque<(u64, Bytes)>, end: Ending, pace: Pace) -> Body {
    let body = stream::unfold((pieces, Some(end)), move |(mut pieces, end)| async move {
        if let Some((ms, bytes)) = pieces.pop_front() {
            pace.wait(ms).await;
            return Some((Ok(bytes), (pieces, end)));
        }
        match end? {
            Ending::BrokenOff { ms, reason } => {
                pace.wait(ms).await;
                Some((Err(BrokenOff(reason)), (pieces, None)))
            }
            Ending::Dropped { .. } => pending().await,
            Ending::Complete { ms } | Ending::NotConnected { ms, .. } | Ending::Unanswered { ms, .. } => {
                pace.wait(ms).await;
                None
            }
        }
    });
    // Whoever reads it may ask again after its end.
    Body::wrap_stream(body.fuse())
}
