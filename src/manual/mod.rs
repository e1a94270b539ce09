//! What the program says about itself: help's pages, the manual, and the scripts that complete its
//! command line.
//!
//! All of it is made from the tree of commands, the table of variables and the table of exit codes, so that
//! it can't tell anything else than they do. Nothing is written here: whoever asks gets text.

mod command_page;
mod completions;
mod entry;
mod environment;
mod exit_codes;
mod files;
mod help_page;
mod page;
#[cfg(test)]
mod tests;
mod unknown;

pub use completions::{completion_file, completion_script};
pub use environment::OUTSIDE_THE_TABLE;
pub use help_page::help_page;
pub use page::{Page, find_page, pages};
pub use unknown::Unknown;
