//! `promptchain run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::parsers::positive_duration;
use super::{ChainArgs, DryRunArgs, RecordingArgs, StateArgs};

const EXAMPLES: &str = "\
Examples:
  promptchain run --offline \"What makes a good commit message?\"
  cat notes.md | promptchain run \"Summarize\" --json | jq -r .text
  promptchain run -f question.md --profile balanced -o answer.md
  promptchain run --prompts prompts --var tone=formal --max-cost 0.05 \"Draft a reply\"
  promptchain run --dry-run --max-cost 0.05 -f question.md
  promptchain run --state run.json --from synthesize --prompts prompts";

/// Run the chain on a prompt and print the answer.
///
/// The prompt is the argument, then the files, then stdin where it is piped, with a blank line between.
/// The answer goes to stdout, everything else to stderr.
#[derive(Debug, Default, Args)]
#[command(before_help = EXAMPLES)]
pub struct RunArgs {
    /// What to ask; `-` reads it from stdin
    pub prompt: Option<String>,

    /// Add this file to the prompt; `-` is stdin (repeatable)
    #[arg(long = "file", short = 'f', value_name = "FILE", help_heading = "Input")]
    pub files: Vec<PathBuf>,
    /// Start from a conversation: a JSON array of messages as OpenAI's clients write them, or an object with
    /// `messages`
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub messages: Option<PathBuf>,

    /// What to print: the text as it comes, one JSON object, or an event a line
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "Output")]
    pub output: Option<OutputFormat>,
    /// The same as --output json
    #[arg(long, conflicts_with_all = ["output", "jsonl"], help_heading = "Output")]
    pub json: bool,
    /// The same as --output jsonl
    #[arg(long, conflicts_with = "output", help_heading = "Output")]
    pub jsonl: bool,
    /// Write to this file instead of stdout: whole, or not at all
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,

    /// Use the built-in simulator instead of Claude: no key, no network, the same answer each time
    #[arg(long, help_heading = "Models")]
    pub offline: bool,

    /// Whether the run is only shown.
    #[command(flatten)]
    pub dry_run: DryRunArgs,

    /// What to keep of the run, and what to take from an earlier one.
    #[command(flatten)]
    pub state: StateArgs,

    /// What becomes of the exchanges with the upstream.
    #[command(flatten)]
    pub recordings: RecordingArgs,

    /// What changes the chain's settings.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// The most time the run may take, such as 90s; never more than both phases
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true, help_heading = "Gates and limits")]
    pub timeout: Option<Duration>,
}

/// What `run` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// The final text, as it comes.
    Text,
    /// One object when the run has ended.
    Json,
    /// One event a line, as they happen.
    Jsonl,
}

impl RunArgs {
    /// What is to be printed.
    #[must_use]
    pub fn format(&self) -> OutputFormat {
        match self.output {
            Some(format) => format,
            None if self.json => OutputFormat::Json,
            None if self.jsonl => OutputFormat::Jsonl,
            None => OutputFormat::Text,
        }
    }
}
