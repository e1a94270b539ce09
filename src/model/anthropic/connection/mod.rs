//! Connections to the upstream, HTTP/1.1 over TCP or TLS: opened by a [`Connector`](connector::Connector), kept for
//! the next call in a [`Pool`], and driven by the very task that reads the reply. Behind it is no task, so that a
//! chunk of a reply is handed from nobody to nobody, and dropping a call or its reply closes its connection there
//! and then. What requests and replies mean is for others to say.

mod bell;
mod connector;
mod open;
mod pool;
mod reply_body;
mod route;
#[cfg(test)]
mod tests;
mod tls;

use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;

use reqwest::{Body, Response};
use thiserror::Error;
use tokio::time::{Sleep, sleep};

use self::connector::Connector;
use self::open::{Answered, OpenConnection, Unanswered};
use self::pool::Pool;
use self::reply_body::ReplyBody;
use super::transport_error::unanswered;
use super::{ClientConfig, ClientError};

/// The connections to one upstream.
///
/// There is no limit on a whole call unless the request brings one, because a long reply is a good one. Redirects
/// aren't followed, because the credentials would travel along. Nothing is tried again, because each call may be
/// billed.
pub(super) struct Connections {
    connector: Connector,
    pool: Arc<Pool>,
}

/// Why a request has no answer. The upstream's URL is in none of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// There was no connection for that reason, and nothing was sent.
    NotConnected(String),
    /// It broke off for that reason.
    Interrupted(String),
}

/// The time that the request has, as a whole, is over.
#[derive(Debug, Error)]
#[error("operation timed out")]
struct TimedOut;

/// The end of that time, if it has one.
type Deadline = Option<Pin<Box<Sleep>>>;

impl Connections {
    /// None yet. They go through the system's proxy if there is one for the upstream. `is_used` says whether there
    /// will be any at all: what only they need isn't read otherwise.
    ///
    /// # Errors
    /// If the system's certificates can't be read.
    pub(super) fn new(config: &ClientConfig, is_used: bool) -> Result<Self, ClientError> {
        Ok(Self { connector: Connector::new(config, is_used)?, pool: Arc::default() })
    }

    /// The answer to `request`, whatever it is, over a connection that was kept or else a new one. It is sent over
    /// another only if nothing of it had been sent. If it has a time, that goes on to the end of the answer's body.
    pub(super) async fn exchange(&self, request: reqwest::Request) -> Result<Response, NoAnswer> {
        let mut deadline: Deadline = request.timeout().map(|time| Box::pin(sleep(*time)));
        let mut answer = pin!(self.answer(self.pool.take(), request));
        let (response, connection) = match &mut deadline {
            None => answer.await?,
            Some(over) => tokio::select! {
                biased;
                () = over => return Err(NoAnswer::Interrupted(TimedOut.to_string())),
                answered = &mut answer => answered?,
            },
        };
        let pool = Arc::clone(&self.pool);
        let body = |incoming| ReplyBody { incoming, connection: Some(connection), pool, deadline };
        Ok(response.map(|incoming| Body::wrap(body(incoming))).into())
    }

    async fn answer(
        &self,
        kept: Option<Box<OpenConnection>>,
        request: reqwest::Request,
    ) -> Result<Answered, NoAnswer> {
        let request = self.connector.addressed(request).map_err(|error| interrupted(&error))?;
        let request = match kept {
            None => request,
            Some(kept) => match kept.ask(request).await {
                Ok(answered) => return Ok(answered),
                // The upstream has closed the connection just now.
                Err(Unanswered { unsent: Some(request), .. }) => *request,
                Err(Unanswered { error, .. }) => return Err(interrupted(&error)),
            },
        };
        let fresh = self.connector.connect().await.map_err(NoAnswer::NotConnected)?;
        fresh.ask(request).await.map_err(|unanswered| interrupted(&unanswered.error))
    }
}

fn interrupted(error: &(dyn Error + 'static)) -> NoAnswer {
    NoAnswer::Interrupted(unanswered(error))
}
