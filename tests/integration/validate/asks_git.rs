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

/// Of a sparse repository that lacks a part, git would fetch that by whatever program it names.
#[test]
fn a_repository_that_lacks_a_part_starts_nothing_to_fetch_it() {
    if !has_program("git", "apt-get install git") {
        return;
    }
    let mut command = validate(&[]);
    command.file(".env", "ANTHROPIC_API_KEY=sk-1\n").file("in/x", "x").file("out/y", "y");
    let folder = command.folder().to_owned();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@host.example"];
        let output = Command::new("git").args(identity).args(args).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "."]);
    git(&["commit", "-q", "-m", "All"]);
    let lacking = git(&["rev-parse", "HEAD:out"]);
    git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    let (start, rest) = lacking.split_at(2);
    std::fs::remove_file(folder.join(".git/objects").join(start).join(rest)).unwrap();
    for (name, value) in [
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", folder.join("nothing").to_str().unwrap()),
        ("remote.origin.uploadpack", "touch started; false"),
    ] {
        git(&["config", name, value]);
    }
    command.run().exits(0);
    assert!(!folder.join("started").exists());
}

/// What `git ls-files --error-unmatch` would take for a pattern that fits a tracked file.
#[test]
fn a_file_beside_a_tracked_one_is_not_taken_for_it() {
    if !has_program("git", "apt-get install git") {
        return;
    }
    let mut command = validate(&["prod[1].env"]);
    command.file("prod[1].env", "ANTHROPIC_API_KEY=sk-1\n").file("prod1.env", "ANTHROPIC_API_KEY=sk-1\n");
    let folder = command.folder().to_owned();
    for args in [&["init", "-q"][..], &["add", "-f", "prod1.env"]] {
        assert!(Command::new("git").args(args).current_dir(&folder).status().unwrap().success());
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("prod[1].env"), mode).unwrap();
    assert_eq!(found(command), [""; 0]);
}

/// A `GIT_DIR` as git sets it for hooks, of another repository.
#[test]
fn the_repository_of_the_file_is_asked_and_not_that_of_the_environment() {
    if !has_program("git", "apt-get install git") {
        return;
    }
    let mut command = validate(&["here/prod.env"]);
    command.file("here/prod.env", "ANTHROPIC_API_KEY=sk-1\n").file("other/x", "x");
    let folder = command.folder().to_owned();
    for (at, args) in
        [("other", &["init", "-q"][..]), ("here", &["init", "-q"]), ("here", &["add", "-f", "prod.env"])]
    {
        assert!(Command::new("git").args(args).current_dir(folder.join(at)).status().unwrap().success());
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("here/prod.env"), mode).unwrap();
    command.env("GIT_DIR", folder.join("other/.git").to_str().unwrap());
    assert_eq!(found(command), ["env-file-tracked here/prod.env"]);
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
