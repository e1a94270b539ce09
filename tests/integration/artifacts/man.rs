//! The pages of the manual: fresh, complete, and read by man as they are meant.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;

use clap::builder::StyledStr;
use promptchain::cli::Cli;
use promptchain::manual::{Page, pages};

use super::{check_folder, files};
use crate::support::{has_program, promptchain};

#[test]
fn the_pages_are_what_the_program_prints() {
    let mut fresh = BTreeMap::new();
    for page in pages() {
        let words: Vec<&str> = page.name.split('-').skip(1).collect();
        let mut man = promptchain(&["man"]);
        man.args(&words);
        let printed = man.run().exits(0).stdout;
        fresh.insert(page.file_name(), printed);
    }
    check_folder("man", &fresh);
    let ran = promptchain(&["man", "--dir", "share/man1"]).run().exits(0).says_nothing();
    assert!(files(&ran.folder.join("share/man1")) == fresh, "--dir writes other pages");
    assert!(ran.stderr.contains(&format!("wrote {} pages", fresh.len())), "{}", ran.stderr);
}

#[test]
fn there_is_a_page_for_every_command() {
    fn count(command: &clap::Command) -> usize {
        1 + command.get_subcommands().map(count).sum::<usize>()
    }
    assert_eq!(pages().len(), count(&Cli::command()));
}

#[test]
fn a_page_or_folder_that_cannot_be_is_refused() {
    promptchain(&["man", "rnu"]).run().exits(2).says_nothing().complains("did you mean run?");
    promptchain(&["man", "run", "--dir", "x"]).run().exits(2).says_nothing();
    let mut command = promptchain(&["man", "--dir", "file"]);
    command.file("file", "");
    command.run().exits(2).says_nothing().complains("can't write file");
}

#[test]
fn pages_replace_older_ones_but_are_written_through_no_link_and_into_no_pipe() {
    let ran = promptchain(&["man", "--dir", "."]).run().exits(0);
    let again = |exit_code| {
        let mut command = promptchain(&["man", "--dir", "."]);
        command.in_place(&ran.folder);
        command.run().exits(exit_code)
    };
    again(0);
    let page = ran.folder.join("promptchain.1");
    std::fs::remove_file(&page).unwrap();
    std::os::unix::fs::symlink("mine", &page).unwrap();
    again(2).complains("isn't a regular file");
    assert!(!ran.folder.join("mine").exists(), "the link was followed");
    std::fs::remove_file(&page).unwrap();
    assert!(Command::new("mkfifo").arg(&page).status().unwrap().success());
    again(2).complains("isn't a regular file");
}

/// What groff makes of a page, without any look.
fn rendered(page: &Page) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(page.text.as_bytes()).unwrap();
    let groff = Command::new("groff").args(["-ww", "-man", "-Tascii", "-P-cbuo"]).arg(file.path()).output();
    let output = groff.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.name);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn man_has_nothing_to_complain_of_and_shows_each_section() {
    if !has_program("groff", "apt-get install groff-base") {
        return;
    }
    let mut root = Cli::command();
    root.build();
    for page in pages() {
        let text = rendered(&page);
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "SEE ALSO"] {
            assert!(text.lines().any(|line| line == section), "no {section} in {}", page.name);
        }
        let command = page.name.split('-').skip(1).fold(&root, |at, word| at.find_subcommand(word).unwrap());
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(text.contains(&format!("--{flag}")), "{} doesn't tell of --{flag}", page.name);
        }
        // Each as it is typed, on a line of its own.
        let examples = command.get_before_help().map(StyledStr::to_string).unwrap();
        for example in examples.lines().skip(1) {
            assert!(text.lines().any(|line| line.trim() == example.trim()), "{}: {example}", page.name);
        }
        assert!(!text.contains('\u{1b}') && !text.contains("Aq"), "{}", page.name);
    }
}

#[test]
fn the_programs_own_page_tells_of_exit_codes_variables_files_and_the_other_pages() {
    if !has_program("groff", "apt-get install groff-base") {
        return;
    }
    let text = rendered(&pages()[0]);
    for section in ["EXIT STATUS", "ENVIRONMENT", "FILES"] {
        assert!(text.lines().any(|line| line == section), "no {section}");
    }
    for code in promptchain::error::ErrorCode::ALL {
        assert!(text.contains(&format!("{}: ", code.as_str())), "{code:?}");
    }
    for variable in promptchain::settings::sections().iter().flat_map(|section| section.variables) {
        assert!(text.contains(variable.name), "{}", variable.name);
    }
    let see_also = text.split("SEE ALSO").last().unwrap();
    for page in pages().iter().skip(1).filter(|page| page.name.matches('-').count() == 1) {
        assert!(see_also.contains(&format!("{}(1)", page.name)), "{}", page.name);
    }
}
