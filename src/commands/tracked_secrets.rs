//! Whether git tracks a file of secrets.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::diagnostic::{Diagnostic, Source};
use crate::rule::Rule;
use crate::settings::EnvFile;

/// How long git may take to look into its index.
const TIME: Duration = Duration::from_secs(2);

/// Variables that would make git look into another repository than that of the file's folder, as in a
/// hook, or take the file's name for a pattern.
const MISLEADING: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// A warning if the secrets of that file are in a repository. Where there is no git, there is none.
pub(super) async fn check(file: Option<&EnvFile>) -> Option<Diagnostic> {
    let file = file.filter(|file| file.has_secrets())?;
    let is_tracked = timeout(TIME, is_tracked(file.path())).await.unwrap_or_default();
    is_tracked.then(|| {
        let message = "git tracks it, and with it the secrets in it";
        let hint = format!(
            "git rm --cached {0}, add it to .gitignore, and replace the secrets",
            file.path().display()
        );
        Diagnostic::new(Rule::EnvFileTracked, Source::File(file.path().to_owned()), message).hint(hint)
    })
}

async fn is_tracked(path: &Path) -> bool {
    let (Some(name), folder) = (path.file_name(), path.parent()) else { return false };
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut git = Command::new("git");
    for name in MISLEADING {
        git.env_remove(name);
    }
    // The repository may be a stranger's, whose settings must not start programs: neither directly nor
    // to fetch what the index lacks.
    let status = git
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_LITERAL_PATHSPECS", "1")
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args(["ls-files", "--error-unmatch", "--"])
        .arg(name)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    status.await.is_ok_and(|status| status.success())
}
