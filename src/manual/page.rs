//! The manual: a page for the program and one for each command, however deep.

use clap::Command;

use super::Unknown;
use super::command_page::command_page;
use crate::cli::Cli;

/// A page of the manual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name, such as `promptchain-run`.
    pub name: String,
    /// Its text, as man reads it.
    pub text: String,
}

impl Page {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.1", self.name)
    }
}

/// All pages, the program's own first.
#[must_use]
pub fn pages() -> Vec<Page> {
    pages_of(Cli::command())
}

/// The pages about a command and those below it.
pub(super) fn pages_of(mut root: Command) -> Vec<Page> {
    root.build();
    let mut pages = Vec::new();
    add(&root, None, &mut pages);
    pages
}

fn add(command: &Command, above: Option<&str>, pages: &mut Vec<Page>) {
    let name = match above {
        Some(above) => format!("{above}-{}", command.get_name()),
        None => command.get_name().to_owned(),
    };
    pages.push(Page { text: command_page(command, &name, above), name: name.clone() });
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        add(below, Some(&name), pages);
    }
}

/// The page about the command that these words name: `token inspect` or `token-inspect`, with or without the
/// program's name before it, or nothing for the program's own.
///
/// # Errors
/// If there is none.
pub fn find_page(words: &[String]) -> Result<Page, Unknown> {
    let pages = pages();
    let program = Cli::command().get_name().to_owned();
    let wanted = words.join("-");
    let full = match wanted.as_str() {
        "" => program.clone(),
        wanted if wanted == program || wanted.starts_with(&format!("{program}-")) => wanted.to_owned(),
        wanted => format!("{program}-{wanted}"),
    };
    if let Some(page) = pages.iter().find(|page| page.name == full) {
        return Ok(page.clone());
    }
    let short = |page: &Page| page.name.strip_prefix(&format!("{program}-")).map(str::to_owned);
    let names: Vec<String> = pages.iter().filter_map(short).collect();
    Err(Unknown::new("page about", &wanted, names.iter().map(String::as_str)))
}
