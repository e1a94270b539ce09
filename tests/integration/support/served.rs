//! `promptchain serve` as a process, and those who ask it for something.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::ChildStdout;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Command, Connection, Request, Response, ServerLog, Started, promptchain};

/// What tokens are signed with.
pub(crate) const SECRET: &str = "b7c1e5a90f2d48636a1e0d9c5f7b3a28";

static TOKEN: LazyLock<String> = LazyLock::new(|| token_for("tester", SECRET));

/// A token that `promptchain token` makes.
pub(crate) fn token_for(subject: &str, secret: &str) -> String {
    let mut command = promptchain(&["-q", "token", "--subject", subject]);
    command.env("JWT_SECRET_KEY", secret);
    command.run().exits(0).stdout.trim().to_owned()
}

/// A server that listens. Dropped, it is killed.
pub(crate) struct Served {
    started: Started,
    stdout: BufReader<ChildStdout>,
    log: ServerLog,
    address: SocketAddr,
}

/// A server that has ended.
pub(crate) struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it wrote to stdout after its address.
    pub(crate) stdout: String,
    pub(crate) log: ServerLog,
}

/// A command that serves on a free port. Rates aren't limited: that would hinder tests that are about
/// something else.
pub(crate) fn serve(environment: &[(&str, &str)]) -> Command {
    let mut command = promptchain(&["serve", "--port", "0"]);
    command
        .env("JWT_SECRET_KEY", SECRET)
        .env("RETRY_EXPONENTIAL_MULTIPLIER", "0.5")
        .env("RATE_LIMIT_ENABLED", "false");
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

impl Served {
    /// Starts it, and waits until it listens.
    #[track_caller]
    pub(crate) fn start(command: Command) -> Self {
        let mut started = command.start();
        let log = ServerLog::follow(started.take_stderr());
        let mut stdout = BufReader::new(started.take_stdout());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address: {line}\n{}", log.whole_text()));
        Self { started, stdout, log, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn log(&self) -> &ServerLog {
        &self.log
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.started.id()
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    /// Asks over a connection of its own.
    #[track_caller]
    pub(crate) fn ask(&self, request: &Request) -> Response {
        self.connect().ask(request)
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Response {
        self.ask(&Request::get(path))
    }

    /// Sends it a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        self.started.signal(name);
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Ended {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        Ended { code: self.started.wait(), stdout, log: self.log.clone() }
    }
}

impl Ended {
    /// Asserts its exit code, and that it wrote nothing but its address to stdout.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.log.whole_text());
        assert_eq!(self.stdout, "");
        self
    }
}

/// A request for a chat completion, by somebody who may.
pub(crate) fn chat(stream: bool) -> Request {
    chat_by(&TOKEN, &question("Say hello to the world", stream))
}

/// The same with that token and body.
pub(crate) fn chat_by(token: &str, body: &Value) -> Request {
    Request::post("/v1/chat/completions").by(token).json(body)
}

/// The body of a request.
pub(crate) fn question(text: &str, stream: bool) -> Value {
    json!({"model": "prompt-chaining", "messages": [{"role": "user", "content": text}], "stream": stream})
}

/// A request for the list of models, by somebody who may.
pub(crate) fn models() -> Request {
    Request::get("/v1/models").by(&TOKEN)
}

/// A good token.
pub(crate) fn token() -> &'static str {
    &TOKEN
}
