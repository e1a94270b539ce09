//! What the program is installed and run with: each file is read by the tool that it is for, says only what is
//! true of the program, and does what it should, where that can be tried without a container engine.

mod crate_files;
mod linted;
mod named;
mod nginx;
mod probe;
mod proxied;
mod rolling;
mod started;

use std::path::{Path, PathBuf};

use nginx::Nginx;

const UNIT: &str = "deploy/systemd/promptchain.service";
const UNIT_SETTINGS: &str = "deploy/systemd/promptchain.env";
const COMPOSE: &str = "deploy/compose.yaml";
const CONFIG_MAP: &str = "deploy/kubernetes/configmap.yaml";
const DEPLOYMENT: &str = "deploy/kubernetes/deployment.yaml";
const RELEASE: &str = ".github/workflows/release.yml";
const DEPENDENCIES: &str = ".github/workflows/dependencies.yml";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The names of the files below a folder, as they stand in the repository.
fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&name));
        } else {
            files.push(name);
        }
    }
    files.sort();
    files
}

/// The files that tell the program how to run, and those who run it.
fn packaging() -> Vec<String> {
    let mut files: Vec<String> = ["docker", "compose", "kubernetes", "nginx", "systemd"]
        .iter()
        .flat_map(|folder| files_below(&format!("deploy/{folder}")))
        .collect();
    assert!(files.len() > 14, "they are found: {files:?}");
    files.extend([COMPOSE, "Dockerfile", RELEASE, "docs/packaging.md"].map(str::to_owned));
    files
}

/// The number after the only place where `key` stands in a file.
#[track_caller]
fn number_after(file: &str, key: &str) -> u64 {
    let text = read(file);
    let found: Vec<&str> = text.split(key).skip(1).collect();
    assert_eq!(found.len(), 1, "{key} in {file}");
    let digits: String = found[0].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|error| panic!("{error}: {key} in {file}"))
}
