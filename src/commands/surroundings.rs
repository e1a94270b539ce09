//! What the process finds around it: the environment, and which of its streams are terminals.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;

use crate::cli::ColorWhen;

/// What the process finds around it. Read once, at the edge.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Surroundings {
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether stdin is a terminal.
    pub stdin_is_terminal: bool,
    /// Whether stdout is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether stdout is a pipe: what comes out of its other end may be shown on the same terminal.
    pub stdout_is_pipe: bool,
    /// Whether stderr is a terminal.
    pub stderr_is_terminal: bool,
}

impl Surroundings {
    /// With that environment, and the streams as they are.
    #[must_use]
    pub fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self {
            environment: environment.into_iter().collect(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stdout_is_pipe: stdout_is_pipe(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Whether somebody is there who can be asked: who sees stderr and types on stdin.
    pub(super) fn can_be_asked(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Whether there was a terminal when the process began, and there is none any more.
    pub(super) fn terminal_is_gone(&self) -> bool {
        let was_there = self.stdin_is_terminal || self.stdout_is_terminal || self.stderr_is_terminal;
        let is_there = || {
            std::io::stdin().is_terminal()
                || std::io::stdout().is_terminal()
                || std::io::stderr().is_terminal()
        };
        was_there && !is_there()
    }

    /// Whether stderr is a terminal on which lines can be rewritten.
    pub(super) fn stderr_is_live(&self) -> bool {
        self.stderr_is_terminal && !self.terminal_is_dumb()
    }

    /// Whether what goes to stderr is coloured: as `--color` says; else not with `NO_COLOR`; else with
    /// `FORCE_COLOR`; else on a terminal that can. A variable that is set to nothing counts as unset.
    #[must_use]
    pub fn stderr_has_color(&self, when: Option<ColorWhen>) -> bool {
        self.has_color(when, self.stderr_is_terminal)
    }

    /// The same for what goes to stdout.
    #[must_use]
    pub fn stdout_has_color(&self, when: Option<ColorWhen>) -> bool {
        self.has_color(when, self.stdout_is_terminal)
    }

    fn has_color(&self, when: Option<ColorWhen>, is_terminal: bool) -> bool {
        match when {
            Some(ColorWhen::Always) => true,
            Some(ColorWhen::Never) => false,
            Some(ColorWhen::Auto) | None if self.value("NO_COLOR").is_some() => false,
            Some(ColorWhen::Auto) | None => {
                self.value("FORCE_COLOR").is_some_and(|value| value != "0")
                    || (is_terminal && !self.terminal_is_dumb())
            }
        }
    }

    fn terminal_is_dumb(&self) -> bool {
        self.value("TERM").is_some_and(|term| term == "dumb")
    }

    /// The value of that variable; `None` if it is unset or empty.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        let found = self.environment.iter().find(|(known, _)| known == name)?;
        (!found.1.is_empty()).then_some(&found.1)
    }
}

#[cfg(unix)]
fn stdout_is_pipe() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let file = std::io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn stdout_is_pipe() -> bool {
    !std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_color(environment: &[(&str, &str)], terminal: bool, when: Option<ColorWhen>) -> bool {
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let surroundings = Surroundings {
            environment,
            stdin_is_terminal: terminal,
            stdout_is_terminal: false,
            stdout_is_pipe: false,
            stderr_is_terminal: terminal,
        };
        surroundings.stderr_has_color(when)
    }

    #[test]
    fn the_flag_wins_then_no_color_then_force_color_then_the_terminal() {
        let (no, force) = (("NO_COLOR", "1"), ("FORCE_COLOR", "1"));
        assert!(has_color(&[no], false, Some(ColorWhen::Always)));
        assert!(!has_color(&[force], true, Some(ColorWhen::Never)));
        assert!(!has_color(&[no, force], true, None));
        assert!(!has_color(&[no], true, Some(ColorWhen::Auto)));
        assert!(has_color(&[force], false, None));
        assert!(has_color(&[], true, None));
        assert!(!has_color(&[], false, None));
        assert!(!has_color(&[("TERM", "dumb")], true, None));
    }

    #[test]
    fn a_variable_set_to_nothing_counts_as_unset() {
        assert!(has_color(&[("NO_COLOR", "")], true, None));
        assert!(!has_color(&[("FORCE_COLOR", "")], false, None));
        assert!(!has_color(&[("FORCE_COLOR", "0")], false, None));
    }
}
