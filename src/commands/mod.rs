//! One file a subcommand: the only place that wires modules together.
//!
//! A command gets what was typed and what the process found around it, and returns an error or
//! nothing. It never ends the process and never reads the environment.

mod config;
mod run;
mod schema;
mod setup;
mod signals;
mod simulate;
mod surroundings;
mod tell;

use std::io::{self, Write};

use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command};
use crate::error::Error;

pub use run::MAX_INPUT_BYTES;
pub use surroundings::Surroundings;
pub use tell::{error_json, error_text};

use tell::output_error;

/// The runtime that fits the command: one thread for a single run, which starts faster; more for a
/// server.
///
/// # Errors
/// If the system refuses what a runtime needs.
pub fn runtime(cli: &Cli) -> io::Result<Runtime> {
    let mut builder = match cli.command {
        Command::Run(_) | Command::Schema(_) => Builder::new_current_thread(),
        Command::Simulate(_) => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

/// Does what was typed.
///
/// # Errors
/// What kept it from being done; nothing has been printed of it.
pub async fn execute(cli: Cli, surroundings: Surroundings) -> Result<(), Error> {
    match cli.command {
        Command::Run(args) => run::run(*args, &cli.globals, surroundings).await,
        Command::Simulate(args) => simulate::simulate(args, &cli.globals).await,
        Command::Schema(args) => schema::schema(&args).await,
    }
}

/// A line for people, beside the progress. What can't be written is dropped: there is nobody left to tell.
fn say_on_stderr(text: &str) {
    write_to_stderr(&format!("{}\n", text.trim_end()));
}

fn write_to_stderr(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
