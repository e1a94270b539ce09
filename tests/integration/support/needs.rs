//! Programs that a test needs beside the Rust toolchain.

use std::process::{Command, Stdio};

/// Whether that program is there. If it isn't, the test is to be skipped.
pub(crate) fn has_program(program: &str, how_to_get_it: &str) -> bool {
    let probe = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = probe.is_ok_and(|status| status.success());
    if !is_there {
        skip(&format!("{program} is missing; get it with: {how_to_get_it}"));
    }
    is_there
}

/// Says loudly why a test is skipped, and how to change that. Where `PROMPTCHAIN_TEST_NO_SKIP` is set, the
/// test fails.
pub(crate) fn skip(reason: &str) {
    let message = format!("SKIPPED: {reason}");
    assert!(std::env::var_os("PROMPTCHAIN_TEST_NO_SKIP").is_none(), "{message}");
    // Past the test harness, which shows only what failing tests say.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{message}\n").as_bytes());
}
