//! A server that takes pushes of log lines as Loki does, or doesn't.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// What it does with a push.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Takes {
    /// It takes it.
    All,
    /// It takes it, and is long in saying so.
    Slowly,
    /// It answers this status.
    Refuses(u16),
    /// It never answers.
    Hangs,
}

/// A line as Loki got it.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    pub(crate) labels: BTreeMap<String, String>,
    /// Since 1970.
    pub(crate) nanoseconds: i128,
    pub(crate) line: String,
}

/// A server that takes pushes. It ends with the test's process.
pub(crate) struct FakeLoki {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    heads: Vec<String>,
    pushed: Vec<Pushed>,
}

impl FakeLoki {
    pub(crate) fn that(takes: Takes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let loki = Self { address: listener.local_addr().unwrap(), shared: Arc::default() };
        let shared = Arc::clone(&loki.shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&stream.unwrap(), takes, &shared));
            }
        });
        loki
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The lines it was sent, in the order in which they came.
    pub(crate) fn pushed(&self) -> Vec<Pushed> {
        self.shared.lock().unwrap().pushed.clone()
    }

    /// The heads of the pushes.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.shared.lock().unwrap().heads.clone()
    }
}

/// Answers one push after the other.
fn serve(mut stream: &TcpStream, takes: Takes, shared: &Mutex<Shared>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = request(&mut reader) {
        {
            let mut shared = shared.lock().unwrap();
            shared.heads.push(head);
            shared.pushed.extend(decoded(&body));
        }
        let status = match takes {
            Takes::All => 204,
            Takes::Slowly => {
                thread::park_timeout(Duration::from_millis(700));
                204
            }
            Takes::Refuses(status) => status,
            Takes::Hangs => loop {
                thread::park();
            },
        };
        let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes());
    }
}

/// Head and body of the next request; `None` if there is none.
fn request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The lines of a push, with nothing in it that Loki wouldn't expect.
fn decoded(body: &[u8]) -> Vec<Pushed> {
    let push: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(push.as_object().unwrap().len(), 1);
    let mut all = Vec::new();
    for stream in push["streams"].as_array().unwrap() {
        assert_eq!(stream.as_object().unwrap().len(), 2);
        let labels: BTreeMap<String, String> = serde_json::from_value(stream["stream"].clone()).unwrap();
        let values: Vec<(String, String)> = serde_json::from_value(stream["values"].clone()).unwrap();
        let values = values.into_iter().map(|(nanoseconds, line)| Pushed {
            labels: labels.clone(),
            nanoseconds: nanoseconds.parse().unwrap(),
            line,
        });
        all.extend(values);
    }
    all
}
