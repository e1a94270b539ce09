//! `promptchain serve` as a process.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use super::SECRET;

/// A server that listens. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// A command that serves on a free port, with nothing in its environment but what it needs to.
    pub(crate) fn command(upstream: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptchain"));
        command
            .args(["serve", "--port", "0"])
            .env_clear()
            .env("ANTHROPIC_BASE_URL", upstream)
            .env("JWT_SECRET_KEY", SECRET);
        command
    }

    /// Starts it, and waits until it listens. `read` is what becomes of its log, in a thread of its own.
    pub(crate) fn start(
        command: &mut Command,
        read: impl FnOnce(ChildStderr) + Send + 'static,
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("no stderr")?;
        std::thread::spawn(move || read(stderr));
        let mut url = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut url)?;
        if url.is_empty() {
            return Err(format!("the server doesn't start: {}", child.wait()?).into());
        }
        Ok(Self { child, url: url.trim().to_owned() })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let name = format!("-{name}");
        Command::new("kill").args([name.as_str(), &self.id().to_string()]).status().map(drop)
    }

    /// Has it drain, and waits for its end.
    pub(crate) fn stop(mut self) -> io::Result<ExitStatus> {
        self.signal("TERM")?;
        self.child.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Takes what a server writes, and keeps nothing.
pub(crate) fn discard(mut stderr: ChildStderr) {
    let mut buffer = vec![0; 64 * 1024];
    while stderr.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> io::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
