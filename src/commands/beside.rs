//! A file that is written beside its place and takes it whole: whoever looks there finds the old file or the
//! new one, however the process or the machine ends.
//!
//! Where the system can, the file has no name until then, so that a process that is killed leaves nothing
//! behind. Once it has its place, the folder is on the disk too: a name that isn't can be gone after a power
//! cut.

use std::fs::{self, File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// How the name begins that a file has while it has no place.
const PREFIX: &str = ".promptchain-";

/// Who may do what with the file.
pub(super) enum Access {
    /// This mode, less what the umask takes away.
    New(u32),
    /// What those of the file may that it is to replace.
    Of(Permissions),
}

/// A file beside its place. Dropped, it is gone.
pub(super) struct Beside {
    written: Written,
    folder: PathBuf,
}

enum Written {
    /// Without a name.
    #[cfg(target_os = "linux")]
    Nameless(File),
    Named(NamedTempFile),
}

impl Beside {
    /// An empty file in `folder`.
    pub(super) fn create(folder: &Path, access: Access) -> io::Result<Self> {
        let (mode, permissions) = match access {
            Access::New(mode) => (mode, None),
            // Narrow until it has what it is to have.
            Access::Of(permissions) => (0o600, Some(permissions)),
        };
        let beside = Self { written: create(folder, mode)?, folder: folder.to_owned() };
        if let Some(permissions) = permissions {
            beside.as_file().set_permissions(permissions)?;
        }
        Ok(beside)
    }

    pub(super) fn as_file(&self) -> &File {
        match &self.written {
            #[cfg(target_os = "linux")]
            Written::Nameless(file) => file,
            Written::Named(file) => file.as_file(),
        }
    }

    /// Takes the place `target` in its folder, and that of what is there.
    pub(super) fn replace(self, target: &Path) -> io::Result<()> {
        self.as_file().sync_all()?;
        match self.written {
            #[cfg(target_os = "linux")]
            Written::Nameless(file) => match named(&self.folder, &file) {
                Ok(named) => drop(named.persist(target).map_err(|error| error.error)?),
                Err(_) => drop(copied(&self.folder, &file)?.persist(target).map_err(|error| error.error)?),
            },
            Written::Named(file) => drop(file.persist(target).map_err(|error| error.error)?),
        }
        sync_folder(&self.folder)
    }

    /// Takes the place `target` in its folder, if there is nothing.
    pub(super) fn take_free_place(self, target: &Path) -> io::Result<()> {
        self.as_file().sync_all()?;
        let named = match self.written {
            #[cfg(target_os = "linux")]
            Written::Nameless(file) => match nameless::link(&file, target) {
                Ok(()) => return sync_folder(&self.folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                Err(_) => copied(&self.folder, &file)?,
            },
            Written::Named(file) => file,
        };
        named.persist_noclobber(target).map_err(|error| error.error)?;
        sync_folder(&self.folder)
    }
}

/// The folder that a file of that path is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the folder and those above it, where they aren't there yet, safely on the disk.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|it| is_missing(it)).collect();
    fs::create_dir_all(folder)?;
    missing.into_iter().try_for_each(|made| sync_folder(folder_of(made)))
}

fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty() && !folder.exists()
}

/// Waits until the names in that folder are safe on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere folders can't be opened.
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Files may be written there, but the folder not read; or the file system doesn't know of such a thing.
        Err(error) if is_no_failure(error.kind()) => Ok(()),
        synced => synced,
    }
}

fn is_no_failure(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

fn create(folder: &Path, mode: u32) -> io::Result<Written> {
    #[cfg(target_os = "linux")]
    if let Ok(file) = nameless::create(folder, mode) {
        return Ok(Written::Nameless(file));
    }
    let mut builder = builder();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(mode));
    }
    builder.tempfile_in(folder).map(Written::Named)
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    builder
}

/// The file with a name in `folder`, until it has its place.
#[cfg(target_os = "linux")]
fn named(folder: &Path, file: &File) -> io::Result<NamedTempFile<()>> {
    builder().make_in(folder, |path| nameless::link(file, path))
}

/// The same file once more, with a name: where one that has none can't be given any, against all expectations,
/// what is in it has been paid for all the same.
#[cfg(target_os = "linux")]
fn copied(folder: &Path, mut file: &File) -> io::Result<NamedTempFile> {
    let mut copy = builder().tempfile_in(folder)?;
    copy.as_file().set_permissions(file.metadata()?.permissions())?;
    io::Seek::rewind(&mut file)?;
    io::copy(&mut file, &mut copy)?;
    copy.as_file().sync_all()?;
    Ok(copy)
}

/// Files without a name.
#[cfg(target_os = "linux")]
mod nameless {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};

    /// # Errors
    /// Where there can be none, or one that can't be given a name.
    pub(super) fn create(folder: &Path, mode: u32) -> io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = File::from(open(folder, flags, Mode::from_raw_mode(mode))?);
        // Without /proc it couldn't be given a name.
        path(&file).symlink_metadata().map(|_| file)
    }

    pub(super) fn link(file: &File, target: &Path) -> io::Result<()> {
        Ok(linkat(CWD, path(file), CWD, target, AtFlags::SYMLINK_FOLLOW)?)
    }

    fn path(file: &File) -> PathBuf {
        format!("/proc/self/fd/{}", file.as_raw_fd()).into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::TempDir;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A file with that in it, as the system makes one that can, and as one that can't.
    fn both(folder: &Path, text: &str) -> [Beside; 2] {
        let beside = Beside::create(folder, Access::New(0o600)).unwrap();
        let named = Written::Named(builder().tempfile_in(folder).unwrap());
        let both = [beside, Beside { written: named, folder: folder.to_owned() }];
        for it in &both {
            it.as_file().write_all(text.as_bytes()).unwrap();
        }
        both
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_without_a_place_has_no_name() {
        let folder = TempDir::new().unwrap();
        let beside = Beside::create(folder.path(), Access::New(0o600)).unwrap();
        beside.as_file().write_all(b"half").unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn it_takes_the_place_of_what_is_there_or_only_a_free_one() {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target");
        for (number, beside) in both(folder.path(), "new").into_iter().enumerate() {
            fs::write(&target, "old").unwrap();
            beside.replace(&target).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), "new", "{number}");
        }
        for beside in both(folder.path(), "newer") {
            let error = beside.take_free_place(&target).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        for beside in both(folder.path(), "newest") {
            fs::remove_file(&target).unwrap();
            beside.take_free_place(&target).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), "newest");
        }
        assert_eq!(names(folder.path()), ["target"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn one_that_cannot_be_given_a_name_is_copied() {
        let folder = TempDir::new().unwrap();
        let [beside, _] = both(folder.path(), "paid for");
        let copy = copied(folder.path(), beside.as_file()).unwrap();
        assert_eq!(fs::read_to_string(copy.path()).unwrap(), "paid for");
    }

    #[test]
    #[cfg(unix)]
    fn it_has_the_access_of_what_it_replaces() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        let access = Access::Of(fs::metadata(&target).unwrap().permissions());
        Beside::create(folder.path(), access).unwrap().replace(&target).unwrap();
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
