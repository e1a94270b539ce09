//! `promptchain man`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  promptchain man run | man -l -
  promptchain man --dir ~/.local/share/man/man1";

/// Print a page of the manual, in the format that man reads.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ManArgs {
    /// The command that the page is about; without it, promptchain itself
    #[arg(value_name = "COMMAND", hide_possible_values = true, conflicts_with = "dir")]
    pub words: Vec<String>,
    /// Write all pages into this folder instead; it is made where it is missing
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub dir: Option<PathBuf>,
}
