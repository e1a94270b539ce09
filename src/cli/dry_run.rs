//! Flags for showing a run instead of making it.

use clap::Args;

/// Flags for showing a run instead of making it.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct DryRunArgs {
    /// Show the requests that would be sent, with their tokens and what they may cost, and send nothing
    #[arg(long, conflicts_with_all = ["jsonl", "save"], help_heading = "Dry run")]
    pub dry_run: bool,
    /// Ask the upstream how many tokens the requests have, which costs nothing, instead of estimating
    /// (with --dry-run)
    #[arg(long, help_heading = "Dry run")]
    pub count: bool,
}

impl DryRunArgs {
    /// Whether the upstream is asked for anything.
    #[must_use]
    pub fn needs_upstream(&self) -> bool {
        !self.dry_run || self.count
    }
}
