//! One client's connection, from its first byte to its end. Everything that answers its requests is driven
//! in its task, so that its end, for whatever reason, ends them too.

mod exchange_body;
mod refusal;
mod request_body;
mod socket;
mod watch;

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{HeaderValue, StatusCode, Version};
use futures_util::FutureExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::{Builder, Connection};
use hyper::service::{HttpService, Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, Ready};
use tokio::net::TcpStream;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep_until, timeout};

pub(super) use watch::ConnectionWatch;

use super::generation::{Generation, Routes};
use super::lifecycle::Lifecycle;
use exchange_body::ExchangeBody;
use request_body::RequestBody;
use socket::Socket;

/// The most bytes of a request's head, and about the most that wait for a client to take them.
const BUFFER: usize = 64 * 1024;

/// The most header fields of a request.
const MAX_HEADERS: usize = 100;

/// How long what a client still sends when it has had its answer is read and thrown away: closed at once,
/// the connection would be reset, and the answer lost with it.
const LINGER: Duration = Duration::from_secs(2);

/// How much of it.
const LINGER_BYTES: u64 = 16 * 1024 * 1024;

/// What connections are served by; the same for all of a port.
#[derive(Clone)]
pub(super) struct Serving {
    /// Each request looks once, and is answered by what it has found to its end.
    pub(super) current: Receiver<Arc<Generation>>,
    pub(super) routes: Routes,
    pub(super) lifecycle: Lifecycle,
}

/// Whom a request comes from, as far as its connection tells, and the watch over that.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) watch: ConnectionWatch,
}

/// A request of HTTP/1.1 that doesn't name one host, as RFC 9112 demands: others may take it for another's.
#[derive(Debug, Clone, Copy)]
pub(super) struct WithoutHost;

fn names_one_host(request: &Request<Incoming>) -> bool {
    request.version() != Version::HTTP_11 || request.headers().get_all(HOST).iter().count() == 1
}

/// How a connection comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Both sides have had enough of it, or one of them is gone.
    Closed,
    /// It has been idle for long, or the server ends, and nothing is under way that either side would miss.
    Idle,
    /// The client has left unnoticed, or has let a limit pass.
    Cut,
}

impl Serving {
    /// The watch over a connection that was just made.
    pub(super) fn watch(&self) -> ConnectionWatch {
        ConnectionWatch::new(self.current.borrow().app.stall)
    }
}

/// Serves one connection until either side has had enough of it.
pub(super) async fn serve(stream: TcpStream, address: SocketAddr, serving: Serving, watch: ConnectionWatch) {
    // Without it deltas would wait for one another. A socket that refuses it is gone already.
    drop(stream.set_nodelay(true));
    let stream = Arc::new(stream);
    let Serving { current, routes, lifecycle } = serving;
    let peer = Peer { address, watch: watch.clone() };
    let of_requests = current.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (router, stall) = {
            let generation = of_requests.borrow();
            (generation.router(routes).clone(), generation.app.stall)
        };
        let exchange = peer.watch.begin_exchange(stall);
        request.extensions_mut().insert(peer.clone());
        if !names_one_host(&request) {
            request.extensions_mut().insert(WithoutHost);
        }
        let (head, body) = request.into_parts();
        let (body, progress) = RequestBody::new(body);
        let answer = TowerToHyperService::new(router).call(Request::from_parts(head, body));
        let answer = async move {
            answer.await.map(|mut answer| {
                if progress.is_the_last() {
                    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                answer.map(|body| ExchangeBody::new(body, exchange))
            })
        };
        answer.boxed()
    });
    let mut connection = Builder::new()
        // The watch has limits of its own, which tell a slow head from an idle connection.
        .header_read_timeout(None)
        .max_buf_size(BUFFER)
        .max_header_size(BUFFER)
        .max_headers(MAX_HEADERS)
        .keep_alive(!lifecycle.is_draining())
        .serve_connection(TokioIo::new(Socket::new(Arc::clone(&stream), watch.clone())), service);
    let (end, is_unreadable) = drive(&mut connection, &stream, &watch, lifecycle).await;
    let parts = connection.into_parts();
    // The HTTP library lets a request of HTTP/2 go without an answer. Who sends one may understand ours, and whoever
    // reads the log does.
    let unanswered = is_unreadable.then_some(StatusCode::BAD_REQUEST);
    let refused = match parts.io.into_inner().refusal().or(unanswered) {
        // The head was read: what is too large is the length that it tells.
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) if parts.read_buf.is_empty() => {
            Some(StatusCode::PAYLOAD_TOO_LARGE)
        }
        refused => refused,
    };
    // The connection's own share is gone by now.
    let Some(mut stream) = Arc::into_inner(stream) else { return };
    match end {
        End::Closed => {}
        // What has been sent arrives all the same.
        End::Idle => return,
        End::Cut => {
            // What waits to be sent isn't wanted any more.
            drop(stream.set_zero_linger());
            return;
        }
    }
    watch.is_closing();
    if let Some(status) = refused {
        let has_security_headers = current.borrow().app.settings.security_headers;
        let refusal = refusal::refusal(status, address, has_security_headers);
        drop(timeout(LINGER, stream.write_all(&refusal)).await);
    }
    close(stream).await;
}

