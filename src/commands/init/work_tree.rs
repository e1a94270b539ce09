//! Whether git would take up a `.env`, as far as that can be seen without asking git: its patterns are
//! many, and only the usual ones are known here.

use std::path::{Path, PathBuf};

use crate::small_file::{MAX_SMALL_FILE_BYTES, read_small_file};

/// The patterns that cover a `.env` in the folder of their file and below.
const EVERYWHERE: [&str; 5] = [".env", "**/.env", ".env*", "*.env", "*"];

/// The work tree that `folder` is in, if no ignore file in it covers a `.env` in `folder`.
pub(super) fn uncovered(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let mut ignore_files = Vec::new();
    for within in folder.ancestors() {
        ignore_files.push((within == folder, within.join(".gitignore")));
        let git = within.join(".git");
        if git.exists() {
            ignore_files.push((false, git.join("info/exclude")));
            // The nearest file that says something decides.
            let verdict = ignore_files.iter().find_map(|(is_beside, path)| verdict(path, *is_beside));
            return (verdict != Some(true)).then(|| within.to_owned());
        }
    }
    None
}

/// Whether the file covers a `.env`; `None` if it doesn't say. `is_beside` says that both are in the same
/// folder. Of several patterns the last counts.
fn verdict(ignore_file: &Path, is_beside: bool) -> Option<bool> {
    let text = read_small_file(ignore_file, MAX_SMALL_FILE_BYTES).ok()?;
    text.lines().rev().find_map(|line| {
        let line = line.trim_end();
        let (pattern, covers) = line.strip_prefix('!').map_or((line, true), |pattern| (pattern, false));
        let is_here = is_beside && pattern.strip_prefix('/').is_some_and(|it| EVERYWHERE.contains(&it));
        (is_here || EVERYWHERE.contains(&pattern)).then_some(covers)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// Whether a `.env` in `deep/er` is uncovered in a tree of these files.
    fn is_uncovered(files: &[(&str, &str)]) -> bool {
        let tree = TempDir::new().unwrap();
        fs::create_dir_all(tree.path().join("deep/er")).unwrap();
        for (name, text) in files {
            let path = tree.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        match uncovered(&tree.path().join("deep/er")) {
            Some(root) => {
                assert_eq!(root, tree.path().canonicalize().unwrap());
                true
            }
            None => false,
        }
    }

    #[test]
    fn a_work_tree_without_a_fitting_pattern_leaves_it_uncovered() {
        let git = (".git/HEAD", "");
        for (name, text) in [
            (".gitignore", "target\n"),
            (".gitignore", "/.env\n"),
            (".gitignore", ".env\n!.env\n"),
            (".gitignore", "# .env\n"),
            (".gitignore", ".env.example\n"),
            ("other/.gitignore", ".env\n"),
        ] {
            assert!(is_uncovered(&[git, (name, text)]), "{name}: {text}");
        }
        assert!(is_uncovered(&[git, (".gitignore", ".env\n"), ("deep/.gitignore", "!.env\n")]));
        assert!(is_uncovered(&[(".git", "gitdir: ../elsewhere\n")]), "a linked work tree");
    }

    #[test]
    fn a_pattern_on_the_way_up_covers_it_and_outside_of_a_work_tree_nothing_needs_to() {
        let git = (".git/HEAD", "");
        for (name, text) in [
            (".gitignore", "target\n.env\n"),
            (".gitignore", "*.env  \n"),
            ("deep/.gitignore", ".env*\n"),
            ("deep/er/.gitignore", "/.env\n"),
            (".git/info/exclude", ".env\n"),
        ] {
            assert!(!is_uncovered(&[git, (name, text)]), "{name}: {text}");
        }
        assert!(!is_uncovered(&[]));
    }
}
