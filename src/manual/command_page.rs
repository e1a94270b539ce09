//! The page of the manual about one command.
//!
//! `clap_mangen` knows the parts that it can read off a command. Around them stand those that it can't:
//! examples, exit status, environment, files, and where to read on.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::entry::EntryList;
use super::environment::environment;
use super::exit_codes::exit_codes;
use super::files::files;

/// What the roff crate begins with: an apostrophe that isn't curled.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The group that holds what every command has.
const LAST_GROUP: &str = "Global options";

/// The page about `command`, which is called `name` and belongs to the command of the page `above`.
pub(super) fn command_page(command: &Command, name: &str, above: Option<&str>) -> String {
    let man = man(command);
    let mut page = head(name);
    push(&mut page, |out| man.render_name_section(out));
    push(&mut page, |out| man.render_synopsis_section(out));
    push(&mut page, |out| man.render_description_section(out));
    if command.has_subcommands() {
        push(&mut page, |out| man.render_subcommands_section(out));
    }
    page.push_str(&options(&man));

    let mut roff = Roff::default();
    if let Some(more) = command.get_after_long_help() {
        let list = EntryList::from_help(&more.to_string());
        section(&mut roff, &list.title);
        list.push_roff(&mut roff);
    }
    if above.is_none() {
        section(&mut roff, "Exit status");
        exit_codes().push_roff(&mut roff);
        section(&mut roff, "Environment");
        for list in environment() {
            roff.control("SS", [list.title.as_str()]);
            list.push_roff(&mut roff);
        }
        section(&mut roff, "Files");
        files().push_roff(&mut roff);
    }
    examples(&mut roff, command);
    see_also(&mut roff, command, name, above);
    page.push_str(&roff.to_roff());
    page
}

/// The title, without a date, which would rot. Neither hyphenated nor spread out: names are to be copied.
fn head(name: &str) -> String {
    let title = name.to_uppercase().replace('-', "\\-");
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    format!("{PREAMBLE}.TH {title} 1 \"\" \"{source}\" \"User Commands\"\n.nh\n.ad l\n")
}

/// What `clap_mangen` is to make its parts of.
fn man(command: &Command) -> Man {
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let grouped = |arg: Arg| match arg.get_id().as_str() {
        "help" => arg.help("Print help").long_help(None).help_heading(LAST_GROUP),
        "version" => arg.help_heading(LAST_GROUP),
        _ if arg.is_positional() && arg.get_help_heading().is_none() => arg.help_heading("Arguments"),
        _ => arg,
    };
    Man::new(command.mut_args(grouped).override_usage(usage).subcommand_help_heading("COMMANDS"))
}

/// Adds a part, without what stands before each of them: once is enough.
fn push(page: &mut String, render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
    let mut part = Vec::new();
    // Writing to memory can't fail.
    let _ = render(&mut part);
    page.push_str(&String::from_utf8_lossy(&part).replace(PREAMBLE, ""));
}

/// The flags: one section, in which each group has a heading of its own.
fn options(man: &Man) -> String {
    let mut text = String::new();
    push(&mut text, |out| man.render_options_section(out));
    let mut options = ".SH OPTIONS\n".to_owned();
    for line in text.replace(".br\n\n.br\n", ".sp\n").lines().filter(|line| *line != ".SH OPTIONS") {
        match line.strip_prefix(".SH ") {
            Some(group) => options.push_str(&format!(".SS {}\n", sentence_case(group))),
            None => options.push_str(&format!("{line}\n")),
        }
    }
    options
}

/// `GLOBAL OPTIONS` as `Global options`, whether it is quoted or not.
fn sentence_case(text: &str) -> String {
    let first = text.find(|char: char| char.is_alphabetic()).map_or(0, |at| at + 1);
    let (head, tail) = text.split_at_checked(first).unwrap_or((text, ""));
    format!("{head}{}", tail.to_lowercase())
}

fn section(roff: &mut Roff, title: &str) {
    roff.control("SH", [title.to_uppercase().as_str()]);
}

/// The examples that stand before the command's help: a command a line, as they are typed.
fn examples(roff: &mut Roff, command: &Command) {
    let Some(examples) = command.get_before_help().map(ToString::to_string) else { return };
    section(roff, "Examples");
    roff.control("nf", []);
    for line in examples.lines().skip(1) {
        roff.text([roman(line.trim())]);
    }
    roff.control("fi", []);
}

fn see_also(roff: &mut Roff, command: &Command, name: &str, above: Option<&str>) {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below = below.map(|below| format!("{name}-{}", below.get_name()));
    let mut pages: Vec<String> = above.map(str::to_owned).into_iter().chain(below).collect();
    pages.sort();
    section(roff, "See also");
    let last = pages.len().saturating_sub(1);
    for (number, page) in pages.into_iter().enumerate() {
        let comma = if number < last { "(1)," } else { "(1)" };
        roff.text([bold(page), roman(comma)]);
    }
}