/// Drives the connection to its end. Whether that is because of a request that couldn't be read.
async fn drive<S>(
    connection: &mut Connection<TokioIo<Socket>, S>,
    stream: &TcpStream,
    watch: &ConnectionWatch,
    lifecycle: Lifecycle,
) -> (End, bool)
where
    S: HttpService<Incoming, ResBody = ExchangeBody<Body>> + Unpin,
    S::Future: Unpin,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut draining = pin!(lifecycle.clone().draining().fuse());
    let mut cut = pin!(lifecycle.cut_off().fuse());
    let mut timer = pin!(sleep_until(Instant::now()));
    let (mut is_draining, mut is_cut, mut is_told) = (false, false, false);
    std::future::poll_fn(|cx| {
        is_draining |= draining.as_mut().poll(cx).is_ready();
        is_cut |= cut.as_mut().poll(cx).is_ready();
        let mut end = End::Closed;
        loop {
            // Whoever answers has been dropped with it.
            if let Poll::Ready(ended) = connection.poll_without_shutdown(cx) {
                return Poll::Ready((end, ended.is_err_and(|error| error.is_parse())));
            }
            if is_cut && !watch.has_served() {
                return Poll::Ready((End::Idle, false));
            }
            // A connection over which no request has come yet may have one on its way.
            let is_to_end = is_cut || (is_draining && watch.has_served());
            if is_told || !is_to_end {
                break;
            }
            is_told = true;
            // What ends as soon as it is told to had nothing to do.
            end = End::Idle;
            Pin::new(&mut *connection).graceful_shutdown();
        }
        look(stream, watch, timer.as_mut(), cx).map(|end| (end, false))
    })
    .await
}

/// Sees whether a limit has been reached, or the client has left without anyone having noticed.
fn look(
    stream: &TcpStream,
    watch: &ConnectionWatch,
    mut timer: Pin<&mut tokio::time::Sleep>,
    cx: &mut Context<'_>,
) -> Poll<End> {
    watch.is_driven_by(cx.waker());
    loop {
        let is_over = watch.limit().is_some_and(|limit| limit <= Instant::now());
        if is_over && watch.has_half_a_head() {
            let client = stream.peer_addr().ok().map(|client| client.ip().to_string());
            tracing::debug!(client, "A request's head wasn't complete in time");
        }
        if is_over && watch.is_idle() {
            return Poll::Ready(End::Idle);
        }
        if is_over || (watch.is_blind() && has_left(stream)) {
            return Poll::Ready(End::Cut);
        }
        let Some(next) = watch.next_look() else { return Poll::Pending };
        // A timer that fires too early is set anew; one that would fire too late is set at once.
        if timer.deadline() > next || timer.is_elapsed() {
            timer.as_mut().reset(next);
        }
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
    }
}

/// Whether the client has closed its side, as far as the system knows, though there may be something left
/// to be read.
fn has_left(stream: &TcpStream) -> bool {
    let ready = stream.ready(Interest::READABLE).now_or_never();
    ready.is_some_and(|ready| ready.map_or(true, Ready::is_read_closed))
}

/// Closes our side, and gives the client time to read what it was sent.
async fn close(mut stream: TcpStream) {
    let lingering = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    // A client that doesn't close in time loses nothing that it would have read.
    drop(timeout(LINGER, lingering).await);
}
