//! An open connection, which carries one exchange at a time and moves only while it is driven.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper::{Request, Response};
use reqwest::Body;
use tokio::task::unconstrained;

use super::bell::Bell;

/// How often a connection is looked at again within one poll, if something has happened meanwhile. After that the
/// task is polled anew, so that others have their turn.
const ROUNDS: usize = 2;

/// What bytes travel over.
pub(super) trait Io: Read + Write + Send + Sync + Unpin {}

impl<T: Read + Write + Send + Sync + Unpin> Io for T {}

/// A connection. Dropping it closes it at once, whatever is under way.
pub(super) struct OpenConnection {
    sender: http1::SendRequest<Body>,
    /// Gone once the connection is over, so that whoever waits for it hears of it.
    driver: Option<http1::Connection<Box<dyn Io>, Body>>,
    bell: Arc<Bell>,
    /// The bell's.
    waker: Waker,
}

/// The head of an answer, and the connection that its body comes over.
pub(super) type Answered = (Response<Incoming>, Box<OpenConnection>);

/// A request without an answer.
pub(super) struct Unanswered {
    /// The request, if nothing of it has been sent.
    pub(super) unsent: Option<Box<Request<Body>>>,
    /// What happened.
    pub(super) error: hyper::Error,
}

impl OpenConnection {
    /// A connection over `io`. It is boxed, because it is large and handed around.
    pub(super) async fn new(io: Box<dyn Io>) -> hyper::Result<Box<Self>> {
        let (sender, driver) = http1::handshake(io).await?;
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        Ok(Box::new(Self { sender, driver: Some(driver), bell, waker }))
    }

    /// Sends `request` and waits for the head of its answer.
    pub(super) async fn ask(mut self: Box<Self>, request: Request<Body>) -> Result<Answered, Unanswered> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let answered = poll_fn(|cx| self.drive(cx, |cx| answer.as_mut().poll(cx))).await;
        match answered {
            Ok(response) => Ok((response, self)),
            Err(mut failure) => {
                let unsent = failure.take_message().map(Box::new);
                Err(Unanswered { unsent, error: failure.into_error() })
            }
        }
    }

    /// Drives the connection, and with it `work`, which waits for what comes over it and for nothing else.
    pub(super) fn drive<T>(
        &mut self,
        cx: &Context<'_>,
        mut work: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.silence();
        for _ in 0..ROUNDS {
            let mut rung = Context::from_waker(&self.waker);
            advance(&mut self.driver, &mut rung);
            if let Poll::Ready(done) = work(&mut rung) {
                return Poll::Ready(done);
            }
            if self.bell.wait(cx.waker()) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether the connection can carry another exchange: the last one is complete, both sides are willing, and the
    /// upstream has neither closed it nor sent anything since.
    pub(super) fn is_free(&mut self) -> bool {
        self.bell.silence();
        let mut cx = Context::from_waker(Waker::noop());
        // A task that has used up its turn would be told that there is nothing to read.
        let look = unconstrained(poll_fn(|_| {
            advance(&mut self.driver, &mut cx);
            Poll::Ready(())
        }));
        look.now_or_never();
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Closes it, and by TLS says so. For one over which nothing is under way.
    pub(super) fn close(self: Box<Self>) {
        let Self { sender, mut driver, .. } = *self;
        drop(sender);
        advance(&mut driver, &mut Context::from_waker(Waker::noop()));
    }
}

fn advance(driver: &mut Option<http1::Connection<Box<dyn Io>, Body>>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        // Whatever went wrong, the exchange under way has been told.
        *driver = None;
    }
}
