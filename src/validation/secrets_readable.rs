//! Whether other users of the machine can read the files that secrets are in.

use crate::diagnostic::Diagnostic;
use crate::settings::{Demands, Settings, Sources};

/// The variables that name a file with a secret in it.
#[cfg(unix)]
const FILES: [&str; 3] = ["JWT_SECRET_KEY_FILE", "ANTHROPIC_API_KEY_FILE", "CHECKPOINT_KEY_FILE"];

/// A warning of each file that they can. Where something is served for real, none of the files that hold a
/// secret alone: those of containers can be read by all in there, and aren't the operator's to change.
#[cfg(unix)]
pub(super) fn check(settings: &Settings, sources: &Sources, demands: Demands) -> Vec<Diagnostic> {
    use std::path::Path;

    use crate::diagnostic::Source;
    use crate::rule::Rule;

    const RULE: Rule = Rule::SecretsReadable;

    let env_file = sources.env_file.as_ref().filter(|file| file.has_secrets()).and_then(|file| {
        let mode = mode_for_others(file.path())?;
        let message = format!("other users can read the secrets in it (mode {mode:04o})");
        let problem = Diagnostic::new(RULE, Source::File(file.path().to_owned()), message);
        Some(problem.hint(format!("chmod 600 {}", file.path().display())))
    });
    let files = if demands == Demands::Serving { &[][..] } else { &FILES };
    let named = files.iter().filter_map(|name| {
        let path = settings.value(name)?.value.as_deref()?;
        let mode = mode_for_others(Path::new(path))?;
        let said = settings.diagnostic_about(sources, &[], RULE, name);
        let message = format!("{}other users can read the secret in it (mode {mode:04o})", said.message);
        Some(Diagnostic { message, ..said }.hint(format!("chmod 600 {path}")))
    });
    env_file.into_iter().chain(named).collect()
}

/// The permissions of the file, if the group or everybody else can read it.
#[cfg(unix)]
fn mode_for_others(path: &std::path::Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o044 != 0).then_some(mode & 0o7777)
}

/// Where there are other kinds of permissions, nothing is said of them.
#[cfg(not(unix))]
pub(super) fn check(_settings: &Settings, _sources: &Sources, _demands: Demands) -> Vec<Diagnostic> {
    Vec::new()
}
