//! Reads lines from the terminal, shown or hidden, and leaves the terminal as it was. Says nothing but what
//! is typed.

use std::io;

use console::Term;

use super::line::{Line, Typed};
use crate::commands::stderr;

/// The keyboard as ours: as long as this lives, the terminal shows nothing by itself, and keys such as
/// Ctrl-C are read rather than obeyed. [`Term::read_key_raw`] alone does that only while it waits: what
/// arrives between two keys, as of a key that is pasted, would be shown.
pub(super) struct Keyboard {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Keyboard {
    /// Before the first question: what is typed ahead of it must not be shown either.
    #[cfg(unix)]
    pub(super) fn take() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin())?;
        let mut ours = before.clone();
        ours.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(io::stdin(), OptionalActions::Now, &ours)?;
        Ok(Self { before })
    }

    #[cfg(not(unix))]
    pub(super) fn take() -> io::Result<Self> {
        Ok(Self {})
    }
}

#[cfg(unix)]
impl Drop for Keyboard {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // What was typed beyond the answers, the rest of a pasted key perhaps, isn't for the shell. If it
        // fails, the terminal is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

/// Waits for a line. To be called while there is a [`Keyboard`], from a thread that may block.
pub(super) fn read_line(mut line: Line) -> Typed {
    let term = Term::stderr();
    loop {
        // What can't be read has ended: the terminal is gone.
        let Ok(key) = term.read_key_raw() else { return Typed::End };
        let (shown, typed) = line.press(&key);
        stderr::write(&shown);
        if let Some(typed) = typed {
            return typed;
        }
    }
}
