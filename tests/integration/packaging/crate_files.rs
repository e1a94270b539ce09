//! What `cargo package` and `cargo deb` take.

use std::collections::BTreeSet;
use std::process::Command;

use super::{path, read};

#[test]
fn the_crate_holds_what_it_is_compiled_from_and_installed_with_and_nothing_else() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(path(""));
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8(output.stdout).unwrap();
    let tops: BTreeSet<&str> = list.lines().filter_map(|line| line.split('/').next()).collect();
    let expected = [
        ".cargo_vcs_info.json",
        ".env.example",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE",
        "README.md",
        "completions",
        "man",
        "prompts",
        "src",
    ];
    // The first is made where there is a repository.
    let found: Vec<&str> = tops.into_iter().filter(|it| *it != expected[0]).collect();
    assert_eq!(found, expected[1..]);
    assert!(!["/tests/", "private.pem", "fuzz"].iter().any(|it| list.contains(it)), "{list}");
    for needed in
        ["src/model/models.toml", "src/server/pages/playground/index.html", "prompts/chain_worker.md"]
    {
        assert!(list.lines().any(|line| line == needed), "{needed}");
    }
}

#[test]
fn what_the_debian_package_is_made_of_exists() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let mut targets = BTreeSet::new();
    for asset in deb["assets"].as_array().unwrap() {
        let [source, target] = [0, 1].map(|at| asset[at].as_str().unwrap());
        targets.insert(target);
        if let Some((folder, pattern)) = source.rsplit_once('/').filter(|_| source.contains('*')) {
            let ending = pattern.trim_start_matches('*');
            let mut files = std::fs::read_dir(path(folder)).unwrap();
            assert!(files.any(|it| it.unwrap().file_name().to_str().unwrap().ends_with(ending)), "{source}");
        } else if source != "target/release/promptchain" {
            assert!(path(source).is_file(), "{source}");
        }
    }
    for conffile in deb["conf-files"].as_array().unwrap() {
        let conffile = conffile.as_str().unwrap();
        assert!(targets.contains(conffile.trim_start_matches('/')), "{conffile}");
        assert!(read(super::UNIT).contains(conffile), "the unit reads {conffile}");
    }
}
