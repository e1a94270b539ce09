//! `promptchain token inspect`.

use std::path::PathBuf;

use clap::Args;

use super::JwtArgs;
use crate::cli::parsers::path;
use crate::settings::Override;

const EXAMPLES: &str = "\
Examples:
  promptchain token inspect \"$OPENAI_API_KEY\"
  promptchain token --subject alice --expires-in 1h | promptchain token inspect
  promptchain token inspect --json < token.txt | jq .claims";

/// Say whether a token is valid, and show what it claims.
///
/// It is verified as the server does it, with the same settings. Exit code 1 if it isn't valid; then what it
/// claims is shown all the same, unverified. `Bearer` before it and white space round it are passed over.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct InspectArgs {
    /// The token; without it, or with `-`, it is read from stdin, where other users can't see it
    #[arg(value_name = "TOKEN")]
    pub token: Option<String>,
    /// What tokens must be like.
    #[command(flatten)]
    pub jwt: JwtArgs,
    /// The public key for RS256, ES256 and EdDSA, as PEM [env: JWT_PUBLIC_KEY_FILE]
    #[arg(long, value_name = "FILE", value_parser = path())]
    pub public_key_file: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl InspectArgs {
    /// The variables that the flags set.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        let mut overrides = self.jwt.overrides();
        overrides.extend(self.public_key_file.as_ref().map(|file| Override {
            variable: "JWT_PUBLIC_KEY_FILE".to_owned(),
            value: file.into(),
            flag: "--public-key-file".to_owned(),
        }));
        overrides
    }
}
