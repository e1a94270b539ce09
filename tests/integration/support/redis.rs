//! A Redis of the test's own, on a free port, in a folder of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{ServerLog, has_program};

/// How to get what the tests need.
const HOW_TO_GET_IT: &str = "apt-get install redis-server";

/// A Redis. Dropped, it ends.
pub(crate) struct Redis {
    child: Child,
    log: ServerLog,
    folder: TempDir,
    port: u16,
    args: Vec<String>,
}

/// Whether there is one here. If there isn't, the test is to be skipped.
pub(crate) fn has_redis() -> bool {
    has_program("redis-server", HOW_TO_GET_IT) && has_program("redis-cli", HOW_TO_GET_IT)
}

/// A port on which nobody listens, nor on the one beside it that a cluster's nodes talk over.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

impl Redis {
    /// One that listens.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_on(free_port(), args)
    }

    /// One that listens on that port.
    pub(crate) fn start_on(port: u16, args: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let (child, log) = spawn(folder.path(), port, &args);
        Self { child, log, folder, port, args }
    }

    /// Waits until it has said that.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&self, words: &str) {
        self.log.wait_for_words(words);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its URL, without user name and password.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` says to that.
    #[track_caller]
    pub(crate) fn cli(&self, args: &[&str]) -> String {
        let output =
            Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Sends it a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it anew on the same port, with nothing in it.
    pub(crate) fn start_again(&mut self) {
        (self.child, self.log) = spawn(self.folder.path(), self.port, &self.args);
    }
}

/// It listens.
fn spawn(folder: &Path, port: u16, args: &[String]) -> (Child, ServerLog) {
    // A TLS port takes the place of the other.
    let port_name = if args.iter().any(|arg| arg == "--tls-cert-file") { "--tls-port" } else { "--port" };
    let mut command = Command::new("redis-server");
    if port_name == "--tls-port" {
        command.args(["--port", "0"]);
    }
    command
        .args([port_name, &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(args)
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let log = ServerLog::follow(child.stdout.take().unwrap());
    log.wait_for_words("Ready to accept connections");
    (child, log)
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
