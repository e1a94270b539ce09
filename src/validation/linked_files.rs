//! Keeps the text of files that are merely linked to out of what is shown.
//!
//! A link in a folder that comes from somewhere may lead to a file that only its reader may read, and what
//! is found may be shown to others, as in the log of a build.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Source};

/// `found` without the lines of files that lie in another folder than the links to them.
pub(super) fn without_lines(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut known = BTreeMap::<PathBuf, bool>::new();
    let mut is_elsewhere = |source: &Source| match source {
        Source::File(path) => *known.entry(path.clone()).or_insert_with(|| leads_elsewhere(path)),
        _ => false,
    };
    let show = |diagnostic: Diagnostic| {
        let is_hidden = is_elsewhere(&diagnostic.source);
        Diagnostic { excerpt: diagnostic.excerpt.filter(|_| !is_hidden), ..diagnostic }
    };
    found.into_iter().map(show).collect()
}

fn leads_elsewhere(path: &Path) -> bool {
    if !path.is_symlink() {
        return false;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(target)) => !target.starts_with(folder),
        // What can't be followed can't be trusted.
        _ => true,
    }
}
