//! `promptchain serve` in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Upstream, promptchain};

/// What tokens are signed with.
const SECRET: &str = "9f0c1d7be4a2653880d16eac39f7b25471ce08da6bf3925e";

/// A server. Dropped, it is killed.
pub(super) struct Server {
    process: Child,
    url: String,
    token: String,
    folder: TempDir,
}

impl Server {
    /// A server that calls that simulator, with these further variables. Nothing is limited, unless a
    /// variable says so.
    pub(super) fn start(upstream: &Upstream, environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_promptchain"))
            .env_clear()
            .current_dir(folder.path())
            .args(["serve", "--port", "0"])
            .env("ANTHROPIC_BASE_URL", upstream.base_url())
            .env("JWT_SECRET_KEY", SECRET)
            .env("RATE_LIMIT_ENABLED", "false")
            .env("RETRY_EXPONENTIAL_MULTIPLIER", "0.5")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let mut server = Self { process, url: url.trim().to_owned(), token: String::new(), folder };
        assert!(server.url.starts_with("http://"), "it doesn't listen: {}", server.log());
        server.token = token(&["--expires-in", "1h"]);
        server
    }

    /// The same with a token that `promptchain token` makes with these arguments.
    pub(super) fn with_token(mut self, args: &[&str]) -> Self {
        self.token = token(args);
        self
    }

    /// What a script is told of it.
    pub(super) fn described(&self) -> Value {
        json!({"url": self.url, "token": self.token, "secret": SECRET, "log": self.log_file()})
    }

    /// What it has logged.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A token that `promptchain token` makes.
fn token(args: &[&str]) -> String {
    let mut command = promptchain(&["-q", "token", "--subject", "a client"]);
    command.args(args).env("JWT_SECRET_KEY", SECRET);
    command.run().exits(0).stdout.trim().to_owned()
}
