//! How a request gets its answer: from the upstream, from the upstream on record, or from recordings. What
//! the answer means is for others to say.

use std::sync::Arc;

use reqwest::{Request, Response};

use super::connection::{Connections, NoAnswer};
use super::recording::{RecordedRequest, Recorder, Replayer, Scrubber};
use crate::model::CallErrorKind;

/// What becomes of a client's exchanges with the upstream.
#[derive(Debug, Clone, Default)]
pub enum Tape {
    /// They leave no trace.
    #[default]
    None,
    /// They are written down.
    Record(Arc<Recorder>),
    /// There are none: what was written down is played again, and nothing is sent.
    Replay(Arc<Replayer>),
}

/// Sends requests, or does as if.
pub(super) struct Transport {
    pub(super) connections: Connections,
    /// The upstream's origin.
    pub(super) upstream: String,
    pub(super) tape: Tape,
    pub(super) scrubber: Scrubber,
}

impl Transport {
    /// The answer to `request`, whatever it is.
    pub(super) async fn send(&self, request: Request) -> Result<Response, CallErrorKind> {
        match &self.tape {
            Tape::None => self.execute(request).await,
            Tape::Record(recorder) => {
                let written = RecordedRequest::of(&request, &self.scrubber);
                let exchange = recorder.begin(written, self.scrubber.clone());
                match self.execute(request).await {
                    Ok(response) => Ok(exchange.tee(response)),
                    Err(failure) => {
                        exchange.unanswered(&failure);
                        Err(failure)
                    }
                }
            }
            Tape::Replay(replayer) => replayer.answer(&RecordedRequest::of(&request, &self.scrubber)).await,
        }
    }

    async fn execute(&self, request: Request) -> Result<Response, CallErrorKind> {
        let answer = self.connections.exchange(request).await;
        answer.map_err(|no_answer| match no_answer {
            NoAnswer::NotConnected(reason) => {
                CallErrorKind::Connect { upstream: self.upstream.clone(), reason }
            }
            NoAnswer::Interrupted(reason) => CallErrorKind::Interrupted(reason),
        })
    }
}
