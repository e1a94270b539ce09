//! What other processes of the machine can see of one that holds keys.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use super::{all, of};
use crate::support::{Connection, Metrics, Request, SECRET, Served, Upstream, serve, skip, token};

/// A user who may do nothing in particular.
const NOBODY: u32 = 65_534;

#[test]
fn a_process_has_no_key_among_its_arguments_and_leaves_no_memory_behind() {
    let upstream = Upstream::good();
    let mut command = serve(&[("ANTHROPIC_BASE_URL", upstream.base_url().as_str())]);
    command.env("ANTHROPIC_API_KEY", &of::api_key().value).env("JWT_SECRET_KEY", &of::jwt_secret().value);
    let served = Served::start(command);
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", served.id())).unwrap();
    for name in ["cmdline", "comm", "status"] {
        assert!(!all().iter().any(|canary| canary.is_in(&read(name))), "{name}");
    }
    let limits = String::from_utf8(read("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let core: Vec<&str> = core.split_whitespace().skip(4).collect();
    assert_eq!(core, ["0", "0", "bytes"], "no core is written: {limits}");
}

/// Where one process of a user's may look into another at all, it can't look into this one.
#[test]
fn another_process_of_the_same_user_cannot_read_its_environment() {
    let owner = |id: u32| std::fs::metadata(format!("/proc/{id}/environ")).unwrap().uid();
    if owner(std::process::id()) != 0 {
        return skip("only root can be somebody else; run the tests as root");
    }
    let folder = tempfile::TempDir::new().unwrap();
    let binary = folder.path().join("promptchain");
    // By another process: were it written by this one, the file would be busy while another test starts something.
    let copied =
        std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_promptchain")).arg(&binary).status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(&binary);
    command
        .args(["serve", "--offline", "--port", "0"])
        .uid(NOBODY)
        .env_clear()
        .env("JWT_SECRET_KEY", SECRET)
        .current_dir("/")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let runs_as = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next());
    let uids = (runs_as.unwrap().parse().unwrap(), owner(child.id()));
    let address = line.trim().strip_prefix("http://").map(|address| address.parse().unwrap());
    let metrics = Connection::to(address.unwrap()).ask(&Request::get("/metrics").by(token()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(uids, (NOBODY, 0), "what shows memory belongs to root alone");
    assert!(Metrics::read(&metrics).sum("process_open_fds", "") > 0.0, "it still counts its own files");
}
