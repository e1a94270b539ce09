//! The seeds, which hold a find of every fuzzer, as ordinary tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::TARGETS;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// The names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn whatever_the_seeds_hold_every_reader_keeps_its_word() {
    let mut finds = Vec::new();
    for target in TARGETS {
        let seeds = folder("seeds").join(target.name);
        let names = names(&seeds);
        assert!(names.len() > 2, "{} has seeds", target.name);
        for name in names {
            let data = std::fs::read(seeds.join(&name)).unwrap();
            if std::panic::catch_unwind(|| (target.check)(&data)).is_err() {
                finds.push(format!("fuzz/seeds/{}/{name}", target.name));
            }
        }
    }
    assert!(finds.is_empty(), "{finds:#?}: what is wrong with each stands above");
}

#[test]
fn every_check_has_a_fuzzer_and_seeds_and_there_are_no_others() {
    let checks: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&folder("seeds")), checks);
    let fuzzers = names(&folder("fuzz_targets"));
    assert_eq!(fuzzers, checks.iter().map(|name| format!("{name}.rs")).collect());
    let manifest = std::fs::read_to_string(folder("Cargo.toml")).unwrap();
    for name in &checks {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is built");
        let fuzzer = std::fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(fuzzer.contains(&format!("check(\"{name}\", data)")), "{name} runs its own check");
    }
}
