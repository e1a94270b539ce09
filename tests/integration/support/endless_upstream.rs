//! An upstream whose last step never stops talking: as fast as it is read, and no faster.
//!
//! Unlike the simulator's, its replies are made while they are sent, so that they cost nothing and can be of
//! any length; and it sees when nobody reads on.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::PATIENCE;
use super::messages_api::{closing, delta, opening};

/// After so long without a byte taken nobody reads on.
const STUCK_AFTER: Duration = Duration::from_millis(300);

/// An upstream whose last step never stops talking.
pub(crate) struct EndlessUpstream {
    address: SocketAddr,
    replies: Arc<Replies>,
}

/// The endless ones.
#[derive(Default)]
struct Replies {
    all: Mutex<Vec<Reply>>,
    changed: Condvar,
}

/// One of them, as it is now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reply {
    /// Whether it has stopped taking them.
    pub(crate) is_stuck: bool,
    /// Whether it has left.
    pub(crate) has_ended: bool,
}

impl EndlessUpstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let upstream = Self { address: listener.local_addr().unwrap(), replies: Arc::default() };
        let replies = Arc::clone(&upstream.replies);
        // It ends with the test's process: nobody else could be kept by it.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let replies = Arc::clone(&replies);
                thread::spawn(move || serve(&stream.unwrap(), &replies));
            }
        });
        upstream
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until there are that many endless replies, and all of them are as they should be.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize, is_so: impl Fn(&Reply) -> bool) {
        let fits = |all: &Vec<Reply>| all.len() == count && all.iter().all(&is_so);
        let all = self.replies.all.lock().unwrap();
        let waited = self.replies.changed.wait_timeout_while(all, PATIENCE, |all| !fits(all)).unwrap();
        let is_so = fits(&waited.0);
        let all = format!("{:?}", waited.0);
        // Unlocked, so that the others needn't fail too.
        drop(waited);
        assert!(is_so, "it doesn't come: {all}");
    }
}

impl Replies {
    fn begin(&self) -> usize {
        let mut all = self.all.lock().unwrap();
        all.push(Reply::default());
        all.len() - 1
    }

    fn change(&self, at: usize, change: impl FnOnce(&mut Reply)) {
        change(&mut self.all.lock().unwrap()[at]);
        self.changed.notify_all();
    }
}

/// Answers one request after the other.
fn serve(mut stream: &TcpStream, replies: &Replies) {
    let mut reader = BufReader::new(stream);
    while let Some(body) = request(&mut reader) {
        let properties = &body["output_config"]["format"]["schema"]["properties"];
        let text = if properties.get("final_text").is_some() {
            return talk(stream, replies);
        } else if properties.get("confidence").is_some() {
            json!({"content": "A draft.", "confidence": 0.9, "metadata": []})
        } else {
            json!({"intent": "talk", "key_entities": [], "complexity": "simple", "context": []})
        };
        let reply = [opening(), delta(&text.to_string()), closing()].concat();
        // Whoever has left wants no answer.
        let _ = stream.write_all(format!("{HEAD}{}0\r\n\r\n", chunk(&reply)).as_bytes());
    }
}

/// The next request's body; `None` if there is no further.
fn request(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}

/// Talks until nobody is there any more.
fn talk(mut stream: &TcpStream, replies: &Replies) {
    stream.set_write_timeout(Some(STUCK_AFTER)).unwrap();
    let at = replies.begin();
    let words = chunk(&delta(&"and so on ".repeat(400)));
    let mut ready =
        format!("{HEAD}{}{}", chunk(&opening()), chunk(&delta("{\"final_text\":\""))).into_bytes();
    loop {
        match stream.write(&ready) {
            Ok(count) => drop(ready.drain(..count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                replies.change(at, |reply| reply.is_stuck = true);
            }
            Err(_) => return replies.change(at, |reply| reply.has_ended = true),
        }
        if ready.is_empty() {
            ready.extend_from_slice(words.as_bytes());
        }
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunk(bytes: &str) -> String {
    format!("{:x}\r\n{bytes}\r\n", bytes.len())
}
