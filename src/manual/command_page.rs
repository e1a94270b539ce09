//! The page of the manual about one command.
//!
//! clap_mangen knows the parts that it can read off a command. Around them stand those that it can't:
//! examples, exit status, environment, files, and where to read on.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::entry::EntryList;
use super::environment::environment;
use super::exit_codes::exit_codes;
use super::files::files;

/// The page about `command`, which is called `name` and belongs to the command of the page `above`.
pub(super) fn command_page(command: &Command, name: &str, above: Option<&str>) -> String {
    let mut page = String::new();
    let man = man(command, name);
    push(&mut page, |out| man.render_title(out));
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
    push(&mut page, |out| roff.to_writer(out));
    page
}

/// What clap_mangen is to make its parts of.
fn man(command: &Command, name: &str) -> Man {
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let source = format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let command = command.override_usage(usage).subcommand_help_heading("COMMANDS");
    Man::new(command).title(name).source(source).manual("User Commands")
}

fn push(page: &mut String, render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
    let mut bytes = Vec::new();
    // Writing to memory can't fail.
    let _ = render(&mut bytes);
    page.push_str(&String::from_utf8_lossy(&bytes));
}

/// The flags: one section, in which each group has a heading of its own.
fn options(man: &Man) -> String {
    let mut text = String::new();
    push(&mut text, |out| man.render_options_section(out));
    text.lines().fold(String::new(), |mut options, line| {
        match line.strip_prefix(".SH ") {
            Some("OPTIONS") | None => options.push_str(line),
            Some(group) => options.push_str(&format!(".SS {}", sentence_case(group))),
        }
        options.push('\n');
        options
    })
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
