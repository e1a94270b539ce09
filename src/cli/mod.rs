//! What can be typed on the command line.
//!
//! Only types: nothing is read or written here, and no default stands here that settings own.

#![expect(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    reason = "doc comments are the help, which is shown as it stands"
)]

mod batch;
mod chain;
mod command;
mod completions;
mod config;
mod dry_run;
mod help;
mod init;
mod man;
mod offered;
mod parsers;
mod recordings;
mod run;
mod schema;
mod serve;
mod simulate;
mod state;
mod suggest;
#[cfg(test)]
mod tests;
mod token;
mod topic;
mod validate;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use batch::{BatchArgs, ResultOrder};
pub use chain::ChainArgs;
pub(crate) use command::heading;
pub use completions::CompletionsArgs;
pub use config::ConfigArgs;
pub use dry_run::DryRunArgs;
pub use help::HelpArgs;
pub use init::InitArgs;
pub use man::ManArgs;
pub use recordings::RecordingArgs;
pub use run::{OutputFormat, RunArgs};
pub use schema::{SchemaArgs, SchemaName};
pub use serve::ServeArgs;
pub use simulate::SimulateArgs;
pub use state::StateArgs;
pub use token::{Claim, InspectArgs, JwtArgs, SignArgs, TokenArgs, TokenCommand};
pub use topic::Topic;
pub use validate::{ValidateArgs, ValidateFormat};

const EXAMPLES: &str = "\
Examples:
  promptchain run --offline \"What makes a good commit message?\"
  promptchain run \"Compare Rust and Go for network services\"
  cat notes.md | promptchain run \"Summarize\" --json | jq -r .text
  promptchain serve --offline
  promptchain init
  promptchain simulate --port 9000 --fault process:overloaded@1";

/// Runs a three-step prompt chain against Claude: analyze, process, synthesize, with a gate after each.
#[derive(Debug, Parser)]
#[command(name = "promptchain", version, before_help = EXAMPLES, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub globals: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Read variables from this file instead of ./.env
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Colours on the terminal [env: NO_COLOR, FORCE_COLOR]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub color: Option<ColorWhen>,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more: a waterfall of steps and attempts at the end of a run
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// Where the output is a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "a comment here would stand in the help instead of that of the arguments")]
pub enum Command {
    Run(Box<RunArgs>),
    Batch(Box<BatchArgs>),
    Serve(ServeArgs),
    Validate(Box<ValidateArgs>),
    Init(InitArgs),
    Config(Box<ConfigArgs>),
    Token(TokenArgs),
    Simulate(SimulateArgs),
    Schema(SchemaArgs),
    Help(HelpArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

impl Cli {
    /// Whether a program reads what comes out, so that errors are to be JSON too.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Command::Run(args) => args.format() != OutputFormat::Text,
            Command::Validate(args) => args.format == ValidateFormat::Json,
            Command::Config(args) => args.json,
            Command::Token(args) => args.wants_json(),
            Command::Batch(_)
            | Command::Serve(_)
            | Command::Init(_)
            | Command::Simulate(_)
            | Command::Schema(_)
            | Command::Help(_)
            | Command::Completions(_)
            | Command::Man(_) => false,
        }
    }
}
