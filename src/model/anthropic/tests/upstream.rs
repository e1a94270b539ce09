//! A server for the client's tests, written by hand so that a test decides which bytes travel
//! when, and sees when the connection closes. It checks nothing by itself.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::timeout;
use url::Url;

use super::super::{AnthropicClient, ClientConfig, Credentials, DEFAULT_CONNECT_TIMEOUT};

pub(in crate::model::anthropic) const EVENT_STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    request-id: req_head\r\ntransfer-encoding: chunked\r\n\r\n";
pub(in crate::model::anthropic) const LAST_CHUNK: &str = "0\r\n\r\n";

/// Longer than anything here takes: what hasn't happened by then isn't going to.
const PATIENCE: Duration = Duration::from_secs(20);

/// `text` as one chunk of a chunked body.
pub(in crate::model::anthropic) fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

pub(in crate::model::anthropic) struct Upstream {
    listener: TcpListener,
}

impl Upstream {
    pub(in crate::model::anthropic) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(in crate::model::anthropic) fn origin(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    pub(in crate::model::anthropic) fn config(&self, credentials: Option<Credentials>) -> ClientConfig {
        ClientConfig {
            base_url: Url::parse(&self.origin()).unwrap(),
            credentials,
            api_version: "2023-06-01".into(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            direct: true,
        }
    }

    pub(in crate::model::anthropic) fn client(&self) -> AnthropicClient {
        AnthropicClient::new(self.config(None)).unwrap()
    }

    pub(in crate::model::anthropic) async fn accept(&self) -> Connection {
        let (socket, _) = timeout(PATIENCE, self.listener.accept()).await.expect("a connection").unwrap();
        Connection { socket: BufReader::new(socket) }
    }

    /// Whether nobody has opened a connection that wasn't accepted.
    pub(in crate::model::anthropic) async fn nobody_comes(&self) -> bool {
        // What was opened on this machine is there once the runtime has looked.
        yield_now().await;
        self.listener.accept().now_or_never().is_none()
    }

    /// Takes one request, answers with these bytes, and closes the connection.
    pub(in crate::model::anthropic) async fn answer(&self, bytes: &str) -> Request {
        let mut connection = self.accept().await;
        let request = connection.request().await;
        connection.send(bytes).await;
        request
    }
}

pub(in crate::model::anthropic) struct Connection {
    socket: BufReader<TcpStream>,
}

pub(in crate::model::anthropic) struct Request {
    /// The request line and the headers, sorted, without those that vary.
    pub(in crate::model::anthropic) head: String,
    pub(in crate::model::anthropic) body: String,
}

impl Connection {
    pub(in crate::model::anthropic) async fn request(&mut self) -> Request {
        timeout(PATIENCE, self.read_request()).await.expect("a request")
    }

    async fn read_request(&mut self) -> Request {
        let (mut lines, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            self.socket.read_line(&mut line).await.unwrap();
            let line = line.trim_end().to_owned();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            } else if line.is_empty() {
                break;
            } else if !line.starts_with("host: ") {
                lines.push(line);
            }
        }
        lines[1..].sort();
        let mut body = vec![0; length];
        self.socket.read_exact(&mut body).await.unwrap();
        Request { head: lines.join("\n"), body: String::from_utf8(body).unwrap() }
    }

    pub(in crate::model::anthropic) async fn send(&mut self, bytes: &str) {
        self.send_bytes(bytes.as_bytes()).await;
    }

    pub(in crate::model::anthropic) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    /// Closes it.
    pub(in crate::model::anthropic) async fn close(&mut self) {
        self.socket.shutdown().await.unwrap();
    }

    /// Sends the same bytes until the other side closes the connection.
    pub(in crate::model::anthropic) async fn send_until_closed(mut self, bytes: &str) {
        let sending = async { while self.socket.write_all(bytes.as_bytes()).await.is_ok() {} };
        timeout(PATIENCE, sending).await.expect("the connection to be closed");
    }

    /// Resolves when the other side closes the connection; it mustn't send anything before.
    pub(in crate::model::anthropic) async fn closed(mut self) {
        let read = timeout(PATIENCE, self.socket.read_u8()).await.expect("the connection to be closed");
        assert!(read.is_err(), "nothing more is sent");
    }
}
