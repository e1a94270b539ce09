//! Runs the binary in an empty folder, with an empty environment, and keeps what it said.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// `promptchain` with these arguments.
pub(crate) fn promptchain(args: &[&str]) -> Command {
    let folder = TempDir::new().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_promptchain"));
    command.env_clear().current_dir(folder.path()).args(args);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    Command { process: command, folder, stdin: Vec::new() }
}

/// A command that hasn't run yet.
pub(crate) struct Command {
    process: std::process::Command,
    folder: TempDir,
    stdin: Vec<u8>,
}

impl Command {
    pub(crate) fn args(&mut self, args: &[&str]) -> &mut Self {
        self.process.args(args);
        self
    }

    pub(crate) fn env(&mut self, name: &str, value: &str) -> &mut Self {
        self.process.env(name, value);
        self
    }

    pub(crate) fn stdin(&mut self, input: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin = input.into();
        self
    }

    /// Writes a file into the folder that the command runs in.
    pub(crate) fn file(&mut self, name: &str, content: impl AsRef<[u8]>) -> &mut Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn arg(&mut self, argument: &std::ffi::OsStr) -> &mut Self {
        self.process.arg(argument);
        self
    }

    /// The folder that it will run in.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs it in a folder that isn't its own.
    pub(crate) fn in_place(&mut self, folder: &std::path::Path) -> &mut Self {
        self.process.current_dir(folder);
        self
    }

    /// Runs it in that folder below its own.
    pub(crate) fn in_folder(mut self, name: &str) -> Self {
        self.process.current_dir(self.folder.path().join(name));
        self
    }

    /// The same, run by another program, which takes it as the last of its arguments.
    pub(crate) fn under(self, program: &[&str]) -> Self {
        let mut process = std::process::Command::new(program[0]);
        process.args(&program[1..]).arg(self.process.get_program()).args(self.process.get_args()).env_clear();
        process.envs(self.process.get_envs().filter_map(|(name, value)| Some((name, value?))));
        process.current_dir(self.process.get_current_dir().unwrap_or(self.folder.path()));
        Self { process, ..self }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ran {
        self.start().finish()
    }

    /// Starts it, and doesn't wait.
    pub(crate) fn start(mut self) -> Started {
        let piped = self.process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.stdin);
        // A thread, because a program that doesn't read would block us. That it doesn't is no fault.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        Started { child, folder: self.folder, writer: Some(writer) }
    }
}

/// A command that is running. Dropped, it is killed.
pub(crate) struct Started {
    child: Child,
    folder: TempDir,
    writer: Option<std::thread::JoinHandle<()>>,
}

impl Started {
    /// Its exit code, if it has ended; -1 after a signal.
    pub(crate) fn has_ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it at once, without another process that would do so later.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Sends it a signal, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own kill: the program isn't everywhere.
        let kill = format!("kill -s {name} {}", self.id());
        let status = std::process::Command::new("sh").args(["-c", &kill]).status();
        assert!(status.unwrap().success());
    }

    /// Its stdout, to be read while it runs.
    pub(crate) fn take_stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().unwrap()
    }

    /// Its stderr, to be read while it runs.
    pub(crate) fn take_stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().unwrap()
    }

    /// Waits for its end; its exit code, or `None` if a signal ended it.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Reads so many bytes of its stdout, then closes its pipe.
    pub(crate) fn read_and_close_stdout(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        self.take_stdout().read_exact(&mut read).unwrap();
        read
    }

    /// Waits for its end without reading what it writes; its exit code, or `None` if a signal ended it.
    pub(crate) fn wait_without_reading(mut self) -> Option<i32> {
        self.wait()
    }

    /// Waits until the process waits for something itself.
    pub(crate) fn wait_until_asleep(&self) {
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
        // A process that is starting sleeps now and then too: only one that stays asleep waits.
        let mut asleep = 0;
        while asleep < 1000 {
            asleep = if state().contains(") S ") { asleep + 1 } else { 0 };
            std::thread::yield_now();
        }
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Ran {
        let mut stderr = self.take_stderr();
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stderr.read_to_end(&mut bytes).unwrap();
            bytes
        });
        let mut stdout = Vec::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_end(&mut stdout).unwrap();
        }
        let status = self.child.wait().unwrap();
        if let Some(writer) = self.writer.take() {
            writer.join().unwrap();
        }
        Ran {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr.join().unwrap()).unwrap(),
            folder: self.folder.path().to_owned(),
            _keep: std::mem::replace(&mut self.folder, TempDir::new().unwrap()),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The folder that it ran in.
    pub(crate) folder: PathBuf,
    _keep: TempDir,
}

impl Ran {
    /// Asserts its exit code; shows all it said if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Asserts that it said nothing on stdout.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Self {
        assert_eq!(self.stdout, "", "stderr: {}", self.stderr);
        self
    }

    /// Asserts that stderr has this in it.
    #[track_caller]
    pub(crate) fn complains(self, about: &str) -> Self {
        assert!(self.stderr.contains(about), "no {about:?} in: {}", self.stderr);
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// The JSON object on stderr's last line.
    #[track_caller]
    pub(crate) fn error_json(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {}", self.stderr))
    }
}
