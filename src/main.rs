//! The process edge: parses the command line, runs the command, tells the error, ends the process.

use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use promptchain::cli::Cli;
use promptchain::commands::{self, Surroundings};
use promptchain::error::{Error, ErrorCode};

/// What load has taken goes back to the system within seconds; the system's own allocator keeps it, since something small
/// is nearly always left above it. It is also faster with the short-lived texts that a chain consists of.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Before any secret is there.
    commands::keep_memory_private();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let surroundings = Surroundings::new(std::env::vars_os());
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(commands::tell_usage(error, &arguments, &surroundings)),
    };
    let voice = Voice {
        is_log: commands::log::is_its_voice(&cli),
        is_json: cli.wants_json(),
        is_seen: surroundings.stderr_is_terminal,
        color: surroundings.stderr_has_color(cli.globals.color),
    };
    let result = run(cli, surroundings, voice);
    commands::stderr::drain();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(error.code.exit_code()),
    }
}

/// How a failure is told.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Voice {
    /// Stderr is a log.
    is_log: bool,
    is_json: bool,
    /// Somebody looks at stderr.
    is_seen: bool,
    color: bool,
}

fn run(cli: Cli, surroundings: Surroundings, voice: Voice) -> Result<(), Error> {
    let runtime = commands::runtime(&cli).inspect_err(|error| tell(error, voice))?;
    let execute = || runtime.block_on(commands::execute(cli, surroundings));
    let result = std::panic::catch_unwind(AssertUnwindSafe(execute));
    let result = result.unwrap_or_else(|_| Err(Error::new(ErrorCode::Internal, "the program has panicked")));
    let result = result.inspect_err(|error| tell(error, voice));
    runtime.block_on(commands::finish());
    // A read of stdin or a write to stdout that nobody answers must not keep the process alive.
    runtime.shutdown_background();
    result
}

fn tell(error: &Error, voice: Voice) {
    if voice.is_log {
        commands::log::failure(error);
        if !voice.is_seen {
            return;
        }
    }
    let text =
        if voice.is_json { commands::error_json(error) } else { commands::error_text(error, voice.color) };
    commands::stderr::write(&text);
}
