//! The board in SQLite.
//!
//! `journal_mode=WAL` with `synchronous=FULL`: a committed switch survives a power cut, an uncommitted one has no
//! effect. `secure_delete`, and a checkpoint after each switch, so that a notice taken down does not remain in
//! free pages or in the log.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use rustix::fs::statvfs;
use tracing::{error, warn};
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::content::ContentFiles;
use super::{
    BoardStore, PartialContent, Reserve, Snapshot, StoreError, VerifiedAssignment, database_file,
    durable, may_follow,
};

/// The key in `section` of the envelope of the older manifest whose notices and information are used.
///
/// It is stored with the sections because it is replaced with them, and because a database of an older version that
/// cannot be written has no other place for it.
const OLDER_ENVELOPE: &str = "older envelope";

/// The same of the display's assignment.
const ASSIGNMENT: &str = "assignment";

/// A disk with less room than this, in bytes, counts as full when SQLite cannot create a file on it.
const LITTLE_ROOM: u64 = 64 * 1024;

/// Keys and limits of a store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The key that manifests must be signed with.
    pub central: PublicKey,
    /// The display that manifests must be addressed to; `None` on a device that has lost its key, which only shows what
    /// was addressed to it before.
    pub display: Option<DisplayId>,
    /// The largest document that is stored.
    pub max_document_bytes: u64,
    /// What all documents may take.
    pub document_budget_bytes: u64,
}

impl StoreConfig {
    /// A thousand scans; a fraction of the smallest storage in use, which has 16 GB.
    pub const DEFAULT_DOCUMENT_BUDGET_BYTES: u64 = 8_000_000_000;

    /// A store with the default limits.
    pub fn new(central: PublicKey, display: DisplayId) -> Self {
        Self {
            display: Some(display),
            ..Self::for_any_display(central)
        }
    }

    /// The same where the display's key is lost. Such a store is only read.
    pub fn for_any_display(central: PublicKey) -> Self {
        Self {
            central,
            display: None,
            max_document_bytes: MAX_DOCUMENT_BYTES,
            document_budget_bytes: Self::DEFAULT_DOCUMENT_BUDGET_BYTES,
        }
    }
}

/// [`BoardStore`] in one folder: `board.sqlite`, its copy and `content/`.
#[derive(Debug)]
pub struct SqliteBoardStore {
    config: StoreConfig,
    path: PathBuf,
    database: Mutex<Database>,
    content: ContentFiles,
    reserve: Arc<Reserve>,
}

#[derive(Debug)]
struct Database {
    connection: Connection,
    /// Whether it is the file itself, and not what could still be read of it.
    writable: bool,
}

impl SqliteBoardStore {
    /// Opens the store in `folder`, or creates it.
    ///
    /// A damaged database is set aside and another begun from its copy. One that cannot be written, because the disk
    /// is full or read-only, is read.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn open(
        folder: &Path,
        config: StoreConfig,
        reserve: Arc<Reserve>,
    ) -> Result<Self, StoreError> {
        if let Err(error) = fs::create_dir_all(folder) {
            error!(%error, folder = %folder.display(), "the data folder cannot be made");
        }
        let path = folder.join("board.sqlite");
        let database = match database_file::open_or_begin_anew(&path) {
            Ok(connection) => Database {
                connection,
                writable: true,
            },
            Err(error) => {
                error!(%error, "the board's database cannot be written");
                Database::readable(&path, &config)?
            }
        };
        Ok(Self {
            database: Mutex::new(database),
            content: ContentFiles::new(
                folder.join("content"),
                config.max_document_bytes,
                config.document_budget_bytes,
                Arc::clone(&reserve),
            ),
            config,
            path,
            reserve,
        })
    }

    fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `job`, which only reads. When the database turns out damaged, runs it on one begun from the copy.
    fn read<T>(
        &self,
        mut job: impl FnMut(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut database = self.database();
        match job(&mut database.connection) {
            Err(StoreError::Database(cause)) if database_file::is_damage(&self.path, &cause) => {
                database.begin_anew(&self.path, &self.config, &cause)?;
                job(&mut database.connection)
            }
            done => done,
        }
    }

    /// Runs `job`, which writes; once more with the reserve when the disk is full, and then in a new file when this one
    /// is in a damaged place of the storage.
    fn write<T>(
        &self,
        mut job: impl FnMut(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut database = self.database();
        let mut attempt = |database: &mut Database| {
            database.make_writable(&self.path, &self.config)?;
            job(&mut database.connection)
        };
        let mut done = attempt(&mut database);
        if done
            .as_ref()
            .is_err_and(|error| lacks_room(&self.path, error))
        {
            done = self.reserve.lend(|| attempt(&mut database));
            if let Err(error) = &done
                && lacks_room(&self.path, error)
            {
                // Said as what it is, so that whoever can makes room.
                let full = std::io::ErrorKind::StorageFull.into();
                return Err(StoreError::io(&self.path)(full));
            }
        }
        match done {
            Err(StoreError::Database(cause)) if database_file::is_damage(&self.path, &cause) => {
                database.begin_anew(&self.path, &self.config, &cause)?;
                attempt(&mut database)
            }
            done => done,
        }
    }
}

/// Whether a write failed because the disk is full. SQLite says so of a file that cannot grow; of a log that cannot be
/// created it says only that it cannot be opened.
fn lacks_room(path: &Path, error: &StoreError) -> bool {
    let has_little_room = || {
        let disk = path.parent().and_then(|folder| statvfs(folder).ok());
        disk.is_some_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < LITTLE_ROOM)
    };
    matches!(error, StoreError::Database(_)) && (error.is_full() || has_little_room())
}

