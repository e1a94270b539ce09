//! A terminal that is closed sends SIGHUP too, and means something else by it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::support::SECRET;

#[test]
fn a_server_whose_terminal_is_closed_drains_and_ends() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(path("address")).status().unwrap().success());
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut shell = CommandBuilder::new("/bin/sh");
    // Only stdin is the terminal, as where the log goes to a file.
    let script =
        format!("exec {} serve --offline --port 0 > address 2> log", env!("CARGO_BIN_EXE_promptchain"));
    shell.args(["-c", &script]);
    shell.cwd(folder.path());
    shell.env_clear();
    shell.env("JWT_SECRET_KEY", SECRET);
    let mut child = pair.slave.spawn_command(shell).unwrap();
    drop(pair.slave);
    let mut address = String::new();
    let mut stdout = BufReader::new(File::open(path("address")).unwrap());
    stdout.read_line(&mut address).unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    drop(pair.master);
    let code = child.wait().unwrap().exit_code();
    let log = fs::read_to_string(path("log")).unwrap();
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("The terminal has been closed") && log.contains("Stopped"), "{log}");
    assert!(!log.contains("Configuration reload"), "{log}");
}
