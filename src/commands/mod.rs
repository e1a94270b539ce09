//! One file a subcommand: the only place that wires modules together.
//!
//! A command gets what was typed and what the process found around it, and returns an error or
//! nothing. It never ends the process and never reads the environment.

mod arguments;
mod batch;
mod beside;
mod chain_config;
mod completions;
mod config;
mod help;
mod init;
pub mod log;
mod man;
mod new_file;
mod open_files;
mod private_memory;
mod run;
mod same_file;
mod schema;
mod serve;
mod setup;
mod signals;
mod simulate;
pub mod stderr;
mod surroundings;
mod tell;
mod token;
mod traces;
mod tracked_secrets;
mod upstream;
mod usage;
mod validate;

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command};
use crate::error::{Error, ErrorCode};
use crate::report::terminal_text::{one_line, visible};

#[cfg(any(test, fuzzing))]
pub(crate) use batch::fuzzed;
pub use private_memory::keep_memory_private;
pub use run::MAX_INPUT_BYTES;
pub use setup::{Setup, setup};
pub use surroundings::Surroundings;
pub use tell::{error_json, error_text};
pub use usage::tell_usage;

use signals::Signals;
use tell::output_error;

/// The runtime that fits the command: one thread for a single run, which starts faster; more for a batch and a
/// server.
///
/// # Errors
/// If the system refuses what a runtime needs.
pub fn runtime(cli: &Cli) -> Result<Runtime, Error> {
    build(cli).map_err(|error| {
        if open_files::are_too_many(&error) {
            return open_files::limit_reached(&error);
        }
        Error::new(ErrorCode::Internal, "the runtime can't be started").because(error)
    })
}

fn build(cli: &Cli) -> io::Result<Runtime> {
    let mut builder = match cli.command {
        Command::Run(_)
        | Command::Validate(_)
        | Command::Init(_)
        | Command::Config(_)
        | Command::Token(_)
        | Command::Schema(_)
        | Command::Help(_)
        | Command::Completions(_)
        | Command::Man(_) => Builder::new_current_thread(),
        Command::Batch(_) | Command::Serve(_) | Command::Simulate(_) => Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build()?;
    let inside = runtime.enter();
    signals::let_long_files_fail()?;
    drop(inside);
    Ok(runtime)
}

/// Does what was typed.
///
/// # Errors
/// What kept it from being done; nothing has been printed of it.
pub async fn execute(cli: Cli, surroundings: Surroundings) -> Result<(), Error> {
    match cli.command {
        Command::Run(args) => Box::pin(run::run(*args, &cli.globals, surroundings)).await,
        Command::Batch(args) => Box::pin(batch::batch(*args, &cli.globals, surroundings)).await,
        Command::Serve(args) => serve::serve(args, &cli.globals, surroundings).await,
        Command::Validate(args) => validate::validate(*args, &cli.globals, surroundings).await,
        Command::Init(args) => init::init(args, &cli.globals, surroundings).await,
        Command::Config(args) => config::config(*args, &cli.globals, surroundings).await,
        Command::Token(args) => token::token(args, &cli.globals, surroundings).await,
        Command::Simulate(args) => simulate::simulate(args, &cli.globals).await,
        Command::Schema(args) => schema::schema(&args).await,
        Command::Help(args) => help::help(&args, &cli.globals, &surroundings).await,
        Command::Completions(args) => completions::completions(&args).await,
        Command::Man(args) => man::man(&args, &cli.globals).await,
    }
}

/// Has what is traced and logged delivered, within a bound; a signal cuts it short. To be called when nothing more
/// happens.
pub async fn finish() {
    let delivered = async {
        // What is to be said of spans that weren't delivered is logged.
        traces::finish().await;
        log::finish().await;
    };
    let Ok(mut signals) = Signals::listen() else { return delivered.await };
    tokio::select! {
        () = delivered => {}
        _ = signals.next() => {}
    }
}

/// Writes to stdout what a command says as a whole. A closed pipe is quiet.
async fn write_to_stdout(text: &str) -> Result<(), Error> {
    let mut stdout = tokio::io::stdout();
    let written = async {
        stdout.write_all(text.as_bytes()).await?;
        stdout.flush().await
    };
    match written.await {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| output_error(&error)),
    }
}

/// Text for people, beside the progress; names in it may come from a stranger's folder. What can't be written
/// is dropped: there is nobody left to tell.
fn say_on_stderr(text: &str) {
    stderr::write(&format!("{}\n", visible(text.trim_end())));
}

/// A line that warns, whatever was found in the files that it is about.
fn warn_on_stderr(warning: &str) {
    say_on_stderr(&format!("warning: {}", one_line(warning)));
}

/// Paths, one a line: as they are for programs, but harmless on a terminal.
async fn list_on_stdout(paths: &str, around: &Surroundings) -> Result<(), Error> {
    let shown = if around.stdout_is_terminal { visible(paths) } else { paths.into() };
    write_to_stdout(&shown).await
}
