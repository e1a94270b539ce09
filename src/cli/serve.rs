//! `promptchain serve`.

use clap::Args;

use super::RecordingArgs;
use crate::settings::Override;

const EXAMPLES: &str = "\
Examples:
  promptchain serve --offline
  promptchain serve --host 0.0.0.0 --port 8080
  promptchain serve --check";

/// Serve the chain behind an OpenAI-compatible API.
///
/// The address is the first line on stdout; log lines go to stderr. SIGTERM and Ctrl-C let the runs that are
/// under way end first, a second one doesn't. SIGUSR1 turns the log's level to DEBUG, and back again.
/// SIGHUP reloads prompts and settings, or keeps those it has if anything is wrong with the new ones.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ServeArgs {
    /// The address or host name to listen on [env: API_HOST] [default: 127.0.0.1]
    #[arg(long, value_name = "HOST", value_parser = super::parsers::said)]
    pub host: Option<String>,
    /// The port; 0 takes a free one [env: API_PORT] [default: 8000]
    #[arg(long, value_name = "PORT", value_parser = super::parsers::said, allow_negative_numbers = true)]
    pub port: Option<String>,
    /// Run the chain against the built-in simulator: no key, no network, no cost
    #[arg(long)]
    pub offline: bool,
    /// What becomes of the exchanges with the upstream.
    #[command(flatten)]
    pub recordings: RecordingArgs,
    /// Only check settings, prompts and the form of keys, and whether the shared store answers; the upstream isn't called
    #[arg(long, conflicts_with = "record")]
    pub check: bool,
}

impl ServeArgs {
    /// The variables that the flags set.
    #[must_use]
    pub fn overrides(&self) -> Vec<Override> {
        let given = [("API_HOST", "--host", &self.host), ("API_PORT", "--port", &self.port)];
        given
            .into_iter()
            .filter_map(|(variable, flag, value)| {
                let value = value.as_ref()?.into();
                Some(Override { variable: variable.to_owned(), value, flag: flag.to_owned() })
            })
            .collect()
    }
}
