//! Files that are written each whole or not at all: where there is nothing yet, or in the place of an older
//! one, but never through a link or into a pipe.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::beside::{Access, Beside, folder_of, make_folder};
use crate::error::{Error, ErrorCode};

/// A file to be written.
pub(super) struct NewFile {
    pub(super) path: PathBuf,
    pub(super) text: SecretString,
    /// Whether only its owner may read it.
    pub(super) is_secret: bool,
}

/// Writes all of them, and the folders that they are in, where there is nothing yet.
pub(super) fn write_all(files: Vec<NewFile>) -> Result<(), Error> {
    let mut placed = Vec::new();
    for (path, beside) in all_beside(files)? {
        // Fails if there is anything at that path by now, a link that leads nowhere too.
        if let Err(error) = beside.take_free_place(&path) {
            // What was placed just now is nobody's work yet.
            for path in &placed {
                let _ = fs::remove_file(path);
            }
            return Err(failed(&path, error.kind()));
        }
        placed.push(path);
    }
    Ok(())
}

/// The same, but files that are there already are replaced. Anything else at one of the paths is refused: a
/// link may lead to what is no business of ours.
pub(super) fn replace_all(files: Vec<NewFile>) -> Result<(), Error> {
    for NewFile { path, .. } in &files {
        refuse_what_is_no_file(path)?;
    }
    for (path, beside) in all_beside(files)? {
        // A link that has come to be there meanwhile would be replaced, not followed.
        beside.replace(&path).map_err(|error| failed(&path, error.kind()))?;
    }
    Ok(())
}

/// Finds out whether a file could be written at that path, with what is there replaced.
pub(super) fn check_replaceable(path: &Path) -> Result<(), Error> {
    refuse_what_is_no_file(path)?;
    let probe = NewFile { path: path.to_owned(), text: String::new().into(), is_secret: true };
    write_beside(&probe).map(drop).map_err(|error| failed(path, error.kind()))
}

/// Refuses a link that leads nowhere: whether it or what it names is to be written, nobody has said.
pub(super) fn refuse_dangling(path: &Path) -> Result<(), Error> {
    if path.is_symlink() && !path.exists() {
        let message = format!("can't write to {}: it is a link that leads nowhere", path.display());
        return Err(Error::new(ErrorCode::Usage, message).hint("name the file itself, or remove the link"));
    }
    Ok(())
}

fn refuse_what_is_no_file(path: &Path) -> Result<(), Error> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        let message = format!("can't write {}: what is there isn't a regular file", path.display());
        return Err(Error::new(ErrorCode::Usage, message).hint("name another one, or move it away"));
    }
    Ok(())
}

/// All of them, written beside their places: none takes its own before all are written, so that a full disk
/// leaves none behind.
fn all_beside(files: Vec<NewFile>) -> Result<Vec<(PathBuf, Beside)>, Error> {
    let beside = |file: NewFile| match write_beside(&file) {
        Ok(beside) => Ok((file.path, beside)),
        Err(error) => Err(failed(&file.path, error.kind())),
    };
    files.into_iter().map(beside).collect()
}

fn write_beside(file: &NewFile) -> io::Result<Beside> {
    let folder = folder_of(&file.path);
    make_folder(folder)?;
    let beside = Beside::create(folder, Access::New(if file.is_secret { 0o600 } else { 0o666 }))?;
    beside.as_file().write_all(file.text.expose_secret().as_bytes())?;
    // Here, so that a disk that is full says so before any file takes its place.
    beside.as_file().sync_all()?;
    Ok(beside)
}

/// By the error's kind alone: the error itself may name the file beside.
fn failed(path: &Path, kind: io::ErrorKind) -> Error {
    let is_refused = matches!(
        kind,
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::InvalidFilename
    );
    let code = if is_refused { ErrorCode::Usage } else { ErrorCode::Output };
    let error = Error::new(code, format!("can't write {}", path.display())).because(io::Error::from(kind));
    match kind {
        io::ErrorKind::AlreadyExists => error.hint("it came to be there meanwhile: start again"),
        _ if is_refused => error.hint("choose a folder that you may write to"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn file(path: PathBuf, is_secret: bool) -> NewFile {
        NewFile { path, text: SecretString::from("text"), is_secret }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn folders_are_made_and_only_what_is_secret_is_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().unwrap();
        let [secret, open] = ["deep/er/secret", "open"].map(|name| folder.path().join(name));
        write_all(vec![file(secret.clone(), true), file(open.clone(), false)]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&secret), 0o600);
        assert_eq!(mode(&open) & 0o400, 0o400);
        assert_eq!(fs::read_to_string(secret).unwrap(), "text");
    }

    #[test]
    fn what_came_to_be_there_meanwhile_is_neither_replaced_nor_followed() {
        let folder = TempDir::new().unwrap();
        let [link, target, other] = ["link", "target", "other"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        fs::write(&other, "mine").unwrap();
        for path in [&link, &other] {
            let error = write_all(vec![file(path.clone(), true)]).unwrap_err();
            assert_eq!(error.code, ErrorCode::Usage);
            assert!(error.causes[0].contains("already exists"), "{error:?}");
        }
        assert_eq!(names(folder.path()), ["link", "other"]);
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
    }

    #[test]
    fn a_file_is_replaced_but_a_link_or_a_pipe_is_refused_and_nothing_written() {
        let folder = TempDir::new().unwrap();
        let [old, link, pipe, target] =
            ["old", "link", "pipe", "target"].map(|name| folder.path().join(name));
        for path in [&old, &target] {
            fs::write(path, "before").unwrap();
        }
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [&link, &pipe] {
            let error = replace_all(vec![file(old.clone(), false), file(path.clone(), false)]).unwrap_err();
            assert!(error.message.contains("isn't a regular file"), "{error:?}");
            assert_eq!(error.code, ErrorCode::Usage);
        }
        assert_eq!([&old, &target].map(|path| fs::read_to_string(path).unwrap()), ["before", "before"]);
        replace_all(vec![file(old.clone(), false)]).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "text");
        assert_eq!(names(folder.path()), ["link", "old", "pipe", "target"]);
    }

    #[test]
    fn a_link_is_refused_only_if_it_leads_nowhere() {
        let folder = TempDir::new().unwrap();
        let [link, target] = ["link", "target"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let error = refuse_dangling(&link).unwrap_err();
        assert!(error.code == ErrorCode::Usage && error.message.ends_with("leads nowhere"), "{error:?}");
        assert_eq!(names(folder.path()), ["link"]);
        fs::write(&target, "").unwrap();
        for path in [&link, &target, &folder.path().join("other")] {
            refuse_dangling(path).unwrap();
        }
    }

    #[test]
    fn if_one_cannot_be_written_none_is() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let [fine, within_a_file] = ["fine", "file/inside"].map(|name| folder.path().join(name));
        assert!(write_all(vec![file(fine, true), file(within_a_file, false)]).is_err());
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn if_one_place_is_taken_none_is() {
        let folder = TempDir::new().unwrap();
        let [free, taken] = ["free", "taken"].map(|name| folder.path().join(name));
        fs::write(&taken, "mine").unwrap();
        assert!(write_all(vec![file(free, true), file(taken, false)]).is_err());
        assert_eq!(names(folder.path()), ["taken"]);
    }

    #[test]
    fn a_full_disk_is_no_mistake_of_the_user() {
        let code = |kind| failed(Path::new("x"), kind).code;
        assert_eq!(code(io::ErrorKind::StorageFull), ErrorCode::Output);
        assert_eq!(code(io::ErrorKind::PermissionDenied), ErrorCode::Usage);
    }
}
