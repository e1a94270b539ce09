//! The pages of `promptchain help`: a command's help, or a topic.

use clap::Command;
use clap::builder::StyledStr;

use super::Unknown;
use super::entry::as_help;
use super::environment::environment;
use super::exit_codes::exit_codes;
use crate::cli::{Cli, Topic};

/// What help has to say about these words: nothing for an overview, a topic, or the way to a command.
///
/// # Errors
/// If there is no such topic or command.
pub fn help_page(words: &[String]) -> Result<StyledStr, Unknown> {
    if let [word] = words
        && let Some(topic) = Topic::ALL.into_iter().find(|topic| topic.as_str() == word)
    {
        return Ok(match topic {
            Topic::ExitCodes => as_help(&[exit_codes()]),
            Topic::Environment => as_help(&environment()),
        });
    }
    command_help(Cli::command(), words)
}

/// The help of the command that these words lead to.
pub(super) fn command_help(mut command: Command, words: &[String]) -> Result<StyledStr, Unknown> {
    // What holds for every command reaches those below only now.
    command.build();
    for (depth, word) in words.iter().enumerate() {
        let Some(below) = command.find_subcommand(word) else { return Err(unknown(&command, word, depth)) };
        command = below.clone();
    }
    Ok(command.render_long_help())
}

fn unknown(command: &Command, word: &str, depth: usize) -> Unknown {
    let names = command.get_subcommands().map(Command::get_name);
    if depth == 0 {
        Unknown::new("command or topic", word, names.chain(Topic::ALL.map(Topic::as_str)))
    } else {
        Unknown::new("subcommand", word, names)
    }
}
