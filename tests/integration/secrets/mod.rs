//! Who gets to see what. Every secret is a canary, and every byte that leaves the program is looked through
//! for all of them: streams, files, pushed lines, spans, metrics, responses, and what is sent upstream. A test
//! says which of them may be where, and fails for one that is anywhere else, as for one that isn't where it
//! belongs.

mod at_rest;
mod canary;
mod commands;
mod quoted_back;
mod redirects;
mod server;
mod upstream_requests;

use std::path::Path;

use canary::{Canary, all, of, sightings};

/// Variables that have other programs tell more than they should.
const TALKATIVE: [(&str, &str); 3] =
    [("LOG_LEVEL", "DEBUG"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")];

/// The files below a folder, each with its name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// All files below a folder, names and contents, as one.
fn whole_folder(folder: &Path) -> Vec<u8> {
    files(folder).into_iter().flat_map(|(name, content)| [name.into_bytes(), content].concat()).collect()
}
