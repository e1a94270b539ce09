//! The files of a batch: the input, the results, the journal. None of them may be another.

use std::path::{Path, PathBuf};

use crate::cli::BatchArgs;
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
    check_apart(args, path.as_deref())?;
    Ok(path)
}

/// Each is a file of its own: one that is written over another is lost.
fn check_apart(args: &BatchArgs, journal: Option<&Path>) -> Result<(), Error> {
    let input = Some(args.input.as_path()).filter(|input| *input != Path::new(STDIN));
    let files = [("the input", input), ("the results' file", args.out.as_deref()), ("the journal", journal)];
    for (at, (one, path)) in files.iter().enumerate() {
        for (other, beside) in files.iter().skip(at + 1) {
            if let (Some(path), Some(beside)) = (path, beside)
                && is_same(path, beside)
            {
                let message = format!("{} would be both {one} and {other}", path.display());
                return Err(Error::new(ErrorCode::Usage, message).hint("name another file"));
            }
        }
    }
    Ok(())
}

/// Whether both lead to one regular file, or would.
fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => one == other,
    }
}

/// The path with that added to its name.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
