//! The matrix of faults: every fault of the simulator, in every step, as a user of `run` and clients of
//! `serve` meet it. What is seen is held against what was promised, and stands in `docs/faults.md`.

mod books;
mod cell;
mod page;
mod play;
mod promise;
mod row;
mod rules;
mod seen;

use std::path::Path;

/// The least number of cells that is worth the name.
const LEAST_CELLS: usize = 150;

#[test]
fn every_fault_in_every_step_does_what_was_promised_and_what_the_page_says() {
    let cells = cell::all();
    assert!(cells.len() >= LEAST_CELLS, "{} cells", cells.len());
    let (usual, seen) = play::play(&cells);
    let broken: Vec<String> =
        cells.iter().zip(&seen).flat_map(|(cell, seen)| rules::broken(cell, seen, &usual)).collect();
    assert!(broken.is_empty(), "{} rules are broken:\n{}", broken.len(), broken.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let page = page::page(&cells, &seen);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, page).unwrap();
    } else {
        let written = std::fs::read_to_string(path).unwrap_or_default();
        let differs = page.lines().zip(written.lines()).find(|(now, then)| now != then);
        assert!(page == written, "docs/faults.md is stale; run: UPDATE=1 cargo test faults\n{differs:#?}");
    }
}
