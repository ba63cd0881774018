//! The board in SQLite.
//!
//! `journal_mode=WAL` with `synchronous=FULL`: a committed switch survives a power cut, an uncommitted one has no
//! effect. `secure_delete`, and a checkpoint after each switch, so that a notice taken down does not remain in
//! free pages or in the log.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use tracing::{error, warn};
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::content::ContentFiles;
use super::{BoardStore, PartialContent, Snapshot, StoreError, durable};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS board (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        envelope BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS section (
        hash TEXT PRIMARY KEY,
        bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Keys and limits of a store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The key that manifests must be signed with.
    pub central: PublicKey,
    /// The display that manifests must be addressed to.
    pub display: DisplayId,
    /// The largest document that is stored.
    pub max_document_bytes: u64,
}

impl StoreConfig {
    /// A store with the default limits.
    pub fn new(central: PublicKey, display: DisplayId) -> Self {
        Self {
            central,
            display,
            max_document_bytes: MAX_DOCUMENT_BYTES,
        }
    }
}

/// [`BoardStore`] in one folder: `board.sqlite` and `content/`.
#[derive(Debug)]
pub struct SqliteBoardStore {
    config: StoreConfig,
    path: PathBuf,
    database: Mutex<Connection>,
    content: ContentFiles,
}

impl SqliteBoardStore {
    /// Opens the store in `folder`, or creates it.
    ///
    /// A damaged database is set aside and an empty one created: the board is fetched again.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used.
    pub fn open(folder: &Path, config: StoreConfig) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        let path = folder.join("board.sqlite");
        Ok(Self {
            database: Mutex::new(open_or_begin_anew(&path)?),
            content: ContentFiles::open(folder.join("content"), config.max_document_bytes)?,
            config,
            path,
        })
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `job`. When the database turns out damaged, sets it aside and runs `job` on an empty one.
    fn with_database<T>(
        &self,
        mut job: impl FnMut(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut database = self.database();
        match job(&mut database) {
            Err(StoreError::Database(cause)) if is_damage(&cause) => {
                *database = Connection::open_in_memory()?;
                set_aside(&self.path, &cause)?;
                *database = connect(&self.path)?;
                job(&mut database)
            }
            done => done,
        }
    }
}

fn open_or_begin_anew(path: &Path) -> Result<Connection, StoreError> {
    match connect(path) {
        Err(StoreError::Database(cause)) if is_damage(&cause) => {
            set_aside(path, &cause)?;
            connect(path)
        }
        done => done,
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let database = Connection::open(path)?;
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

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(
        error,
        // A foreign table, or a column with values that we never write.
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)
    )
}

/// The files of a database that was set aside. One is kept for diagnosis until the next switch, not longer:
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

fn set_aside(path: &Path, cause: &rusqlite::Error) -> Result<(), StoreError> {
    error!(database = %path.display(), %cause, "the board's database is damaged; it is set aside and the board fetched again");
    for (file, aside) in set_aside_files(path) {
        match fs::rename(&file, &aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io(file)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn forget_set_aside(path: &Path) {
    for (_, aside) in set_aside_files(path) {
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                warn!(file = %aside.display(), %error, "a damaged database that was set aside cannot be removed");
            }
            _ => {}
        }
    }
}

fn section(database: &Connection, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
    let bytes: Option<Vec<u8>> = database
        .query_row(
            "SELECT bytes FROM section WHERE hash = ?1",
            [hash.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(bytes.filter(|bytes| ContentHash::of(bytes) == *hash))
}

fn current(database: &Connection, config: &StoreConfig) -> Result<Option<Snapshot>, StoreError> {
    let envelope: Option<Vec<u8>> = database
        .query_row("SELECT envelope FROM board", [], |row| row.get(0))
        .optional()?;
    let Some(envelope) = envelope else {
        return Ok(None);
    };
    let mut trouble = None;
    let snapshot = Snapshot::verify(&envelope, &config.central, &config.display, |hash| {
        section(database, hash).unwrap_or_else(|error| {
            trouble = Some(error);
            None
        })
    });
    match trouble {
        Some(error) => Err(error),
        None => Ok(Some(snapshot?)),
    }
}

impl BoardStore for SqliteBoardStore {
    fn current(&self) -> Result<Option<Snapshot>, StoreError> {
        self.with_database(|database| current(database, &self.config))
    }

    fn section(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.with_database(|database| section(database, hash))
    }

    fn keep_section(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        if ContentHash::of(bytes) != *hash {
            return Err(StoreError::WrongBytes(*hash));
        }
        durable::point("keep section");
        self.with_database(|database| {
            database.execute(
                "INSERT INTO section (hash, bytes) VALUES (?1, ?2)
                 ON CONFLICT (hash) DO UPDATE SET bytes = excluded.bytes",
                params![hash.to_string(), bytes],
            )?;
            Ok(())
        })?;
        durable::point("section kept");
        Ok(())
    }

    fn switch(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.with_database(|database| {
            // A damaged board counts as none, so that it can be replaced.
            if let Ok(Some(stored)) = current(database, &self.config) {
                let same = stored.manifest() == snapshot.manifest();
                if stored.number() >= snapshot.number() && !same {
                    return Err(StoreError::NotNewer {
                        stored: stored.number(),
                        offered: snapshot.number(),
                    });
                }
            }
            durable::point("begin switch");
            let transaction = database.transaction()?;
            transaction.execute("DELETE FROM section", [])?;
            for (hash, bytes) in snapshot.sections() {
                transaction.execute(
                    "INSERT INTO section (hash, bytes) VALUES (?1, ?2)",
                    params![hash.to_string(), bytes],
                )?;
                durable::point("section in switch");
            }
            transaction.execute(
                "INSERT INTO board (one, envelope) VALUES (1, ?1)
                 ON CONFLICT (one) DO UPDATE SET envelope = excluded.envelope",
                params![snapshot.envelope()],
            )?;
            durable::point("commit switch");
            transaction.commit()?;
            durable::point("switch committed");
            let checkpoint: rusqlite::Result<i64> =
                database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
            if let Err(error) = checkpoint {
                warn!(%error, "the board's log could not be folded into its database");
            }
            durable::point("checkpointed");
            Ok(())
        })?;
        forget_set_aside(&self.path);
        Ok(())
    }

    fn has(&self, hash: &ContentHash) -> bool {
        self.content.has(hash)
    }

    fn begin(&self, content: &ContentRef) -> Result<Box<dyn PartialContent>, StoreError> {
        Ok(Box::new(self.content.begin(content)?))
    }

    fn open(&self, hash: &ContentHash) -> Result<Option<File>, StoreError> {
        self.content.open_verified(hash)
    }

    fn prune(&self, keep: &HashSet<ContentHash>) -> Result<usize, StoreError> {
        self.content.prune(keep)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::FileExt as _;

    use super::*;
    use crate::store::{FakeBoardStore, samples};

    fn config() -> StoreConfig {
        StoreConfig {
            max_document_bytes: 1_000,
            ..StoreConfig::new(samples::central().public(), samples::display())
        }
    }

    fn opened(folder: &Path) -> SqliteBoardStore {
        SqliteBoardStore::open(folder, config()).unwrap()
    }

    fn put(store: &dyn BoardStore, bytes: &[u8]) {
        let mut partial = store.begin(&ContentRef::to(bytes)).unwrap();
        partial.write(bytes).unwrap();
        partial.commit().unwrap();
    }

    /// What the real store and the fake both promise.
    fn check_conformance(store: &dyn BoardStore) {
        let (old, new) = (samples::board(5, &[b"a"]), samples::board(6, &[b"b"]));
        assert!(store.current().unwrap().is_none());
        store.switch(&old.verify().unwrap()).unwrap();
        store.switch(&old.verify().unwrap()).unwrap();
        store.switch(&new.verify().unwrap()).unwrap();
        assert!(matches!(
            store.switch(&old.verify().unwrap()),
            Err(StoreError::NotNewer {
                stored: 6,
                offered: 5
            })
        ));
        let other = samples::board(6, &[b"c"]);
        assert!(store.switch(&other.verify().unwrap()).is_err());
        assert_eq!(store.current().unwrap().unwrap().envelope(), new.envelope);
        for (hash, bytes) in &new.sections {
            assert_eq!(store.section(hash).unwrap().as_ref(), Some(bytes));
        }
        let dropped = old
            .sections
            .keys()
            .find(|hash| !new.sections.contains_key(hash));
        assert_eq!(store.section(dropped.unwrap()).unwrap(), None);

        let hash = ContentHash::of(b"document");
        assert!(!store.has(&hash) && store.open(&hash).unwrap().is_none());
        let content = ContentRef::to(b"document");
        store.begin(&content).unwrap().write(b"docu").unwrap();
        let mut partial = store.begin(&content).unwrap();
        assert_eq!(partial.offset(), 4);
        assert!(matches!(
            partial.write(b"mentation"),
            Err(StoreError::TooMany(_))
        ));
        partial.write(b"ment").unwrap();
        partial.commit().unwrap();
        let mut read = String::new();
        store
            .open(&hash)
            .unwrap()
            .unwrap()
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "document");

        let mut wrong = store.begin(&ContentRef::to(b"right")).unwrap();
        wrong.write(b"wrong").unwrap();
        assert!(matches!(wrong.commit(), Err(StoreError::WrongBytes(_))));
        assert!(!store.has(&ContentHash::of(b"right")));
        assert_eq!(store.begin(&ContentRef::to(b"right")).unwrap().offset(), 0);

        assert!(matches!(
            store.begin(&ContentRef::to(&[0; 1001])),
            Err(StoreError::TooLarge {
                limit_bytes: 1000,
                ..
            })
        ));
        put(store, b"other");
        assert!(store.prune(&[hash].into()).unwrap() >= 1);
        assert!(store.has(&hash) && !store.has(&ContentHash::of(b"other")));
    }

    #[test]
    fn the_store_and_its_fake_promise_the_same() {
        let folder = tempfile::tempdir().unwrap();
        check_conformance(&opened(folder.path()));
        check_conformance(&FakeBoardStore::with_limit(1_000));
    }

    #[test]
    fn a_board_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let board = samples::board(5, &[b"a"]);
        opened(folder.path())
            .switch(&board.verify().unwrap())
            .unwrap();
        let found = opened(folder.path()).current().unwrap().unwrap();
        assert_eq!(found.envelope(), board.envelope);
        assert_eq!(*found.content(), *board.verify().unwrap().content());
    }

    #[test]
    fn a_board_signed_by_another_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        opened(folder.path())
            .switch(&samples::board(5, &[]).verify().unwrap())
            .unwrap();
        let other = StoreConfig {
            central: samples::device().public(),
            ..config()
        };
        let store = SqliteBoardStore::open(folder.path(), other).unwrap();
        assert!(matches!(store.current(), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn a_damaged_section_is_not_shown_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let board = samples::board(5, &[b"a"]);
        let store = opened(folder.path());
        store.switch(&board.verify().unwrap()).unwrap();
        let changed = "UPDATE section SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Oznámení', 'Ozdobení') AS BLOB)";
        store.database().execute(changed, []).unwrap();
        assert!(matches!(store.current(), Err(StoreError::Damaged(_))));
        store.switch(&board.verify().unwrap()).unwrap();
        assert_eq!(store.current().unwrap().unwrap().number(), 5);
    }

    #[test]
    fn a_database_that_is_none_is_set_aside_until_a_board_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (
            folder.path().join("board.sqlite"),
            folder.path().join("board.sqlite.damaged"),
        );
        fs::write(&path, "rubbish ".repeat(1000)).unwrap();
        let store = opened(folder.path());
        assert!(store.current().unwrap().is_none());
        assert!(aside.exists());
        store
            .switch(&samples::board(5, &[]).verify().unwrap())
            .unwrap();
        assert!(!aside.exists(), "it may hold personal data");
        assert_eq!(
            opened(folder.path()).current().unwrap().unwrap().number(),
            5
        );
    }

    #[test]
    fn pages_overwritten_under_us_never_show_a_wrong_board() {
        for offset in (0..20).map(|n| n * 1024) {
            let folder = tempfile::tempdir().unwrap();
            let board = samples::board(5, &[b"a"]);
            opened(folder.path())
                .switch(&board.verify().unwrap())
                .unwrap();
            let path = folder.path().join("board.sqlite");
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all_at(&[0x5A; 700], offset).unwrap();
            let store = opened(folder.path());
            if let Ok(Some(found)) = store.current() {
                assert_eq!(*found.content(), *board.verify().unwrap().content());
            }
            store.switch(&board.verify().unwrap()).unwrap();
            assert_eq!(store.current().unwrap().unwrap().number(), 5);
        }
    }

    #[test]
    fn what_was_taken_down_is_nowhere_in_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let store = opened(folder.path());
        let mut person = samples::notice("p", 1, &[]);
        person
            .title
            .insert("cs".to_owned(), "Jan Nezvěstný".to_owned());
        store
            .switch(&samples::board_of(5, vec![person], &[]).verify().unwrap())
            .unwrap();
        store
            .switch(&samples::board(6, &[]).verify().unwrap())
            .unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = fs::read(&path).unwrap();
                let name = "Nezvěstný".as_bytes();
                let found = bytes.windows(name.len()).any(|window| window == name);
                assert!(!found, "{}", path.display());
            }
        }
    }

    #[test]
    fn a_document_gone_bad_is_removed_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let store = opened(folder.path());
        put(&store, b"document");
        let hash = ContentHash::of(b"document");
        let name = hash.to_string();
        let path = folder
            .path()
            .join("content")
            .join(&name[..2])
            .join(&name[2..]);
        fs::write(&path, b"Document").unwrap();
        assert!(matches!(
            store.open(&hash),
            Err(StoreError::ContentDamaged(_))
        ));
        assert!(store.open(&hash).unwrap().is_none());
        put(&store, b"document");
        assert!(store.open(&hash).unwrap().is_some());
    }

    #[test]
    fn a_document_has_one_writer_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = opened(folder.path());
        let content = ContentRef::to(b"document");
        let first = store.begin(&content).unwrap();
        assert!(matches!(store.begin(&content), Err(StoreError::Busy(_))));
        drop(first);
        assert!(store.begin(&content).is_ok());
    }
}
