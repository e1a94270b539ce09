//! The seeds, which hold a find of every fuzzer, as ordinary tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use super::TARGETS;
use super::mutated::mutated;

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

/// How many changed copies of each seed are tried; `FUZZ_ROUNDS` says how many more times that.
const COPIES: usize = 20;

#[test]
fn what_is_like_a_seed_holds_too() {
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut finds = Vec::new();
    for target in TARGETS {
        let seeds: Vec<Vec<u8>> = names(&folder("seeds").join(target.name))
            .iter()
            .map(|name| std::fs::read(folder("seeds").join(target.name).join(name)).unwrap())
            .collect();
        let mut random = Rng::with_seed(7);
        let copies = seeds.iter().cycle().take(seeds.len() * COPIES * rounds);
        for seed in copies {
            let data = mutated(seed, &seeds[random.usize(0..seeds.len())], &mut random);
            if std::panic::catch_unwind(|| (target.check)(&data)).is_err() {
                finds.push(format!("{}: {:?}", target.name, String::from_utf8_lossy(&data)));
                break;
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
