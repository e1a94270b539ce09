//! The names of the things that problems are in. A name is never changed but for characters that would
//! harm whoever reads it.

use std::path::{MAIN_SEPARATOR, Path};

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::report::terminal_text::visible;

/// The name of a source, on one line; `None` if it has none.
pub(super) fn source_name(source: &Source) -> Option<String> {
    match source {
        Source::Unsaid => None,
        source => Some(on_one_line(&source.to_string())).filter(|name| !name.is_empty()),
    }
}

/// `name:line:column`, as far as there are such; `None` without a name.
pub(super) fn place_name(diagnostic: &Diagnostic) -> Option<String> {
    let name = source_name(&diagnostic.source)?;
    Some(match diagnostic.place {
        Some(Place { line, col, .. }) => format!("{name}:{line}:{col}"),
        None => name,
    })
}

/// The file that a problem is in, if it is in one.
pub(super) fn file(diagnostic: &Diagnostic) -> Option<&Path> {
    match &diagnostic.source {
        // Nothing is called nothing.
        Source::File(path) if !path.as_os_str().is_empty() => Some(path),
        _ => None,
    }
}

/// A path as it was given, with forward slashes on every system, and not beginning with `./`.
pub(super) fn slashed(path: &Path) -> String {
    without_dot(&path.to_string_lossy().replace(MAIN_SEPARATOR, "/")).to_owned()
}

/// The same path of slashes, not beginning with `./`.
pub(super) fn without_dot(path: &str) -> &str {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    if rest.is_empty() { "." } else { rest }
}

/// Unlike in a message, each space counts.
pub(super) fn on_one_line(name: &str) -> String {
    visible(name).replace('\n', "␊").replace('\t', "␉")
}
