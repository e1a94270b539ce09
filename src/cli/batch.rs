//! `promptchain batch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::parsers::{at_least_one, concurrency, positive_duration};
use super::{ChainArgs, RecordingArgs};

const EXAMPLES: &str = "\
Examples:
  promptchain batch questions.jsonl -o answers.jsonl --concurrency 8
  promptchain batch questions.jsonl -o answers.jsonl --resume
  jq -c '{id, prompt: .text}' tickets.json | promptchain batch - --offline | jq -r .text";

/// Run the chain on every line of a file.
///
/// A line is a JSON string, or an object with `prompt` or `messages`, and perhaps `id` and `vars`. The results
/// are JSON Lines. What is finished stands in a journal: after a crash --resume runs none of it again.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct BatchArgs {
    /// The lines to run; `-` is stdin
    #[arg(value_name = "FILE")]
    pub input: PathBuf,

    /// Write the results to this file instead of stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// In which order the results come
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub order: ResultOrder,

    /// Go on from the journal: what is done isn't run again, what failed is
    #[arg(long, conflicts_with = "no_journal", help_heading = "Journal")]
    pub resume: bool,
    /// Where the journal is [default: the name of the results' file, or of the input, with .journal]
    #[arg(long, value_name = "FILE", conflicts_with = "no_journal", help_heading = "Journal")]
    pub journal: Option<PathBuf>,
    /// Keep no journal
    #[arg(long, help_heading = "Journal")]
    pub no_journal: bool,

    /// The most runs at a time, 1 to 500 [default: 4]; fewer while the upstream limits our rate. With
    /// --message-batches 1 to 100000 [default: 10000]
    #[arg(long, value_name = "N", value_parser = concurrency, allow_negative_numbers = true, help_heading = "Gates and limits")]
    pub concurrency: Option<usize>,
    /// Begin nothing further after so many failures
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true, help_heading = "Gates and limits")]
    pub max_failures: Option<u64>,

    /// Use the built-in simulator instead of Claude: no key, no network, the same answers each time
    #[arg(long, help_heading = "Models")]
    pub offline: bool,

    /// Send each step of all lines as Message Batches: at half the price, and within a day instead of at once.
    /// No limits on time apply
    #[arg(long, conflicts_with_all = ["no_journal", "timeout", "record", "replay", "workers"], help_heading = "Models")]
    pub message_batches: bool,

    /// What becomes of the exchanges with the upstream.
    #[command(flatten)]
    pub recordings: RecordingArgs,

    /// What changes the chain's settings.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// The most time a run may take, such as 90s; never more than both phases
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, allow_hyphen_values = true, help_heading = "Gates and limits")]
    pub timeout: Option<Duration>,
}

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ResultOrder {
    /// As the runs end.
    #[default]
    Completion,
    /// As the lines stand in the input.
    Input,
}

impl ResultOrder {
    /// Whether it is that of the input.
    #[must_use]
    pub fn is_input(self) -> bool {
        self == Self::Input
    }
}
