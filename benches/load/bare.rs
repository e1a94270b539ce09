//! A server as fast as one can be here that makes three calls for each request and passes the text of the last one
//! on: no tokens, limits, gates, prompts, settings or logs, and what it says upstream is fixed. It is the practical
//! limit of this machine, which `promptchain serve` is measured against.
//!
//! Each connection has an upstream of its own, which is driven by the same task, so that nothing is handed from one
//! task to another; what is ready is written together.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::calls::Calls;

/// What stands around a text in a chunk, and the end of a stream.
const BEFORE: &[u8] = b"data: {\"id\":\"chatcmpl-bare\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"prompt-chaining\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
const AFTER: &[u8] = b"\"},\"finish_reason\":null}]}\n\n";
const END: &[u8] = b"data: {\"id\":\"chatcmpl-bare\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"prompt-chaining\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What stands around the text in an event, as the simulator writes it.
const TEXT: &[u8] = b"\"text_delta\",\"text\":\"";
const TEXT_END: &[u8] = b"\"}}\n\n";

type Failure = Box<dyn Error + Send + Sync>;

/// Serves until it is killed. Its URL is the only line on stdout.
pub(crate) async fn serve(upstream: SocketAddr, calls: Calls) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    let calls = Arc::new(calls);
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(connection(stream, upstream, Arc::clone(&calls)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, upstream: SocketAddr, calls: Arc<Calls>) {
    drop(stream.set_nodelay(true));
    let kept: Kept = Arc::default();
    let service = service_fn(move |request| answer(request, upstream, Arc::clone(&calls), Arc::clone(&kept)));
    // It fails where the client has left.
    drop(server::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

/// The connection to the upstream, while no request has it.
type Kept = Arc<Mutex<Option<Upstream>>>;

struct Upstream {
    sender: client::SendRequest<Sent>,
    connection: client::Connection<TokioIo<TcpStream>, Sent>,
}

/// A body that is there already.
type Sent = http_body_util::Full<Bytes>;

impl Upstream {
    async fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = client::handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, connection })
    }

    /// Drives the connection until `work` is done.
    async fn drive<T>(
        connection: &mut client::Connection<TokioIo<TcpStream>, Sent>,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = pin!(work);
        poll_fn(|cx| {
            let _ = connection.poll_unpin(cx);
            work.as_mut().poll(cx)
        })
        .await
    }

    async fn call(&mut self, body: Bytes) -> Result<Incoming, Failure> {
        let mut request = Request::new(Sent::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = "/v1/messages".parse()?;
        let headers = request.headers_mut();
        headers.insert(HOST, "127.0.0.1".parse()?);
        headers.insert(CONTENT_TYPE, "application/json".parse()?);
        headers.insert("anthropic-version", "2023-06-01".parse()?);
        let Self { sender, connection } = self;
        Ok(Self::drive(connection, sender.send_request(request)).await?.into_body())
    }

    async fn read(&mut self, mut body: Incoming) -> Result<(), Failure> {
        while let Some(frame) = Self::drive(&mut self.connection, next(&mut body)).await {
            frame?;
        }
        Ok(())
    }
}

async fn next(body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

async fn answer(
    request: Request<Incoming>,
    address: SocketAddr,
    calls: Arc<Calls>,
    kept: Kept,
) -> Result<Response<Answer>, Failure> {
    let mut asked = request.into_body();
    while let Some(frame) = next(&mut asked).await {
        frame?;
    }
    let taken = lock(&kept).take();
    let mut upstream = match taken {
        Some(upstream) => upstream,
        None => Upstream::connect(address).await?,
    };
    let [analyze, process, synthesize] = &calls.bodies;
    for body in [analyze, process] {
        let reply = upstream.call(body.clone()).await?;
        upstream.read(reply).await?;
    }
    let reply = upstream.call(synthesize.clone()).await?;
    let answer = Answer { upstream: Some(upstream), reply, kept, unread: BytesMut::new() };
    Ok(Response::builder().header(CONTENT_TYPE, "text/event-stream").body(answer)?)
}

fn lock(kept: &Kept) -> std::sync::MutexGuard<'_, Option<Upstream>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of a reply, as it comes.
struct Answer {
    upstream: Option<Upstream>,
    reply: Incoming,
    kept: Kept,
    unread: BytesMut,
}

impl Answer {
    /// Chunks for all texts that have come wholly.
    fn chunks(&mut self, into: &mut BytesMut) {
        while let Some(end) = memmem::find(&self.unread, b"\n\n") {
            let event = self.unread.split_to(end + 2);
            let Some(begin) = memmem::find(&event, TEXT) else { continue };
            let Some(text) = event.get(begin + TEXT.len()..).and_then(|text| text.strip_suffix(TEXT_END))
            else {
                continue;
            };
            for part in [BEFORE, text, AFTER] {
                into.extend_from_slice(part);
            }
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut written = BytesMut::new();
        let is_over = loop {
            let Some(upstream) = &mut self.upstream else { return Poll::Ready(None) };
            let _ = upstream.connection.poll_unpin(cx);
            match Pin::new(&mut self.reply).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.unread.extend_from_slice(&data);
                        self.chunks(&mut written);
                    }
                }
                Poll::Ready(_) => break true,
                Poll::Pending => break false,
            }
        };
        if is_over {
            written.extend_from_slice(END);
            let upstream = self.upstream.take();
            *lock(&self.kept) = upstream;
        } else if written.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(written.freeze()))))
    }
}
