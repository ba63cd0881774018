//! The file of the board's database: opened and checked, copied, and set aside when it is damaged.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use tracing::{error, warn};

use super::{StoreError, durable};

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS board (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        envelope BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS section (
        hash TEXT PRIMARY KEY,
        bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Opens the database to write in it, or creates it; a damaged or empty one is begun from its copy.
pub(super) fn open_or_begin_anew(path: &Path) -> Result<Connection, StoreError> {
    match connect(path) {
        Err(StoreError::Database(cause)) if is_damage(path, &cause) => begin_anew(path, &cause),
        // A power cut may leave an empty file, or none.
        Ok(connection) if is_empty(&connection)? && copy_path(path).exists() => {
            warn!(database = %path.display(), "the board's database is empty");
            restore_copy(&connection, path);
            Ok(connection)
        }
        done => done,
    }
}

fn is_empty(database: &Connection) -> Result<bool, StoreError> {
    Ok(
        database.query_row("SELECT NOT EXISTS (SELECT * FROM board)", [], |row| {
            row.get(0)
        })?,
    )
}

fn restore_copy(database: &Connection, path: &Path) {
    match restore(database, &copy_path(path)) {
        Ok(()) => warn!("the board comes from its copy"),
        Err(error) => warn!(%error, "there is no copy of the board; it is fetched again"),
    }
}

/// Sets a damaged database aside and begins another with the board of the copy.
pub(super) fn begin_anew(path: &Path, cause: &rusqlite::Error) -> Result<Connection, StoreError> {
    error!(database = %path.display(), %cause, "the board's database is damaged; it is set aside");
    let files = set_aside_files(path);
    rename_all(files.iter().map(|(file, aside)| (file, aside)))?;
    let connection = match connect(path) {
        Ok(connection) => connection,
        Err(error) => {
            rename_all(files.iter().map(|(file, aside)| (aside, file)))?;
            return Err(error);
        }
    };
    restore_copy(&connection, path);
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let database = Connection::open(path)?;
    // Nobody else opens it. The index of its log is then in memory, not in a file, whose pages in a damaged place would
    // end the program.
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.pragma_update(None, "secure_delete", true)?;
    let verdict: String = database.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
            Some(verdict),
        )
        .into());
    }
    database.execute_batch(SCHEMA)?;
    Ok(database)
}

/// Opens a database without writing anything. An immutable one is read without its log, which is empty after a switch.
pub(super) fn open_read_only(path: &Path, immutable: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !immutable {
        return Ok(Connection::open_with_flags(path, flags)?);
    }
    let absolute = std::path::absolute(path).map_err(StoreError::io(path))?;
    let mut uri = url::Url::from_file_path(&absolute)
        .map_err(|()| StoreError::io(path)(io::ErrorKind::InvalidFilename.into()))?;
    uri.set_query(Some("immutable=1"));
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(uri.as_str(), flags)?)
}

/// Where the copy of the database lies, as it is after a switch, for when its file is damaged.
pub(super) fn copy_path(path: &Path) -> PathBuf {
    path.with_file_name("board-copy.sqlite")
}

/// Writes the copy anew; when that fails, there is none afterwards.
pub(super) fn write_copy(database: &Connection, path: &Path) -> Result<(), StoreError> {
    let copy = copy_path(path);
    let new = copy.with_extension("new");
    let written = || -> Result<(), StoreError> {
        durable::remove_file(&new).map_err(StoreError::io(&new))?;
        let name = new.to_string_lossy();
        database.execute("VACUUM INTO ?1", [&*name])?;
        let put_in_place = || -> io::Result<()> {
            File::open(&new)?.sync_all()?;
            fs::rename(&new, &copy)?;
            durable::sync_directory(copy.parent().unwrap_or(&copy))
        };
        put_in_place().map_err(StoreError::io(&copy))
    };
    written().inspect_err(|_| {
        // The old one may hold what was taken down.
        for file in [&new, &copy] {
            if let Err(error) = durable::remove_file(file) {
                warn!(%error, file = %file.display(), "an old copy of the board cannot be removed");
            }
        }
    })
}

/// Puts the board of the copy into a database, in place of what is there. Whatever is in it is verified when it is read.
fn restore(database: &Connection, copy: &Path) -> Result<(), StoreError> {
    let copy = open_read_only(copy, true)?;
    let transaction = database.unchecked_transaction()?;
    let envelope: Vec<u8> = copy.query_row("SELECT envelope FROM board", [], |row| row.get(0))?;
    // Sections may be left without their board.
    transaction.execute_batch("DELETE FROM board; DELETE FROM section")?;
    transaction.execute(
        "INSERT INTO board (one, envelope) VALUES (1, ?1)",
        params![envelope],
    )?;
    let mut sections = copy.prepare("SELECT hash, bytes FROM section")?;
    let mut rows = sections.query([])?;
    while let Some(row) = rows.next()? {
        transaction.execute(
            "INSERT INTO section (hash, bytes) VALUES (?1, ?2)",
            params![row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// Whether the file is damaged, so that another has to take its place.
pub(super) fn is_damage(path: &Path, error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => true,
            // Others, such as of the shared memory, come from a full disk, too.
            ErrorCode::SystemIoFailure => matches!(
                failure.extended_code,
                ffi::SQLITE_IOERR_READ
                    | ffi::SQLITE_IOERR_SHORT_READ
                    | ffi::SQLITE_IOERR_WRITE
                    | ffi::SQLITE_IOERR_FSYNC
                    | ffi::SQLITE_IOERR_TRUNCATE
                    | ffi::SQLITE_IOERR_FSTAT
                    | ffi::SQLITE_IOERR_CORRUPTFS
                    | ffi::SQLITE_IOERR_DATA
            ),
            ErrorCode::CannotOpen => set_aside_files(path).iter().any(|(file, _)| {
                durable::open_file(file, File::options().read(true))
                    .is_err_and(|error| durable::is_damaged(&error))
            }),
            _ => false,
        },
        // A foreign table, or a column with values that we never write.
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => {
            true
        }
        _ => false,
    }
}

/// The files of a database, and where they are set aside. One is kept for diagnosis until the next switch, not longer:
/// it may contain personal data.
fn set_aside_files(path: &Path) -> [(PathBuf, PathBuf); 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        let mut aside = path.as_os_str().to_owned();
        aside.push(".damaged");
        aside.push(end);
        (file.into(), aside.into())
    })
}

fn rename_all<'a>(
    files: impl Iterator<Item = (&'a PathBuf, &'a PathBuf)>,
) -> Result<(), StoreError> {
    for (from, to) in files {
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(from)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes what was set aside.
pub(super) fn forget_set_aside(path: &Path) {
    for (_, aside) in set_aside_files(path) {
        if let Err(error) = durable::remove_file(&aside) {
            warn!(%error, "a damaged database that was set aside cannot be removed");
        }
    }
}
