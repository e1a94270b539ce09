//! Runs a script of `tests/clients/` against servers, and shows all there is to know if it fails.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::server::Server;
use crate::support::python;

/// Runs that script; it knows the servers by these names. Where there is no Python for it, it is skipped:
/// `false`.
pub(super) fn passes(script: &str, servers: &[(&str, &Server)]) -> bool {
    let Some(python) = python() else { return false };
    let described: Value =
        servers.iter().map(|(name, server)| ((*name).to_owned(), server.described())).collect();
    let home = TempDir::new().unwrap();
    let mut command = Command::new(python);
    // Without what the tester's environment says of proxies, keys and the like.
    command.env_clear().env("HOME", home.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(update) = std::env::var_os("UPDATE") {
        command.env("UPDATE", update);
    }
    command.env("SCREENSHOTS", Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots"));
    command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script));
    let ran = command.arg(described.to_string()).output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let logs = || servers.iter().map(|(name, server)| format!("--- the log of {name}\n{}", server.log()));
    // What went wrong comes last, where it is seen.
    assert!(ran.status.success(), "\n{}--- {script}: {}\n{said}", logs().collect::<String>(), ran.status);
    true
}
