//! `token inspect` at a terminal.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::SECRET;

#[test]
fn without_a_token_at_a_terminal_it_says_what_is_missing_instead_of_waiting() {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_promptchain"));
    command.env_clear();
    command.env("JWT_SECRET_KEY", SECRET);
    command.cwd(std::env::temp_dir());
    command.args(["token", "inspect"]);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let reading = std::thread::spawn(move || {
        let mut shown = Vec::new();
        // On Linux a terminal whose last user has gone ends in an error instead of an end of file.
        let _ = reader.read_to_end(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    });
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let code = child.wait().unwrap().exit_code();
    drop(pair.master);
    let shown = reading.join().unwrap();
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("there is no token to inspect") && shown.contains("hint:"), "{shown}");
}
