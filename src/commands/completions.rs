//! `promptchain completions`: prints the script by which a shell completes the command line.

use super::write_to_stdout;
use crate::cli::CompletionsArgs;
use crate::error::Error;
use crate::manual::completion_script;

pub(super) async fn completions(args: &CompletionsArgs) -> Result<(), Error> {
    write_to_stdout(&completion_script(args.shell)).await
}
