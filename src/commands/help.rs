//! `promptchain help`: prints what there is to know about a command or a topic.

use super::{Surroundings, write_to_stdout};
use crate::cli::{GlobalArgs, HelpArgs};
use crate::error::{Error, ErrorCode};
use crate::manual::{Unknown, help_page};

pub(super) async fn help(args: &HelpArgs, globals: &GlobalArgs, around: &Surroundings) -> Result<(), Error> {
    let page =
        help_page(&args.words).map_err(|unknown| unknown_word(&unknown, "promptchain help lists them"))?;
    let page =
        if around.stdout_has_color(globals.color) { page.ansi().to_string() } else { page.to_string() };
    write_to_stdout(&format!("{}\n", page.trim())).await
}

/// There is nothing of that name; `otherwise` is what to do where nothing is near enough.
pub(super) fn unknown_word(unknown: &Unknown, otherwise: &str) -> Error {
    let hint = unknown.nearest.as_ref().map_or(otherwise.to_owned(), |name| format!("did you mean {name}?"));
    Error::new(ErrorCode::Usage, unknown.to_string()).hint(hint)
}