impl Database {
    /// What can be read where nothing can be written: the file itself or its copy, the first that holds a board.
    fn readable(path: &Path, config: &StoreConfig) -> Result<Self, StoreError> {
        let copy = database_file::copy_path(path);
        let candidates = [(path, false), (path, true), (&copy, true)];
        let board = candidates.into_iter().find_map(|(path, immutable)| {
            let connection = database_file::open_read_only(path, immutable).ok()?;
            matches!(current(&connection, config), Ok(Some(_))).then_some(connection)
        });
        Ok(Self {
            connection: match board {
                Some(connection) => connection,
                None => {
                    let empty = Connection::open_in_memory()?;
                    empty.execute_batch(database_file::SCHEMA)?;
                    empty
                }
            },
            writable: false,
        })
    }

    fn make_writable(&mut self, path: &Path, config: &StoreConfig) -> Result<(), StoreError> {
        if self.writable {
            return Ok(());
        }
        self.replace(path, config, || database_file::open_or_begin_anew(path))
    }

    /// Sets the file aside and begins another from the copy; reads what can be read when that is not possible.
    fn begin_anew(
        &mut self,
        path: &Path,
        config: &StoreConfig,
        cause: &rusqlite::Error,
    ) -> Result<(), StoreError> {
        self.replace(path, config, || database_file::begin_anew(path, cause))
    }

    /// Closes the file and writes in the one that `open` gives; reads what can be read when that fails.
    ///
    /// Closed first: a connection that reads keeps the one that writes waiting for its lock, and SQLite removes the log
    /// of a database by its name when it closes it.
    fn replace(
        &mut self,
        path: &Path,
        config: &StoreConfig,
        open: impl FnOnce() -> Result<Connection, StoreError>,
    ) -> Result<(), StoreError> {
        self.connection = Connection::open_in_memory()?;
        match open() {
            Ok(connection) => {
                (self.connection, self.writable) = (connection, true);
                Ok(())
            }
            Err(error) => {
                *self = Self::readable(path, config)?;
                Err(error)
            }
        }
    }
}

/// What stands in `section` under this key.
fn stored(database: &Connection, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let query = "SELECT bytes FROM section WHERE hash = ?1";
    let bytes = database.query_row(query, [key], |row| row.get(0));
    Ok(bytes.optional()?)
}

fn section(database: &Connection, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
    let bytes = stored(database, &hash.to_string())?;
    Ok(bytes.filter(|bytes| ContentHash::of(bytes) == *hash))
}

