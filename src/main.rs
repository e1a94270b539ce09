//! The process edge: parses the command line, runs the command, tells the error, ends the process.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;
use promptchain::cli::Cli;
use promptchain::commands::{self, Surroundings};
use promptchain::error::{Error, ErrorCode};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let surroundings = Surroundings::new(std::env::vars_os());
    let (as_json, color) = (cli.wants_json(), surroundings.stderr_has_color(cli.globals.color));
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| run(cli, surroundings)));
    let result = result.unwrap_or_else(|_| Err(Error::new(ErrorCode::Internal, "the program has panicked")));
    match result {
        Ok(()) => {
            commands::stderr::drain();
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error, as_json, color),
    }
}

fn run(cli: Cli, surroundings: Surroundings) -> Result<(), Error> {
    let runtime = commands::runtime(&cli)
        .map_err(|error| Error::new(ErrorCode::Internal, "the runtime can't be started").because(error))?;
    let result = runtime.block_on(commands::execute(cli, surroundings));
    // A read of stdin or a write to stdout that nobody answers must not keep the process alive.
    runtime.shutdown_background();
    result
}

/// What clap has to say: help and version are no errors.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && commands::asks_for_json(std::env::args_os()) {
        let text = error.render().to_string();
        // Without the usage and the reference to --help that follow, and on one line.
        let follows = ["\n\nUsage:", "\n\nFor more information"].map(|part| text.find(part));
        let end = follows.into_iter().flatten().min().unwrap_or(text.len());
        let said = text.get(..end).unwrap_or_default().trim_start_matches("error: ");
        let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return fail(&Error::new(ErrorCode::Usage, message), true, false);
    }
    // A reader that has gone wants no more.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(ErrorCode::Usage.exit_code()) } else { ExitCode::SUCCESS }
}

fn fail(error: &Error, as_json: bool, color: bool) -> ExitCode {
    let text = if as_json { commands::error_json(error) } else { commands::error_text(error, color) };
    commands::stderr::write(&text);
    commands::stderr::drain();
    ExitCode::from(error.code.exit_code())
}
