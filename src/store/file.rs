//! The SQLite file of the store: its checks, its mode, and the lock of the running bot.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;

use super::open_error::OpenError;

/// Mode of the files: only the user of the bot reads and writes them.
const PRIVATE: u32 = 0o600;
/// Endings of the files that SQLite keeps beside the database, and of the database itself.
const ENDINGS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Checks folder and file, because SQLite itself only reports "unable to open database file".
/// Creates the file if the URL allows it. Returns its path without links, because SQLite keeps its
/// other files beside the target of a link, and because two names of one file have one lock.
pub(super) fn prepare(url: &str) -> Result<PathBuf, OpenError> {
    let file = path(url)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder(folder.to_owned()));
    }
    if !file.exists() {
        if !url.contains("mode=rwc") {
            return Err(OpenError::NoFile(std::path::absolute(&file).unwrap_or(file)));
        }
        // SQLite would create it with the mode that the process's umask allows. The files beside
        // it get its mode. A failure is reported when SQLite opens the file. `create` also creates
        // the target of a link.
        let _ =
            OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE).open(&file);
    }
    Ok(file.canonicalize().unwrap_or(file))
}

/// Creates a new file that only this user reads and writes. Fails if there is one of this name.
pub(crate) fn create_private(file: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(file)
}

/// Returns the path in a SQLite URL.
pub(super) fn path(url: &str) -> Result<PathBuf, OpenError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(OpenError::InMemory);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    Ok(options.get_filename().to_owned())
}

/// Takes the permissions of other users away from the database and the files beside it.
pub(super) fn make_private(file: &Path) {
    for ending in ENDINGS {
        make_file_private(&with_ending(file, ending));
    }
}

/// Takes the permissions of other users away from a file, if it exists.
fn make_file_private(file: &Path) {
    let Ok(metadata) = fs::metadata(file) else { return };
    if metadata.permissions().mode() & 0o777 & !PRIVATE == 0 {
        return;
    }
    match fs::set_permissions(file, Permissions::from_mode(PRIVATE)) {
        Ok(()) => tracing::info!(
            file = %file.display(),
            "file of the store was open to other users: mode set to 0600"
        ),
        Err(error) => tracing::warn!(
            file = %file.display(),
            "file of the store is open to other users, and its mode cannot be changed: {error}"
        ),
    }
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The lock of a process that runs the bot. Dropping it, or the end of the process, releases it.
#[derive(Debug)]
pub struct RunLock {
    /// `None` for a server, which several processes can share.
    _file: Option<File>,
}

impl RunLock {
    /// Takes the lock of the store at a URL. Commands that do not run the bot need no lock.
    ///
    /// The lock is a file of its own beside the database, because a process that closes the
    /// database's file loses all of SQLite's locks on it.
    pub fn acquire(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("sqlite:") {
            return Ok(Self { _file: None });
        }
        let file = prepare(url)?;
        let name = with_ending(&file, ".lock");
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).mode(PRIVATE).open(&name);
        make_file_private(&name);
        let taken = lock.map_err(TryLockError::Error).and_then(|lock| {
            lock.try_lock()?;
            Ok(lock)
        });
        match taken {
            Ok(lock) => Ok(Self { _file: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(file)),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                // SQLite needs locks too, so the data is not protected either.
                tracing::warn!(
                    file = %name.display(),
                    "the file system has no locks: a second bot on this file would not be refused"
                );
                Ok(Self { _file: None })
            }
            Err(TryLockError::Error(source)) => Err(OpenError::NoLock { file: name, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn url(folder: &TempDir) -> String {
        format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display())
    }

    #[test]
    fn second_lock_is_refused_under_every_name() {
        let folder = TempDir::new().unwrap();
        let url = url(&folder);
        let lock = RunLock::acquire(&url).unwrap();
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(folder.path().join(target), folder.path().join(name))
                .unwrap();
        };
        link("", "same");
        link("desk.db", "link.db");
        for name in ["desk.db", "same/desk.db", "link.db", "same/link.db"] {
            let error = RunLock::acquire(&url.replace("desk.db", name)).unwrap_err();
            assert!(matches!(error, OpenError::InUse(_)), "{name}: {error:?}");
        }
        let other = RunLock::acquire(&url.replace("desk.db", "other.db")).unwrap();
        drop((lock, other));
        let lock = RunLock::acquire(&url).unwrap();
        drop(lock);

        link("target.db", "dangling.db");
        let _lock = RunLock::acquire(&url.replace("desk.db", "dangling.db")).unwrap();
        let error = RunLock::acquire(&url.replace("desk.db", "target.db")).unwrap_err();
        assert!(matches!(error, OpenError::InUse(_)), "through a dangling link: {error:?}");
    }

    #[test]
    fn server_has_no_lock() {
        RunLock::acquire("postgres://127.0.0.1:1/desk").unwrap();
    }

    #[test]
    fn files_become_private() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("desk.db");
        let mode = |ending: &str| {
            fs::metadata(with_ending(&file, ending)).unwrap().permissions().mode() & 0o777
        };
        prepare(&url(&folder)).unwrap();
        assert_eq!(mode(""), 0o600, "a new file");
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let linked = url(&folder).replace("desk.db", "link.db");
        // The files that a killed process leaves behind, and one of a journal in the older mode.
        let endings = ["", "-wal", "-shm", "-journal", ".lock"];
        for (before, after) in [(0o644, 0o600), (0o666, 0o600), (0o640, 0o600), (0o600, 0o600)] {
            for ending in endings {
                let file = with_ending(&file, ending);
                fs::write(&file, "").unwrap();
                fs::set_permissions(&file, Permissions::from_mode(before)).unwrap();
            }
            make_private(&prepare(&linked).unwrap());
            RunLock::acquire(&linked).unwrap();
            assert_eq!(endings.map(&mode), [after; 5], "{before:o}");
        }
        fs::set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
        make_private(&file);
        assert_eq!(mode(""), 0o400, "stricter than 0600");
    }
}