fn current(database: &Connection, config: &StoreConfig) -> Result<Option<Snapshot>, StoreError> {
    let envelope: Option<Vec<u8>> = database
        .query_row("SELECT envelope FROM board", [], |row| row.get(0))
        .optional()?;
    let Some(envelope) = envelope else {
        return Ok(None);
    };
    let older = stored(database, OLDER_ENVELOPE)?;
    let assignment = stored(database, ASSIGNMENT)?;
    let mut trouble = None;
    let (older, central, display) = (older.as_deref(), &config.central, config.display.as_ref());
    let assignment = assignment
        .map(|envelope| VerifiedAssignment::verify(&envelope, central, display))
        .transpose()?;
    let snapshot = Snapshot::verify(&envelope, older, central, display, assignment, |hash| {
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
        let found = self.read(|database| current(database, &self.config));
        if !matches!(found, Err(StoreError::Damaged(_)) | Ok(None)) {
            return found;
        }
        // None is also what a database has that could not be restored, or that nothing could open in time.
        let copy = database_file::copy_path(&self.path);
        let copied = database_file::open_read_only(&copy, true)
            .and_then(|database| current(&database, &self.config));
        match copied {
            Ok(Some(snapshot)) => {
                error!("the board comes from its copy");
                Ok(Some(snapshot))
            }
            _ => found,
        }
    }

    fn section(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|database| section(database, hash))
    }

    fn keep_section(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        if ContentHash::of(bytes) != *hash {
            return Err(StoreError::WrongBytes(*hash));
        }
        durable::point("keep section");
        self.write(|database| {
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
        self.write(|database| {
            // A damaged board counts as none, so that it can be replaced.
            if let Ok(Some(stored)) = current(database, &self.config)
                && !may_follow(stored.manifest(), snapshot.manifest())
            {
                return Err(StoreError::NotNewer {
                    stored: stored.number(),
                    offered: snapshot.number(),
                });
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
            let assignment = snapshot.assignment().map(VerifiedAssignment::envelope);
            for (key, envelope) in [(OLDER_ENVELOPE, snapshot.older()), (ASSIGNMENT, assignment)] {
                if let Some(envelope) = envelope {
                    transaction.execute(
                        "INSERT INTO section (hash, bytes) VALUES (?1, ?2)",
                        params![key, envelope],
                    )?;
                }
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
                if database_file::is_damage(&self.path, &error) {
                    return Err(error.into());
                }
                warn!(%error, "the board's log could not be folded into its database");
            }
            durable::point("checkpointed");
            Ok(())
        })?;
        database_file::forget_set_aside(&self.path);
        if let Err(error) = database_file::write_copy(&self.database().connection, &self.path) {
            warn!(%error, "the board has no copy");
        }
        durable::point("copied");
        Ok(())
    }

    fn document_budget(&self) -> u64 {
        self.content.budget()
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
        let removed = self.content.prune(keep)?;
        // What was removed goes to the reserve first.
        self.reserve.fill();
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _};
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
        SqliteBoardStore::open(folder, config(), reserve(folder)).unwrap()
    }

    fn reserve(folder: &Path) -> Arc<Reserve> {
        Arc::new(Reserve::open(folder, 0))
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
        // Numbers are a board's.
        let lipnice = samples::of_board(samples::board(3, &[]), "lipnice");
        let lipnice = lipnice.verify_with(Some(samples::assigned(1, "lipnice")));
        store.switch(&lipnice.unwrap()).unwrap();
        assert_eq!(store.current().unwrap().unwrap().number(), 3);
        assert!(
            store
                .switch(&samples::board(2, &[]).verify().unwrap())
                .is_err()
        );
        store.switch(&new.verify().unwrap()).unwrap();
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
    fn the_board_of_an_assignment_survives_a_restart_and_the_next_switch() {
        let folder = tempfile::tempdir().unwrap();
        // A board that was addressed to the display itself is what the program before left.
        let before = samples::board(5, &[b"a"]);
        opened(folder.path())
            .switch(&before.verify().unwrap())
            .unwrap();
        let board = samples::of_board(samples::board(6, &[b"a"]), "lipnice");
        for number in [7, 8] {
            let store = opened(folder.path());
            assert!(store.current().unwrap().is_some());
            let assigned = samples::assigned(number, "lipnice");
            let snapshot = board.verify_with(Some(assigned.clone())).unwrap();
            store.switch(&snapshot).unwrap();
            drop(store);
            let found = opened(folder.path()).current().unwrap().unwrap();
            assert_eq!(found.envelope(), board.envelope);
            assert_eq!(found.assignment(), Some(&assigned));
        }
    }

    #[test]
    fn an_empty_or_missing_database_takes_the_copy() {
        type Lose = fn(&Path) -> io::Result<()>;
        let lose: [Lose; 2] = [|path| fs::write(path, ""), |path| fs::remove_file(path)];
        for lose in lose {
            let folder = tempfile::tempdir().unwrap();
            let board = samples::board(5, &[b"a"]);
            opened(folder.path())
                .switch(&board.verify().unwrap())
                .unwrap();
            lose(&folder.path().join("board.sqlite")).unwrap();
            let found = opened(folder.path()).current().unwrap().unwrap();
            assert_eq!(found.envelope(), board.envelope);
        }
    }

    #[test]
    fn a_board_without_its_row_comes_from_the_copy_although_its_sections_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let board = samples::board(5, &[b"a"]);
        let store = opened(folder.path());
        store.switch(&board.verify().unwrap()).unwrap();
        let lose = "DELETE FROM board";
        store.database().connection.execute_batch(lose).unwrap();
        drop(store);
        let found = opened(folder.path()).current().unwrap().unwrap();
        assert_eq!(found.envelope(), board.envelope);
        assert_eq!(*found.content(), *board.verify().unwrap().content());
    }

    /// As where the copy could not be restored for want of room.
    #[test]
    fn a_board_that_a_database_has_not_is_shown_from_the_copy() {
        let folder = tempfile::tempdir().unwrap();
        let board = samples::board(5, &[b"a"]);
        let store = opened(folder.path());
        store.switch(&board.verify().unwrap()).unwrap();
        let lose = "DELETE FROM board; DELETE FROM section";
        store.database().connection.execute_batch(lose).unwrap();
        let found = store.current().unwrap().unwrap();
        assert_eq!(found.envelope(), board.envelope);
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
        let store = SqliteBoardStore::open(folder.path(), other, reserve(folder.path())).unwrap();
        assert!(matches!(store.current(), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn a_board_is_shown_without_the_display_s_key_but_never_without_central_s() {
        let folder = tempfile::tempdir().unwrap();
        opened(folder.path())
            .switch(&samples::board(5, &[]).verify().unwrap())
            .unwrap();
        let current = |config| {
            let reserve = reserve(folder.path());
            let store = SqliteBoardStore::open(folder.path(), config, reserve).unwrap();
            store.current()
        };
        let without_key = StoreConfig {
            display: None,
            ..config()
        };
        assert_eq!(current(without_key).unwrap().unwrap().number(), 5);
        let stranger = StoreConfig {
            display: None,
            central: samples::device().public(),
            ..config()
        };
        assert!(matches!(current(stranger), Err(StoreError::Damaged(_))));
    }

    #[test]
    fn a_damaged_section_is_not_shown_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let board = samples::board(5, &[b"a"]);
        let store = opened(folder.path());
        store.switch(&board.verify().unwrap()).unwrap();
        let changed = "UPDATE section SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Oznámení', 'Ozdobení') AS BLOB)";
        store.database().connection.execute(changed, []).unwrap();
        assert_eq!(store.current().unwrap().unwrap().number(), 5, "the copy");
        fs::remove_file(folder.path().join("board-copy.sqlite")).unwrap();
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
    fn a_copy_that_cannot_be_replaced_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("board-copy.sqlite");
        let store = opened(folder.path());
        store
            .switch(&samples::board(5, &[]).verify().unwrap())
            .unwrap();
        assert!(copy.exists());
        fs::create_dir(folder.path().join("board-copy.new")).unwrap();
        store
            .switch(&samples::board(6, &[]).verify().unwrap())
            .unwrap();
        assert!(!copy.exists(), "it may hold what was taken down");
    }

    #[test]
    fn a_board_that_was_only_read_is_replaced_once_it_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = opened(folder.path());
        let [old, new] = [5, 6].map(|number| samples::board(number, &[]).verify().unwrap());
        store.switch(&old).unwrap();
        // As it is opened where its file cannot be written. What it reads then, it locks.
        let mut database = store.database();
        database.connection = Connection::open_in_memory().unwrap();
        *database = Database::readable(&store.path, &config()).unwrap();
        assert!(!database.writable);
        drop(database);
        assert_eq!(store.current().unwrap().unwrap().number(), 5);
        store.switch(&new).unwrap();
        assert!(store.database().writable);
        drop(store);
        let found = opened(folder.path()).current().unwrap().unwrap();
        assert_eq!(found.number(), 6);
    }

    #[test]
    fn the_reserve_is_lent_to_no_write_that_fails_for_another_reason() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Arc::new(Reserve::open(folder.path(), 1_000_000));
        let store = SqliteBoardStore::open(folder.path(), config(), Arc::clone(&reserve)).unwrap();
        let spoil = "DROP TABLE section";
        store.database().connection.execute_batch(spoil).unwrap();
        let kept = store.keep_section(&ContentHash::of(b"section"), b"section");
        assert!(matches!(kept, Err(StoreError::Database(_))), "{kept:?}");
        assert_eq!(reserve.missing(), 0);
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
