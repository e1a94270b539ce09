//! A `.env` with secrets that is tracked by git is warned of.

use std::process::Command;

use super::{found, validate};
use crate::support::has_program;

#[test]
fn a_tracked_env_file_with_secrets_is_warned_of() {
    if !has_program("git", "apt-get install git") {
        return;
    }
    let mut command = validate(&[]);
    command.file(".env", "ANTHROPIC_API_KEY=sk-1\n");
    let folder = command.folder().to_owned();
    let git = |args: &[&str]| {
        let status = Command::new("git").args(args).current_dir(&folder).output().unwrap().status;
        assert!(status.success(), "git {args:?}");
    };
    git(&["init", "-q"]);
    // A repository's own settings start nothing.
    std::fs::write(folder.join("evil.sh"), "#!/bin/sh\ntouch started\n").unwrap();
    git(&["config", "core.fsmonitor", "sh evil.sh"]);
    git(&["-c", "core.fsmonitor=false", "add", "-f", ".env"]);
    std::fs::set_permissions(folder.join(".env"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    assert_eq!(found(command), ["env-file-tracked .env"]);
    assert!(!folder.join("started").exists());
}

#[test]
fn where_git_tracks_nothing_nothing_is_said() {
    let mut command = validate(&[]);
    command.file(".env", "ANTHROPIC_API_KEY=sk-1\n");
    std::fs::set_permissions(
        command.folder().join(".env"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    assert_eq!(found(command), [""; 0]);
}
