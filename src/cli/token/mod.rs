//! `promptchain token`: making a token, and `inspect`, looking at one.

mod claim;
mod inspect;
mod jwt;
mod sign;

use clap::{Args, Subcommand};

pub use claim::Claim;
pub use inspect::InspectArgs;
pub use jwt::JwtArgs;
pub use sign::SignArgs;

const EXAMPLES: &str = "\
Examples:
  promptchain token --subject alice --expires-in 24h
  export OPENAI_API_KEY=$(promptchain token --subject ci --expires-in 30d)
  promptchain token --subject alice --expires-in 1h --algorithm ES256 --private-key-file private.pem
  promptchain token inspect \"$OPENAI_API_KEY\"";

/// Make a token for the API, or look at one.
///
/// Only the token goes to stdout. The secret comes from JWT_SECRET_KEY, in the environment or .env, or from
/// a file, never from the command line, where other users could see it.
#[derive(Debug, Args)]
#[command(
    before_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub struct TokenArgs {
    /// What to do instead of making a token.
    #[command(subcommand)]
    pub command: Option<TokenCommand>,
    /// The token to make; always there without a command.
    #[command(flatten)]
    pub sign: Option<SignArgs>,
    /// What must be true of the token to make.
    #[command(flatten)]
    pub jwt: JwtArgs,
}

/// What to do instead of making a token.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "a comment here would stand in the help instead of that of the arguments")]
pub enum TokenCommand {
    Inspect(InspectArgs),
}

impl TokenArgs {
    /// Whether a program reads what comes out.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Some(TokenCommand::Inspect(args)) => args.json,
            None => self.sign.as_ref().is_some_and(|args| args.json),
        }
    }
}
