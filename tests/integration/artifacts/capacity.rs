//! The tables of `docs/capacity.md` are what `docs/capacity.py` computes.

use std::collections::BTreeMap;
use std::process::Command;

use super::{check_table, read, repository};
use crate::support::has_program;

const PAGE: &str = "docs/capacity.md";

/// What the script prints with these arguments: the names of its tables, and the tables.
fn tables(arguments: &[&str]) -> Vec<(String, String)> {
    let mut script = Command::new("python3");
    let output = script.arg(repository().join("docs/capacity.py")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let parts = text.split("## ").skip(1).map(|part| part.split_once("\n\n").unwrap());
    parts.map(|(name, table)| (name.to_owned(), table.trim_end().to_owned())).collect()
}

#[test]
fn the_page_on_capacity_has_the_tables_that_its_script_computes_and_no_others() {
    if !has_program("python3", "apt-get install python3") {
        return;
    }
    let fresh = tables(&[]);
    for (name, table) in &fresh {
        check_table(PAGE, name, &format!("\n{table}\n"));
    }
    assert_eq!(read(PAGE).matches("<!-- end of ").count(), fresh.len());
}

#[test]
fn figures_of_ones_own_are_what_the_script_computes_with() {
    if !has_program("python3", "apt-get install python3") {
        return;
    }
    let few = ["--concurrent", "100", "--places", "100"];
    let own = [
        "--cpu-ms-per-chain",
        "3.2",
        "--cpu-us-per-delta",
        "0",
        "--requests-per-minute",
        "7",
        "--duration-sigma",
        "2",
    ];
    let (usual, with_own): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (tables(&few).into_iter().collect(), tables(&[few.as_slice(), &own].concat()).into_iter().collect());
    assert!(with_own["inputs"].contains("| `--duration-sigma` | 2 | yours |"));
    assert!(usual["inputs"].contains("| `--duration-sigma` | 0.5 | assumed |"));
    assert!(with_own["one core"].contains("| each delta by itself | 3.2 | 100 % | 312 |"));
    assert!(with_own["upstream limits"].contains("the example's 7, times"));
    assert_ne!(with_own["balancing"], usual["balancing"], "it is simulated with those durations");
}
