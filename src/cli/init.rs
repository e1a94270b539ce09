//! `promptchain init`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  promptchain init
  promptchain init --yes support-bot";

/// Write a .env and prompt files to start from.
///
/// The .env gets a fresh random JWT_SECRET_KEY. What is there already is kept as it is. The paths of the files
/// that were written go to stdout, what to do next to stderr.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct InitArgs {
    /// The folder, made if it isn't there; without this, the current one
    pub dir: Option<PathBuf>,
    /// Ask nothing; needed where there is no terminal
    #[arg(long, short)]
    pub yes: bool,
}
