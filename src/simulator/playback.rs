//! Plays a script: sends what it says, when it says so, and bills what has been made by then.

use std::convert::Infallible;
use std::sync::Arc;
use std::vec::IntoIter;

use axum::body::{Body, Bytes};
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use super::cut::CutOrder;
use super::exchange::Exchange;
use super::log::End;
use super::script::Beat;

/// What a playback acts upon.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) exchange: Arc<Exchange>,
    pub(super) order: CutOrder,
}

/// A script being played.
struct Playback {
    wire: Wire,
    beats: IntoIter<Beat>,
    /// When the next thing is due. Pauses add up from the start, so that a slow reader of the body
    /// doesn't make the model any slower.
    due: Option<Instant>,
}

impl Wire {
    /// The body that plays `beats` while it is being read.
    pub(super) fn body(self, beats: Vec<Beat>) -> Body {
        let playback = Playback { wire: self, beats: beats.into_iter(), due: None };
        Body::from_stream(stream::unfold(playback, async move |mut playback: Playback| {
            let bytes = playback.next().await?;
            Some((Ok::<_, Infallible>(bytes), playback))
        }))
    }

    /// Plays `beats` that send nothing.
    pub(super) async fn pass(&self, beats: Vec<Beat>) {
        let mut playback = Playback { wire: self.clone(), beats: beats.into_iter(), due: None };
        while playback.next().await.is_some() {}
    }
}

impl Playback {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let due = self.due.get_or_insert_with(Instant::now);
        loop {
            match self.beats.next()? {
                Beat::Send(bytes) => return Some(bytes),
                Beat::Produced(tokens) => self.wire.exchange.bill_output(tokens),
                Beat::Pause(time) => {
                    *due += time;
                    if time.is_zero() {
                        // What was sent before leaves, and nothing else waits.
                        tokio::task::yield_now().await;
                    } else {
                        sleep_until(*due).await;
                    }
                }
                Beat::Hang => std::future::pending().await,
                Beat::Cut(cut) => {
                    self.wire.exchange.end(End::AbortedByFault);
                    return self.wire.order.cut(cut).await;
                }
                Beat::BreakOff => {
                    self.wire.exchange.end(End::AbortedByFault);
                    return None;
                }
                Beat::Forever(bytes, interval) => {
                    *due += interval;
                    sleep_until(*due).await;
                    self.beats = vec![Beat::Forever(bytes.clone(), interval)].into_iter();
                    return Some(bytes);
                }
            }
        }
    }
}
