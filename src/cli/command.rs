//! The finished command of clap's: the one place where it is built.
//!
//! The types say what can be typed. What is added here follows from the whole tree of commands, so that
//! a command that is added needs no mention: headings, what help and the manual are there for, and a guess
//! at what a misspelt word was meant to be.

use std::ffi::OsString;

use clap::builder::{PossibleValue, StyledStr, Styles};
use clap::{CommandFactory, FromArgMatches};

use super::offered::word;
use super::{Cli, Topic, suggest};

/// Below the overview.
const MORE: &str = "promptchain help COMMAND or promptchain help TOPIC tells more.";

/// Below the concise help.
const MORE_THAN_CONCISE: &str =
    "promptchain help lists flags and topics, promptchain help COMMAND tells more.";

impl Cli {
    /// The command as it is parsed, shown, completed and described in the manual. Stands before the one
    /// that clap derives.
    #[must_use]
    pub fn command() -> clap::Command {
        let derived = <Self as CommandFactory>::command();
        let pages: Vec<PossibleValue> = derived.get_subcommands().flat_map(pages_below).collect();
        let commands = derived.get_subcommands().map(|command| offer(command.get_name(), command));
        let topics = Topic::ALL.map(|topic| PossibleValue::new(topic.as_str()).help(topic.about()));
        let subjects: Vec<PossibleValue> = commands.chain(topics).collect();
        let finished = derived
            .after_help(topics_help())
            .mut_subcommand("help", |help| help.mut_arg("words", |arg| arg.value_parser(word(subjects))))
            .mut_subcommand("man", |man| man.mut_arg("words", |arg| arg.value_parser(word(pages))));
        with_headings(finished)
    }

    /// Reads a command line, the program's name first. Stands before the one that clap derives.
    ///
    /// # Errors
    /// What clap has to say: help and version too.
    pub fn try_parse_from<I>(arguments: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(&arguments);
        matches.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|mut error| {
            suggest::nearest_word(&mut error, &command, &arguments);
            error.format(&mut command)
        })
    }

    /// What is said to somebody who has typed nothing but the program's name.
    #[must_use]
    pub fn concise_help() -> StyledStr {
        let template = format!(
            "{{about-with-newline}}\n{{before-help}}{}\n{{subcommands}}{{after-help}}",
            heading("Commands:")
        );
        let mut command = Self::command().help_template(template).after_help(MORE_THAN_CONCISE);
        command.render_help()
    }
}

fn offer(name: impl Into<String>, command: &clap::Command) -> PossibleValue {
    let about = command.get_about().cloned().unwrap_or_default();
    PossibleValue::new(name.into()).help(about)
}

/// The manual's pages about this command and those below it, as `promptchain man` knows them.
fn pages_below(command: &clap::Command) -> Vec<PossibleValue> {
    fn add(command: &clap::Command, name: &str, pages: &mut Vec<PossibleValue>) {
        pages.push(offer(name, command));
        for below in command.get_subcommands() {
            add(below, &format!("{name}-{}", below.get_name()), pages);
        }
    }
    let mut pages = Vec::new();
    add(command, command.get_name(), &mut pages);
    pages
}

fn topics_help() -> String {
    let width = Topic::ALL.iter().map(|topic| topic.as_str().len()).max().unwrap_or_default();
    let lines = Topic::ALL.map(|topic| format!("  {:width$}  {}\n", topic.as_str(), topic.about()));
    format!("Topics:\n{}\n{MORE}", lines.concat())
}

/// Text in the look of clap's own headings.
pub(crate) fn heading(text: &str) -> String {
    let styles = Styles::styled();
    let style = styles.get_header();
    format!("{style}{text}{style:#}")
}

/// Gives the headings in our own texts the look of clap's.
fn with_headings(mut command: clap::Command) -> clap::Command {
    let styled = |text: &StyledStr| {
        let text = text.to_string();
        let (title, rest) = text.split_once('\n').filter(|(title, _)| title.ends_with(':'))?;
        Some(format!("{}\n{rest}", heading(title)))
    };
    if let Some(text) = command.get_before_help().and_then(styled) {
        command = command.before_help(text);
    }
    if let Some(text) = command.get_after_help().and_then(styled) {
        command = command.after_help(text);
    }
    if let Some(text) = command.get_after_long_help().and_then(styled) {
        command = command.after_long_help(text);
    }
    command.mut_subcommands(with_headings)
}
