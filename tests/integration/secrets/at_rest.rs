//! What other processes of the machine can see of one that holds keys.

use super::{all, of};
use crate::support::{Served, Upstream, serve};

#[cfg(target_os = "linux")]
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
#[cfg(target_os = "linux")]
#[test]
fn another_process_of_the_same_user_cannot_read_its_environment() {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    let owner = |id: u32| std::fs::metadata(format!("/proc/{id}/environ")).unwrap().uid();
    if owner(std::process::id()) != 0 {
        return crate::support::skip("only root can be somebody else; run the tests as root");
    }
    const NOBODY: u32 = 65_534;
    let folder = tempfile::TempDir::new().unwrap();
    let binary = folder.path().join("promptchain");
    std::fs::copy(env!("CARGO_BIN_EXE_promptchain"), &binary).unwrap();
    for path in [folder.path(), &binary] {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut command = std::process::Command::new(&binary);
    command
        .args(["simulate", "--port", "0"])
        .uid(NOBODY)
        .env_clear()
        .current_dir("/")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    let (uid, owned_by) =
        (std::fs::metadata(format!("/proc/{}", child.id())).unwrap().uid(), owner(child.id()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("http://"), "it runs: {line}");
    assert_eq!((uid, owned_by), (0, 0), "what shows memory belongs to root alone");
}
