//! A run at a terminal: a pseudo-terminal of 80 columns.

use std::io::{Read, Write};
use std::sync::mpsc;

use indicatif::{InMemoryTerm, TermLike};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::Upstream;

/// What came of a command at a terminal.
struct AtTerminal {
    code: u32,
    screen: String,
}

impl AtTerminal {
    /// What can be seen on the terminal in the end.
    fn seen(&self) -> String {
        let term = InMemoryTerm::new(24, 80);
        term.write_str(&self.screen).unwrap();
        term.contents()
    }
}

/// Runs `promptchain` at a terminal; `typed` is typed once the live lines are there.
fn at_terminal(upstream: &Upstream, args: &[&str], typed: &[u8]) -> AtTerminal {
    let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_promptchain"));
    command.env_clear();
    command.env("TERM", "xterm");
    command.env("ANTHROPIC_BASE_URL", upstream.base_url());
    command.cwd(std::env::temp_dir());
    command.args(args);
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (shown, chunks) = mpsc::channel();
    let reading = std::thread::spawn(move || {
        let mut bytes = [0; 1024];
        // On Linux a terminal whose last user has gone ends in an error instead of an end of file.
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            shown.send(bytes[..count].to_vec()).unwrap();
        }
    });
    let mut screen = Vec::new();
    // It types an end of file when it is dropped.
    let mut keyboard = pair.master.take_writer().unwrap();
    if !typed.is_empty() {
        upstream.wait_for(|calls| !calls.is_empty());
        for chunk in chunks.iter().take(20) {
            screen.extend(chunk);
            // So ends a redraw.
            if screen.ends_with(b" \r") {
                break;
            }
        }
        keyboard.write_all(typed).unwrap();
    }
    let code = child.wait().unwrap().exit_code();
    drop((keyboard, pair.master));
    reading.join().unwrap();
    screen.extend(chunks.iter().flatten());
    let screen = String::from_utf8_lossy(&screen).into_owned();
    AtTerminal { code, screen }
}

#[test]
fn three_live_lines_show_the_steps_and_the_text_stands_whole_between_them_and_the_total() {
    let upstream = Upstream::good();
    let ran = at_terminal(&upstream, &["run", "Say hello to the world"], b"");
    assert_eq!(ran.code, 0, "{}", ran.screen);
    for word in ["analyze", "process", "synthesize", "confidence", "total"] {
        assert!(ran.screen.contains(word), "no {word}: {}", ran.screen);
    }
    let text = ran.screen.find("# Say hello to the world").expect("the text isn't torn");
    assert!(text < ran.screen.rfind("total").unwrap(), "{}", ran.screen);
    assert!(ran.screen.contains("\u{1b}[32m"), "colours: {:?}", ran.screen);
}

#[test]
fn colours_can_be_switched_off_and_quiet_leaves_only_the_text() {
    let upstream = Upstream::good();
    let plain = at_terminal(&upstream, &["run", "--color", "never", "hello"], b"");
    assert!(!plain.screen.contains("\u{1b}[32m"), "{:?}", plain.screen);
    let quiet = at_terminal(&upstream, &["run", "-q", "hello"], b"");
    assert!(quiet.screen.starts_with("# ") && !quiet.screen.contains('\u{1b}'), "{:?}", quiet.screen);
}

#[test]
fn ctrl_c_ends_the_run_and_tells_what_was_spent() {
    let upstream = Upstream::with_faults(&["analyze:hang-mid-reply"]);
    let ran = at_terminal(&upstream, &["run", "hello"], b"\x03");
    assert_eq!(ran.code, 130, "{}", ran.screen);
    let seen = ran.seen();
    assert!(seen.starts_with("✗ analyze") && seen.contains("interrupted"), "{seen}");
    for once in ["analyze", "total"] {
        assert_eq!(seen.matches(once).count(), 1, "live lines are left: {seen}");
    }
}

#[test]
fn without_a_prompt_at_a_terminal_there_is_help_and_no_call() {
    let upstream = Upstream::good();
    let ran = at_terminal(&upstream, &["run"], b"");
    assert_eq!(ran.code, 2);
    assert!(ran.screen.contains("Usage: promptchain run"), "{}", ran.screen);
    assert!(upstream.calls().is_empty());
}
