//! `promptchain token`.

use std::time::Duration;

use clap::Args;

use super::parsers::{positive_duration, said};

const EXAMPLES: &str = "\
Examples:
  promptchain token --subject alice --expires-in 24h
  export OPENAI_API_KEY=$(promptchain token --subject ci --expires-in 30d)";

/// Make a token for the API, signed with JWT_SECRET_KEY.
///
/// Only the token goes to stdout. The secret comes from the environment, from .env or from the file that
/// JWT_SECRET_KEY_FILE names, never from the command line, where other users could see it.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct TokenArgs {
    /// Whom the token is for: limits and log lines go by it
    #[arg(long, value_name = "NAME", value_parser = said)]
    pub subject: String,
    /// How long it is good for, such as 15m, 24h or 30d (a bare number is seconds); without this, for ever
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true)]
    pub expires_in: Option<Duration>,
}
