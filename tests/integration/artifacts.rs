//! What is written about the program is what the program does.

use std::path::Path;

use crate::support::promptchain;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

/// The README's table of variables: what the program itself says of each.
fn table_of_settings() -> String {
    use std::fmt::Write;
    let mut table = String::new();
    for section in promptchain::settings::sections() {
        write!(table, "\n{}\n\n| variable | default | allowed | |\n|---|---|---|---|\n", section.title)
            .unwrap();
        for variable in section.variables {
            let default = variable.default().map_or("–".to_owned(), |default| format!("`{default}`"));
            let (name, allowed, doc) = (variable.name, variable.kind.allowed(), variable.doc);
            writeln!(table, "| `{name}` | {default} | {allowed} | {doc} |").unwrap();
        }
    }
    table
}

#[test]
fn the_readmes_table_of_settings_is_what_the_program_declares() {
    let readme = read("README.md");
    let (before, rest) = readme.split_once("<!-- settings: ").unwrap();
    let (first_line, rest) = rest.split_once('\n').unwrap();
    let (table, after) = rest.split_once("\n<!-- end of settings -->").unwrap();
    let fresh = table_of_settings();
    if std::env::var_os("UPDATE").is_some() {
        let fresh = format!("{before}<!-- settings: {first_line}\n{fresh}\n<!-- end of settings -->{after}");
        std::fs::write(repository().join("README.md"), fresh).unwrap();
    } else {
        assert!(table == fresh, "run: UPDATE=1 cargo test readme");
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
    let commands =
        ["", "run", "serve", "validate", "init", "config", "token", "token inspect", "simulate", "schema"];
    let help: String = commands
        .map(|command| promptchain(&[command.split_whitespace().collect(), vec!["--help"]].concat()))
        .into_iter()
        .map(|command| command.run().exits(0).stdout)
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
