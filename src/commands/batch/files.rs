//! The files of a batch: the input, the results, the journal. None of them may be another.

use std::path::{Path, PathBuf};

use crate::cli::BatchArgs;
use crate::commands::same_file::check_apart;
use crate::error::{Error, ErrorCode};

/// The ending of a journal's name, unless it is named.
const JOURNAL: &str = ".journal";

/// Stdin, in the input's place.
const STDIN: &str = "-";

/// Where the journal is; `None` if there is to be none.
pub(super) fn journal_path(args: &BatchArgs) -> Result<Option<PathBuf>, Error> {
    let is_stdin = args.input == Path::new(STDIN);
    // Beside a pipe or a device there is no place.
    let out = args.out.as_ref().filter(|out| !out.exists() || out.is_file());
    let path = match (&args.journal, out) {
        _ if args.no_journal => None,
        (Some(path), _) => Some(path.clone()),
        (None, Some(out)) => Some(with_ending(out, JOURNAL)),
        (None, None) if !is_stdin => Some(with_ending(&args.input, JOURNAL)),
        (None, None) => None,
    };
    let needs = |what: &str| {
        Error::new(ErrorCode::Usage, what)
            .hint("name it with --journal FILE, or name the results' file with -o")
    };
    if args.message_batches && path.is_none() {
        return Err(needs("--message-batches needs a journal to find its batches again"));
    }
    if args.resume && path.is_none() {
        return Err(needs("there is no journal to go on from"));
    }
    let input = Some(args.input.as_path()).filter(|_| !is_stdin);
    check_apart(&[
        ("the input", input),
        ("the results' file", args.out.as_deref()),
        ("the journal", path.as_deref()),
    ])?;
    Ok(path)
}

/// The path with that added to its name.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
