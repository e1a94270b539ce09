//! `promptchain schema`.

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  promptchain schema run
  promptchain schema events > events.schema.json";

/// Print the JSON Schema of what the program writes.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct SchemaArgs {
    /// Which format
    #[arg(value_enum)]
    pub format: SchemaName,
}

/// A format that the program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// The object that `run --json` prints.
    Run,
    /// A line that `run --jsonl` prints.
    Events,
    /// The object on stderr when a command with --json or --jsonl fails.
    Error,
    /// The file that `run --save` writes.
    State,
    /// A line that `batch` prints.
    Batch,
    /// The object that `run --dry-run --json` prints.
    DryRun,
    /// The object that `validate --format json` prints.
    Validation,
    /// The object that `config --json` prints.
    Config,
    /// The object that `token --json` prints.
    Token,
    /// The object that `token inspect --json` prints.
    Inspection,
}
