//! `promptchain config`.

use clap::Args;

use super::ChainArgs;
use super::offered::variable_name;

const EXAMPLES: &str = "\
Examples:
  promptchain config
  promptchain config --changed
  promptchain config CHAIN_PROCESS_MODEL CHAIN_PROCESS_TIMEOUT --profile balanced
  promptchain config --json | jq -r '.settings[] | select(.name == \"API_PORT\").value'";

/// Print the settings in effect, and where each came from.
///
/// Those of the server too. Secrets are masked, and nobody is called. With the flags of a run, what that run
/// would go by.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ConfigArgs {
    /// Only these variables
    #[arg(value_name = "NAME", value_parser = variable_name(), hide_possible_values = true)]
    pub names: Vec<String>,
    /// Only what isn't the default
    #[arg(long, help_heading = "Output")]
    pub changed: bool,
    /// Print one JSON object (schema: promptchain schema config)
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// As for the built-in simulator instead of Claude: no credential is looked at
    #[arg(long, help_heading = "Models")]
    pub offline: bool,
    /// What changes the chain's settings.
    #[command(flatten)]
    pub chain: ChainArgs,
}
