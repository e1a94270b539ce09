//! The process edge: parses the command line, runs the command, tells the error, ends the process.

use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use promptchain::cli::Cli;
use promptchain::commands::{self, Surroundings};
use promptchain::error::{Error, ErrorCode};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let surroundings = Surroundings::new(std::env::vars_os());
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(commands::tell_usage(error, &arguments, &surroundings)),
    };
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

fn fail(error: &Error, as_json: bool, color: bool) -> ExitCode {
    let text = if as_json { commands::error_json(error) } else { commands::error_text(error, color) };
    commands::stderr::write(&text);
    commands::stderr::drain();
    ExitCode::from(error.code.exit_code())
}
