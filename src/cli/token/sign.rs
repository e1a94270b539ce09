//! What can be said of a token that is to be made.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Claim;
use crate::cli::parsers::{positive_duration, said};

/// A token to make. What it needs to be valid isn't here: clap can't tell whether a group of flags is there
/// that has another one in it.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// Whom the token is for: limits and log lines go by it
    #[arg(long, value_name = "NAME", value_parser = said, help_heading = "Claims")]
    pub subject: String,
    /// How long it is good for, such as 15m, 24h or 30d (a bare number is seconds); without this, for ever
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true, help_heading = "Claims")]
    pub expires_in: Option<Duration>,
    /// A further claim: JSON where the value is JSON, else a string (repeatable)
    #[arg(long = "claim", value_name = "NAME=VALUE", help_heading = "Claims")]
    pub claims: Vec<Claim>,
    /// The private key for RS256, ES256 and EdDSA, as PEM
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    pub private_key_file: Option<PathBuf>,
    /// Print one JSON object: the token, its algorithm and its claims
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}
