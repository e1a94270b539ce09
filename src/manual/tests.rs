//! What is told about the program follows from the program.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueEnum};
use clap_complete::Shell;

use super::completions::script_for;
use super::entry::{Entry, EntryList};
use super::help_page::command_help;
use super::page::pages_of;
use super::*;
use crate::cli::Cli;
use crate::error::ErrorCode;
use crate::settings::sections;

fn help(words: &[&str]) -> Result<String, Unknown> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    help_page(&words).map(|page| page.to_string())
}

#[test]
fn exit_codes_are_told_with_their_words_and_meanings() {
    let page = help(&["exit-codes"]).unwrap();
    for code in ErrorCode::ALL {
        assert!(page.contains(&format!("\n  {}\n", code.exit_code())), "{code:?}");
        assert!(page.contains(&format!("{}: {}", code.as_str(), code.meaning())), "{code:?}");
    }
}

#[test]
fn every_variable_is_told_of() {
    let page = help(&["environment"]).unwrap();
    for variable in sections().iter().flat_map(|section| section.variables) {
        assert!(page.contains(&format!("\n  {}\n", variable.name)), "{}", variable.name);
    }
}

#[test]
fn an_unknown_word_is_answered_with_the_nearest_one() {
    let nearest = |words: &[&str]| help(words).unwrap_err().nearest;
    assert_eq!(nearest(&["exit-code"]).as_deref(), Some("exit-codes"));
    assert_eq!(nearest(&["rnu"]).as_deref(), Some("run"));
    assert_eq!(nearest(&["frobnicate"]), None);
    assert_eq!(help(&["run", "x"]).unwrap_err().to_string(), "there is no subcommand x");
}

#[test]
fn a_page_is_found_by_its_words_or_its_name() {
    let name = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        find_page(&words).map(|page| page.name)
    };
    assert_eq!(name(&[]).as_deref(), Ok("promptchain"));
    assert_eq!(name(&["promptchain"]).as_deref(), Ok("promptchain"));
    assert_eq!(name(&["run"]).as_deref(), Ok("promptchain-run"));
    assert_eq!(name(&["promptchain-run"]).as_deref(), Ok("promptchain-run"));
    assert_eq!(name(&["promptchain", "run"]).as_deref(), Ok("promptchain-run"));
    assert_eq!(name(&["rnu"]).unwrap_err().nearest.as_deref(), Some("run"));
}

/// The program with a command below another.
fn with_nested_command() -> Command {
    let colour = Arg::new("colour").value_parser(PossibleValuesParser::new(["amber", "azure"]));
    let inner =
        Command::new("inner").about("Look inside").before_help("Examples:\n  promptchain outer inner");
    let outer = Command::new("outer").about("Look outside").subcommand(inner.arg(colour));
    Cli::command().subcommand(outer)
}

#[test]
fn a_nested_command_is_told_of_by_the_words_that_lead_to_it() {
    let help = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        command_help(with_nested_command(), &words).map(|page| page.to_string())
    };
    let page = help(&["outer", "inner"]).unwrap();
    assert!(page.contains("Usage: promptchain outer inner [OPTIONS] [colour]"), "{page}");
    assert!(page.contains("--env-file"), "{page}");
    assert_eq!(help(&["outer", "innre"]).unwrap_err().nearest.as_deref(), Some("inner"));
}

#[test]
fn a_nested_command_has_a_page_and_the_pages_around_it_name_it() {
    let pages = pages_of(with_nested_command());
    let text = |name: &str| &pages.iter().find(|page| page.name == name).unwrap().text;
    assert!(text("promptchain-outer").contains("promptchain\\-outer\\-inner(1)"));
    let inner = text("promptchain-outer-inner");
    assert!(inner.contains("\\fBpromptchain outer inner\\fR [OPTIONS] [colour]"), "{inner}");
    assert!(inner.ends_with(".SH \"SEE ALSO\"\n\\fBpromptchain\\-outer\\fR(1)\n"), "{inner}");
}

#[test]
fn a_nested_commands_words_are_completed() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let script = script_for(shell, with_nested_command());
        assert!(script.contains("amber") && script.contains("azure"), "{shell}");
    }
    let fish = script_for(Shell::Fish, with_nested_command());
    let condition = "__fish_promptchain_using_subcommand outer; and __fish_seen_subcommand_from inner";
    assert!(fish.contains(&format!("-n \"{condition}\" -f -a \"amber")), "{fish}");
}

#[test]
fn text_below_the_flags_is_read_as_paragraphs_and_terms() {
    let text = "Faults:\n  A rule is\n\n  late[=MS]\n          comes late\n          or never\n";
    let lines = vec!["comes late".to_owned(), "or never".to_owned()];
    let expected = EntryList {
        title: "Faults".to_owned(),
        preface: vec!["A rule is".to_owned()],
        entries: vec![Entry { term: "late[=MS]".to_owned(), lines }],
    };
    assert_eq!(EntryList::from_help(text), expected);
}

#[test]
fn every_shell_has_a_script_under_its_usual_name() {
    let names: Vec<String> = Shell::value_variants().iter().map(|shell| completion_file(*shell)).collect();
    let usual =
        ["promptchain.bash", "promptchain.elv", "promptchain.fish", "_promptchain.ps1", "_promptchain"];
    assert_eq!(names, usual);
    for shell in Shell::value_variants() {
        assert!(completion_script(*shell).contains("analyze-model"), "{shell}");
    }
}

#[test]
fn a_setting_of_a_step_is_completed_without_a_space_behind_it() {
    assert!(completion_script(Shell::Zsh).contains("{compadd -S \"\" - analyze.model="));
}
