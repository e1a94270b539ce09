//! Whether other users of the machine can read the secrets of a `.env` file.

use crate::diagnostic::Diagnostic;
use crate::settings::EnvFile;

/// A warning if they can.
#[cfg(unix)]
pub(super) fn check(file: &EnvFile) -> Option<Diagnostic> {
    use std::os::unix::fs::PermissionsExt;

    use crate::diagnostic::Source;
    use crate::rule::Rule;

    /// The permissions of the group and of everybody else to read.
    const READ_BY_OTHERS: u32 = 0o044;

    let mode = std::fs::metadata(file.path()).ok()?.permissions().mode();
    if mode & READ_BY_OTHERS == 0 || !file.has_secrets() {
        return None;
    }
    let message = format!("other users can read the secrets in it (mode {:04o})", mode & 0o7777);
    let problem = Diagnostic::new(Rule::EnvFileReadable, Source::File(file.path().to_owned()), message);
    Some(problem.hint(format!("chmod 600 {}", file.path().display())))
}

/// Where there are other kinds of permissions, nothing is said of them.
#[cfg(not(unix))]
pub(super) fn check(_file: &EnvFile) -> Option<Diagnostic> {
    None
}
