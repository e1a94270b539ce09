//! An HTTP server that answers each request as a test has it, and keeps what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Request line and headers, each with its line break.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The value of the header with that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The headers, their names in lower case.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (String, &str)> {
        let header = |line: &'_ str| line.split_once(':').map(|(name, _)| name.to_ascii_lowercase());
        self.head
            .lines()
            .skip(1)
            .filter_map(move |line| Some((header(line)?, line.split_once(':')?.1.trim())))
    }
}

/// An HTTP server. It ends with the test's process.
pub(crate) struct Answering {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Answering {
    /// `answer` makes a status line with headers, without the last line break, and a body.
    pub(crate) fn with(answer: impl Fn(&Asked) -> (String, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let (asked, answer) = (Arc::clone(&server.asked), Arc::new(answer));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (asked, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                thread::spawn(move || serve(&client, &asked, &*answer));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut client: &TcpStream, asked: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> (String, String)) {
    let mut reader = BufReader::new(client);
    while let Some(request) = next(&mut reader) {
        asked.lock().unwrap().push(request.clone());
        let (head, body) = answer(&request);
        let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if client.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn next(reader: &mut impl BufRead) -> Option<Asked> {
    let mut head = String::new();
    loop {
        let before = head.len();
        reader.read_line(&mut head).ok().filter(|read| *read > 0)?;
        if &head[before..] == "\r\n" {
            head.truncate(before);
            break;
        }
    }
    let mut asked = Asked { head, body: Vec::new() };
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body.resize(length, 0);
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}
