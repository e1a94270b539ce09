//! "Did you mean …?" where clap has no guess: short words with letters exchanged, such as `rnu`.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use super::Topic;
use crate::nearest::nearest;

/// Adds to the error what was probably meant, if clap hasn't and something is near enough.
pub(super) fn nearest_word(error: &mut Error, root: &Command, arguments: &[OsString]) {
    let command = command_of(root, arguments);
    let text = |error: &Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    if let Some(typed) = text(error, ContextKind::InvalidSubcommand) {
        let names = command.get_subcommands().map(Command::get_name);
        let suggestion = nearest(&typed, names).map(|name| ContextValue::Strings(vec![name.to_owned()]));
        add(error, ContextKind::SuggestedSubcommand, suggestion);
        if Topic::ALL.iter().any(|topic| topic.as_str() == typed) {
            tip(error, format!("that is a topic of help: {} help {typed}", root.get_name()));
        } else if typed.contains(char::is_whitespace) {
            tip(error, format!("a prompt follows the command: {} run \"…\"", root.get_name()));
        }
    } else if let Some(allowed) = error.get(ContextKind::ValidValue) {
        let ContextValue::Strings(allowed) = allowed else { return };
        let typed = text(error, ContextKind::InvalidValue).unwrap_or_default();
        let meant = nearest(&typed, allowed.iter().map(String::as_str));
        let suggestion = meant.map(|value| ContextValue::String(value.to_owned()));
        add(error, ContextKind::SuggestedValue, suggestion);
    } else if error.kind() == ErrorKind::UnknownArgument {
        let Some(typed) = text(error, ContextKind::InvalidArg) else { return };
        let Some(typed) = typed.strip_prefix("--") else { return };
        let meant = nearest(typed, command.get_arguments().filter_map(Arg::get_long));
        let suggestion = meant.map(|flag| ContextValue::String(format!("--{flag}")));
        add(error, ContextKind::SuggestedArg, suggestion);
        let takes_it = |below: &&Command| below.get_arguments().any(|arg| arg.get_long() == Some(typed));
        let takers: Vec<&str> = command.get_subcommands().filter(takes_it).map(Command::get_name).collect();
        if !takers.is_empty() {
            tip(error, format!("--{typed} follows the command: {}", takers.join(", ")));
        }
    }
}

fn add(error: &mut Error, kind: ContextKind, suggestion: Option<ContextValue>) {
    let (None, Some(suggestion)) = (error.get(kind), suggestion) else { return };
    error.insert(kind, suggestion);
}

fn tip(error: &mut Error, tip: String) {
    add(error, ContextKind::Suggested, Some(ContextValue::StyledStrs(vec![tip.into()])));
}

/// The command that was being read, as far as the words lead down the tree.
fn command_of<'a>(root: &'a Command, arguments: &[OsString]) -> &'a Command {
    arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
        .fold(root, |command, argument| command.find_subcommand(argument).unwrap_or(command))
}
