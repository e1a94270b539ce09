//! What is written about the program is what the program does.

use std::path::Path;

use crate::support::promptchain;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

#[test]
fn every_variable_of_the_env_example_is_in_the_readme_or_its_table() {
    let example = read(".env.example");
    let readme = read("README.md");
    for name in promptchain::settings::sections()
        .iter()
        .flat_map(|section| section.variables)
        .map(|variable| variable.name)
    {
        assert!(example.contains(name), "{name} isn't in .env.example");
        assert!(readme.contains(name), "{name} isn't in the README");
    }
}

#[test]
fn the_readme_lists_every_exit_code() {
    let readme = read("README.md");
    for code in promptchain::error::ErrorCode::ALL {
        let row = format!("| {} |", code.exit_code());
        assert!(readme.contains(&row), "no row for {row}");
        assert!(readme.contains(&format!("`{}`", code.as_str())), "{} isn't explained", code.as_str());
    }
}

#[test]
fn the_readme_lists_every_fault_of_the_simulator() {
    let help = promptchain(&["simulate", "--help"]).run().exits(0).stdout;
    for fault in promptchain::simulator::Fault::all() {
        assert!(help.contains(fault.name()), "{} isn't in the help", fault.name());
    }
}

#[test]
fn every_flag_that_the_readme_names_exists() {
    let help: String = [&["--help"][..], &["run", "--help"], &["simulate", "--help"], &["schema", "--help"]]
        .iter()
        .map(|args| promptchain(args).run().exits(0).stdout)
        .collect();
    let readme = read("README.md");
    // Flags of cargo and jq stand in commands of theirs, which begin with their names.
    let ours =
        readme.split("promptchain").skip(1).map(|rest| rest.split(['\n', '|']).next().unwrap_or_default());
    for flag in ours.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))) {
        if flag.starts_with("--") && flag.len() > 2 {
            assert!(help.contains(flag), "the README names {flag}");
        }
    }
}
