//! `promptchain completions`.

use clap::Args;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  promptchain completions bash > ~/.local/share/bash-completion/completions/promptchain
  promptchain completions zsh > ~/.zfunc/_promptchain
  promptchain completions fish > ~/.config/fish/completions/promptchain.fish";

/// Print a script by which a shell completes promptchain's commands, flags and values.
///
/// A new shell reads it from where the examples put it; zsh, if that folder is in its fpath before compinit.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_enum)]
    pub shell: Shell,
}
