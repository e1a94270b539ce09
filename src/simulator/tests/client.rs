//! A client that shows the wire as it is, with no more HTTP than it needs.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Simulator;

/// Everything that came back over one connection.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// Whether the body came to its proper end.
    pub(super) complete: bool,
    /// How the connection ended, if not by being closed.
    pub(super) error: Option<io::ErrorKind>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The events of a stream, name and data.
    pub(super) fn events(&self) -> Vec<(String, Value)> {
        let text = self.text();
        let events = text.split_terminator("\n\n").map(|event| {
            let (name, data) = event.split_once('\n').unwrap();
            let data = data.strip_prefix("data: ").unwrap();
            let data = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        });
        events.collect()
    }

    /// The pieces of text, or of a tool's input, of a stream.
    pub(super) fn deltas(&self) -> Vec<String> {
        let delta = |data: &Value| {
            let delta = data.get("delta")?;
            delta.get("text").or_else(|| delta.get("partial_json"))?.as_str().map(str::to_owned)
        };
        self.events().iter().filter_map(|(_, data)| delta(data)).collect()
    }

    /// What the model said, whether streamed or not.
    pub(super) fn said(&self) -> String {
        if self.header("content-type").unwrap().starts_with("text/event-stream") {
            return self.deltas().concat();
        }
        let message = self.json();
        let blocks = message["content"].as_array().unwrap().iter();
        blocks.filter_map(|block| block["text"].as_str()).collect()
    }
}

/// Sends a request and leaves the connection to whoever wants to read from it. `head` is the
/// method and the path, and a header on every further line.
pub(super) async fn send(simulator: &Simulator, head: &str, body: &str) -> TcpStream {
    let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
    let length = body.len();
    let mut request =
        format!("{line} HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\ncontent-length: {length}\r\n");
    for header in headers.lines() {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    request.push_str(body);
    let mut stream = TcpStream::connect(simulator.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Sends a message request with the ordinary headers.
pub(super) async fn send_message(simulator: &Simulator, body: &Value) -> TcpStream {
    send(simulator, &message_head(""), &body.to_string()).await
}

fn message_head(headers: &str) -> String {
    format!("POST /v1/messages\ncontent-type: application/json\nanthropic-version: 2023-06-01\n{headers}")
}

/// Sends a request and reads the whole answer.
pub(super) async fn ask(simulator: &Simulator, head: &str, body: &str) -> Answer {
    read(send(simulator, head, body).await).await
}

/// Asks for a message.
pub(super) async fn ask_message(simulator: &Simulator, body: &Value) -> Answer {
    ask_message_with(simulator, "", body).await
}

/// Asks for a message, with one header more.
pub(super) async fn ask_message_with(simulator: &Simulator, header: &str, body: &Value) -> Answer {
    ask(simulator, &message_head(header), &body.to_string()).await
}

/// Reads what comes until the connection ends.
pub(super) async fn read(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
    let mut answer = Answer { status, head, body: bytes[end..].to_vec(), complete: false, error };
    if answer.header("transfer-encoding") == Some("chunked") {
        (answer.body, answer.complete) = join_chunks(&answer.body);
    } else if let Some(length) = answer.header("content-length") {
        answer.complete = answer.body.len() == length.parse::<usize>().unwrap();
    }
    answer
}

fn join_chunks(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..at]).unwrap(), 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let chunk = &rest[at + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        rest = chunk.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
