//! `promptchain help`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  promptchain help run
  promptchain help exit-codes
  promptchain help environment";

/// Tell about a command or a topic.
///
/// Without either, everything there is to ask for is listed.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct HelpArgs {
    /// A command, such as run, or a topic: exit-codes, environment
    #[arg(value_name = "COMMAND|TOPIC", hide_possible_values = true)]
    pub words: Vec<String>,
}
