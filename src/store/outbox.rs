//! Items for central, stored until central has acknowledged them.
//!
//! `outbox.sqlite` lies beside the store, which is a cache and may be lost. It holds answers to surveys, and the entry
//! of the journal that central has acknowledged: the journal's segments are their own queue.
//!
//! An item is numbered by (outbox id, n). The id is random and made with the file, so that a file made anew is never
//! taken for the one before it. While the disk cannot be written, items are kept in memory under another id; they keep
//! it when they are moved to the disk later.
//!
//! The reserve of disk space is for the journal and the switch. Answers never get it: everybody who passes can give
//! some, and they would take it from what hangs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use tracing::{error, info, warn};
use vyveska_wire::journal::Head;
use vyveska_wire::manifest::next_number;
use vyveska_wire::survey::{NumberedAnswer, SurveyAnswer, SurveyAnswers};

use super::{StoreError, remove_file};

/// The most items stored, more than a year without a network produces. Beyond it new ones are not stored.
const MOST_WAITING: usize = 20_000;

/// The most damaged files kept for diagnosis. The newest are kept.
const MOST_SET_ASIDE: usize = 2;

/// Incremented with every change of the schema, together with a step in [`migrate`].
const VERSION: i64 = 1;

/// The last number is kept after the items are removed, so that none is used twice.
const SCHEMA: &str = "
    CREATE TABLE outbox (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL,
        last_number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE item (
        outbox TEXT NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (outbox, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE acknowledged_journal (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        head TEXT NOT NULL
    ) STRICT;
";

/// The outbox of items that an earlier program had numbered without one.
const WITHOUT_OUTBOX: &str = "";

const ANSWER: &str = "answer";
/// An item that this program cannot read. It stays in the file, and blocks nothing.
const UNREADABLE: &str = "unreadable";

/// A source of random bytes for the ids of outboxes.
pub type Seed = Box<dyn Fn() -> io::Result<[u8; 32]> + Send + Sync>;

/// Stores items for central until they are acknowledged.
pub struct Outbox {
    path: PathBuf,
    seed: Seed,
    connections: Mutex<Connections>,
}

struct Connections {
    /// `None` while the file cannot be used.
    disk: Option<Connection>,
    memory: Connection,
    /// The last failure, which is logged once.
    trouble: Option<String>,
}

impl Outbox {
    /// Opens `outbox.sqlite` in `folder`, or creates it, and takes over the answers that an earlier program stored in
    /// `board.sqlite`. A damaged file is set aside. Where no file can be used, items are kept in memory.
    ///
    /// # Errors
    ///
    /// When there is neither randomness nor memory for it.
    pub fn open(folder: &Path, seed: Seed) -> Result<Self, StoreError> {
        let memory = Connection::open_in_memory()?;
        migrate(&memory, &seed)?;
        let outbox = Self {
            path: folder.join("outbox.sqlite"),
            seed,
            connections: Mutex::new(Connections {
                disk: None,
                memory,
                trouble: None,
            }),
        };
        {
            let mut connections = outbox.connections();
            if let Some(disk) = &mut connections.disk {
                // Only here: the store then opens its database for itself alone, and another would wait for it in vain.
                take_over(disk, &folder.join("board.sqlite"));
            }
        }
        Ok(outbox)
    }

    /// Stores an answer under a number never used before. False when the limit is reached.
    ///
    /// # Errors
    ///
    /// When it can be stored neither on disk nor in memory.
    pub fn keep_answer(
        &self,
        answer: &SurveyAnswer,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut connections = self.connections();
        if let Some(disk) = &mut connections.disk {
            match keep(disk, answer, now) {
                Ok(kept) => return Ok(kept),
                Err(error) => connections.lose_disk(&error),
            }
        }
        keep(&mut connections.memory, answer, now)
    }

    /// The first answers of one outbox, in the order of their numbers; `None` when none waits.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn waiting_answers(&self, most: usize) -> Result<Option<SurveyAnswers>, StoreError> {
        let mut connections = self.connections();
        if let Some(disk) = &connections.disk {
            match waiting(disk, most) {
                Ok(None) => {}
                Ok(answers) => return Ok(answers),
                Err(error) => connections.lose_disk(&error),
            }
        }
        waiting(&connections.memory, most)
    }

    /// Removes the answers of an outbox up to this number, which central has acknowledged.
    ///
    /// # Errors
    ///
    /// When they cannot be removed.
    pub fn acknowledge(&self, outbox: Option<&str>, up_to: u64) -> Result<(), StoreError> {
        let mut connections = self.connections();
        for connection in connections.all() {
            connection.execute(
                "DELETE FROM item WHERE outbox = ?1 AND number <= ?2 AND kind = ?3",
                params![outbox.unwrap_or(WITHOUT_OUTBOX), stored(up_to), ANSWER],
            )?;
        }
        Ok(())
    }

    /// The newest entry of the journal that central has acknowledged.
    ///
    /// The upload of the journal begins after it. There is no upload yet; the head is durable here because it must
    /// survive the loss of the store.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn acknowledged_journal(&self) -> Result<Head, StoreError> {
        let mut connections = self.connections();
        let mut newest = Head::EMPTY;
        for connection in connections.all() {
            let head: Option<String> = connection
                .query_row("SELECT head FROM acknowledged_journal", [], |row| {
                    row.get(0)
                })
                .optional()?;
            let head: Option<Head> = head.and_then(|head| serde_json::from_str(&head).ok());
            newest = head
                .filter(|head| head.sequence > newest.sequence)
                .unwrap_or(newest);
        }
        Ok(newest)
    }

    /// Central has acknowledged the journal up to this entry.
    ///
    /// # Errors
    ///
    /// When it cannot be stored.
    pub fn acknowledge_journal(&self, head: Head) -> Result<(), StoreError> {
        let head = serde_json::to_string(&head).expect("a head serialises");
        let mut connections = self.connections();
        for connection in connections.all() {
            connection.execute(
                "INSERT INTO acknowledged_journal (one, head) VALUES (1, ?1)
                 ON CONFLICT (one) DO UPDATE SET head = excluded.head",
                [&head],
            )?;
        }
        Ok(())
    }

    /// The connections, after another attempt to open the file when that failed before.
    fn connections(&self) -> MutexGuard<'_, Connections> {
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if connections.disk.is_none() {
            match self.open_disk(&mut connections.memory) {
                Ok(disk) => {
                    if connections.trouble.take().is_some() {
                        info!("the outbox is on disk again");
                    }
                    connections.disk = Some(disk);
                }
                Err(error) => connections.lose_disk(&error),
            }
        }
        connections
    }

    /// Opens the file and moves what is in memory there.
    fn open_disk(&self, memory: &mut Connection) -> Result<Connection, StoreError> {
        let mut disk = match connect(&self.path, &self.seed) {
            Err(StoreError::Database(cause)) if is_damage(&cause) => {
                self.set_aside(&cause, memory)?;
                connect(&self.path, &self.seed)?
            }
            opened => opened?,
        };
        move_items(memory, &mut disk)?;
        Ok(disk)
    }

    /// Renames a damaged file to a number of its own, after copying into memory what can still be read.
    fn set_aside(
        &self,
        cause: &rusqlite::Error,
        memory: &mut Connection,
    ) -> Result<(), StoreError> {
        error!(outbox = %self.path.display(), %cause, "the outbox is damaged; it is set aside and a new one begun");
        let salvaged = Connection::open(&self.path)
            .map_err(StoreError::from)
            .and_then(|damaged| copy_items(&damaged, memory));
        if let Err(error) = salvaged {
            warn!(%error, "not every item of the damaged outbox can be read");
        }
        let earlier = set_aside_numbers(&self.path);
        let aside = set_aside_path(
            &self.path,
            earlier.last().map_or(1, |last| last.saturating_add(1)),
        );
        for end in DATABASE_ENDS {
            let file = with_end(&self.path, end);
            match fs::rename(&file, with_end(&aside, end)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(StoreError::io(file)(error));
                }
                _ => {}
            }
        }
        forget_oldest(&self.path);
        Ok(())
    }
}

/// The file of the database, and its journal while something is being written.
const DATABASE_ENDS: [&str; 2] = ["", "-journal"];

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Where the damaged outbox with this number is. An earlier program gave them none, which counts as 0.
fn set_aside_path(path: &Path, number: u64) -> PathBuf {
    match number {
        0 => with_end(path, ".damaged"),
        number => with_end(path, &format!(".damaged-{number}")),
    }
}

/// The numbers of the damaged outboxes that were set aside, the oldest first.
fn set_aside_numbers(path: &Path) -> Vec<u64> {
    let name = path.file_name().and_then(|name| name.to_str());
    let files = path.parent().and_then(|folder| folder.read_dir().ok());
    let mut numbers: Vec<u64> = files
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| {
            let file = file.file_name();
            let rest = file.to_str()?.strip_prefix(name?)?;
            match rest.strip_prefix(".damaged")? {
                "" => Some(0),
                number => number.strip_prefix('-')?.parse().ok(),
            }
        })
        .collect();
    numbers.sort_unstable();
    numbers
}

/// Removes the damaged outboxes that are too many.
fn forget_oldest(path: &Path) {
    let numbers = set_aside_numbers(path);
    let too_many = numbers.len().saturating_sub(MOST_SET_ASIDE);
    for number in &numbers[..too_many] {
        for end in DATABASE_ENDS {
            let file = with_end(&set_aside_path(path, *number), end);
            if let Err(error) = remove_file(&file) {
                warn!(%error, file = %file.display(), "an old damaged outbox cannot be removed");
            }
        }
    }
}

impl Connections {
    fn all(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.disk.iter_mut().chain([&mut self.memory])
    }

    fn lose_disk(&mut self, error: &StoreError) {
        self.disk = None;
        let reason = match error {
            StoreError::Database(cause) => cause.to_string(),
            other => other.to_string(),
        };
        if self.trouble.as_ref() != Some(&reason) {
            warn!(
                reason,
                "the outbox cannot be used on disk; items are kept in memory"
            );
            self.trouble = Some(reason);
        }
    }
}

fn connect(path: &Path, seed: &Seed) -> Result<Connection, StoreError> {
    let database = Connection::open(path)?;
    let verdict: String = database.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(failure(rusqlite::ffi::SQLITE_CORRUPT, verdict));
    }
    migrate(&database, seed)?;
    Ok(database)
}

/// Brings a file to this program's schema. A file of a newer one is left as it is.
fn migrate(database: &Connection, seed: &Seed) -> Result<(), StoreError> {
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        VERSION => {}
        0 => {
            let seed = seed().map_err(StoreError::io("random numbers"))?;
            let id = hex::encode(&seed[..16]);
            let transaction = database.unchecked_transaction()?;
            transaction.execute_batch(SCHEMA)?;
            transaction.execute(
                "INSERT INTO outbox (one, id, last_number) VALUES (1, ?1, 0)",
                [id],
            )?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
        }
        newer => {
            let reason = format!("version {newer} of its schema is not known to this program");
            return Err(failure(rusqlite::ffi::SQLITE_CANTOPEN, reason));
        }
    }
    Ok(())
}

fn failure(code: i32, reason: String) -> StoreError {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(reason)).into()
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure)
    ) || matches!(error, rusqlite::Error::InvalidColumnType(..))
}

fn keep(
    database: &mut Connection,
    answer: &SurveyAnswer,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let transaction = database.transaction()?;
    let waiting: i64 = transaction.query_row("SELECT COUNT(*) FROM item", [], |row| row.get(0))?;
    if usize::try_from(waiting).unwrap_or(usize::MAX) >= MOST_WAITING {
        return Ok(false);
    }
    let (id, last): (String, i64) =
        transaction.query_row("SELECT id, last_number FROM outbox", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    // By the clock: a central service that knows no outboxes tells items apart by their numbers alone.
    let number = stored(next_number(u64::try_from(last).unwrap_or(0), now));
    let body = serde_json::to_string(answer).expect("an answer serialises");
    transaction.execute(
        "INSERT INTO item (outbox, number, kind, body) VALUES (?1, ?2, ?3, ?4)",
        params![id, number, ANSWER, body],
    )?;
    transaction.execute("UPDATE outbox SET last_number = ?1", [number])?;
    transaction.commit()?;
    Ok(true)
}

fn waiting(database: &Connection, most: usize) -> Result<Option<SurveyAnswers>, StoreError> {
    let mut query = database.prepare(
        "SELECT outbox, number, body FROM item WHERE kind = ?1 ORDER BY outbox, number LIMIT ?2",
    )?;
    let rows = query.query_map(
        params![ANSWER, i64::try_from(most).unwrap_or(i64::MAX)],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
            ))
        },
    )?;
    let mut batch: Option<(String, Vec<NumberedAnswer>)> = None;
    for row in rows {
        let (outbox, number, body) = row?;
        let answer = match serde_json::from_str(&body) {
            Ok(answer) => answer,
            Err(error) => {
                error!(number, %error, "an answer in the outbox cannot be read; it is left there");
                database.execute(
                    "UPDATE item SET kind = ?1 WHERE outbox = ?2 AND number = ?3",
                    params![UNREADABLE, outbox, number],
                )?;
                continue;
            }
        };
        let (first, answers) = batch.get_or_insert_with(|| (outbox.clone(), Vec::new()));
        if *first != outbox {
            break;
        }
        answers.push(NumberedAnswer {
            number: u64::try_from(number).unwrap_or(0),
            answer,
        });
    }
    Ok(batch.map(|(outbox, answers)| SurveyAnswers {
        outbox: (outbox != WITHOUT_OUTBOX).then_some(outbox),
        answers,
    }))
}

fn move_items(from: &mut Connection, to: &mut Connection) -> Result<(), StoreError> {
    copy_items(from, to)?;
    from.execute("DELETE FROM item", [])?;
    Ok(())
}

/// Copies every item that can be read, all in one transaction.
fn copy_items(from: &Connection, to: &mut Connection) -> Result<(), StoreError> {
    let transaction = to.transaction()?;
    let mut query = from.prepare("SELECT outbox, number, kind, body FROM item")?;
    let mut rows = query.query([])?;
    let copied = loop {
        match rows.next() {
            Ok(Some(row)) => transaction.execute(
                "INSERT INTO item (outbox, number, kind, body) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
                params![
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?
                ],
            )?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        };
    };
    transaction.commit()?;
    copied
}

/// Moves the answers that an earlier program stored in the board's database. They keep their numbers, because central
/// may have some of them already.
fn take_over(outbox: &mut Connection, board: &Path) {
    if !board.exists() {
        return;
    }
    let mut move_answers = || -> Result<usize, StoreError> {
        let board = Connection::open(board)?;
        if !board.table_exists(None, "answer")? {
            return Ok(0);
        }
        let transaction = outbox.transaction()?;
        let mut taken = 0;
        {
            let mut query = board.prepare("SELECT number, answer FROM answer")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                taken += transaction.execute(
                    "INSERT INTO item (outbox, number, kind, body) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO NOTHING",
                    params![
                        WITHOUT_OUTBOX,
                        row.get::<_, i64>(0)?,
                        ANSWER,
                        row.get::<_, String>(1)?
                    ],
                )?;
            }
            let last: Option<i64> = board
                .query_row("SELECT number FROM last_answer", [], |row| row.get(0))
                .optional()?;
            transaction.execute(
                "UPDATE outbox SET last_number = MAX(last_number, ?1)",
                [last.unwrap_or(0)],
            )?;
        }
        transaction.commit()?;
        board.execute_batch("DROP TABLE answer; DROP TABLE last_answer;")?;
        Ok(taken)
    };
    match move_answers() {
        Ok(0) => {}
        Ok(taken) => info!(taken, "answers were taken over from the board's database"),
        Err(error) => {
            warn!(%error, "answers in the board's database cannot be taken over");
        }
    }
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::fs::FileExt as _;
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicU8, Ordering};

    use vyveska_wire::manifest::ContentHash;

    use super::*;

    fn answer(text: &str) -> SurveyAnswer {
        SurveyAnswer {
            survey: "urad".to_owned(),
            question: "spokojenost".to_owned(),
            answer: text.to_owned(),
            day: "2026-11-21".parse().unwrap(),
        }
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    fn opened(folder: &Path) -> Outbox {
        static SEED: AtomicU8 = AtomicU8::new(0);
        let seed = || Ok([SEED.fetch_add(1, Ordering::SeqCst); 32]);
        Outbox::open(folder, Box::new(seed)).unwrap()
    }

    /// Everything that waits, in the order in which it is sent, acknowledged on the way.
    fn drained(outbox: &Outbox) -> Vec<(Option<String>, u64, String)> {
        let mut all = Vec::new();
        while let Some(batch) = outbox.waiting_answers(2).unwrap() {
            let last = batch.answers.last().unwrap().number;
            outbox.acknowledge(batch.outbox.as_deref(), last).unwrap();
            all.extend(
                batch
                    .answers
                    .into_iter()
                    .map(|one| (batch.outbox.clone(), one.number, one.answer.answer)),
            );
        }
        all
    }

    fn numbers(drained: &[(Option<String>, u64, String)]) -> Vec<u64> {
        drained.iter().map(|(_, number, _)| *number).collect()
    }

    #[test]
    fn answers_wait_in_order_and_no_number_is_used_twice() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        assert!(outbox.keep_answer(&answer("1"), at(1_000)).unwrap());
        // A clock that does not advance, and one that goes back.
        outbox.keep_answer(&answer("2"), at(1_000)).unwrap();
        outbox.keep_answer(&answer("3"), at(0)).unwrap();
        drop(outbox);
        let outbox = opened(folder.path());
        let sent = drained(&outbox);
        assert_eq!(numbers(&sent), [1_000, 1_001, 1_002]);
        assert!(sent.iter().all(|(id, ..)| *id == sent[0].0 && id.is_some()));
        outbox.keep_answer(&answer("4"), at(0)).unwrap();
        let more = drained(&outbox);
        assert_eq!((numbers(&more), &more[0].0), (vec![1_003], &sent[0].0));
    }

    #[test]
    fn an_acknowledgement_concerns_one_outbox_only() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        let database = Connection::open(folder.path().join("outbox.sqlite")).unwrap();
        let body = serde_json::to_string(&answer("2")).unwrap();
        database
            .execute(
                "INSERT INTO item VALUES ('ff', 5, ?1, ?2)",
                params![ANSWER, body],
            )
            .unwrap();
        let first = outbox.waiting_answers(10).unwrap().unwrap();
        assert_eq!(first.answers.len(), 1);
        outbox.acknowledge(first.outbox.as_deref(), 1_000).unwrap();
        assert_eq!(numbers(&drained(&outbox)), [5]);
    }

    #[test]
    fn damage_of_the_boards_database_concerns_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("board.sqlite"), "rubbish ".repeat(1000)).unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        drop(outbox);
        fs::remove_file(folder.path().join("board.sqlite")).unwrap();
        assert_eq!(numbers(&drained(&opened(folder.path()))), [1_000]);
    }

    #[test]
    fn a_damaged_outbox_is_set_aside_and_the_new_one_has_another_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.sqlite");
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        let first = outbox.waiting_answers(1).unwrap().unwrap().outbox;
        drop(outbox);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0x5A; 4096], 0).unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("2"), at(1_000)).unwrap();
        let sent = drained(&outbox);
        assert_eq!(sent.last().unwrap().2, "2");
        assert_ne!(sent.last().unwrap().0, first);
        assert!(folder.path().join("outbox.sqlite.damaged-1").exists());
    }

    #[test]
    fn the_two_newest_damaged_outboxes_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.sqlite");
        let kept = || {
            let files = fs::read_dir(folder.path()).unwrap();
            let mut kept: Vec<(String, u8)> = files
                .map(Result::unwrap)
                .map(|file| (file.file_name().into_string().unwrap(), file.path()))
                .filter(|(name, _)| name.contains(".damaged"))
                .map(|(name, path)| (name, fs::read(path).unwrap()[0]))
                .collect();
            kept.sort();
            kept
        };
        let damaged = |byte: u8| {
            fs::write(&path, [byte; 8192]).unwrap();
            drop(opened(folder.path()));
            kept()
        };
        let named = |name: &str, byte: u8| (format!("outbox.sqlite.damaged{name}"), byte);
        // Of an earlier program, with the journal of a write that was cut short.
        for end in ["", "-journal"] {
            fs::write(with_end(&path, &format!(".damaged{end}")), [0xA0]).unwrap();
        }
        assert_eq!(
            damaged(0xA1),
            [named("", 0xA0), named("-1", 0xA1), named("-journal", 0xA0)]
        );
        assert_eq!(damaged(0xA2), [named("-1", 0xA1), named("-2", 0xA2)]);
        // By number, not by name.
        for n in 3..=11 {
            damaged(0xA0 + n);
        }
        assert_eq!(kept(), [named("-10", 0xAA), named("-11", 0xAB)]);
    }

    #[test]
    fn what_can_be_read_of_a_damaged_outbox_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.sqlite");
        let outbox = opened(folder.path());
        for n in 0..500 {
            outbox.keep_answer(&answer("1"), at(n)).unwrap();
        }
        drop(outbox);
        // The last page.
        let length = fs::metadata(&path).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0x5A; 4096], length - 4096).unwrap();
        let sent = drained(&opened(folder.path())).len();
        assert!((100..500).contains(&sent), "{sent}");
    }

    #[test]
    fn answers_of_an_earlier_program_are_taken_over_with_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let board = Connection::open(folder.path().join("board.sqlite")).unwrap();
        board
            .execute_batch(
                r#"CREATE TABLE answer (number INTEGER PRIMARY KEY, answer TEXT NOT NULL) STRICT;
                CREATE TABLE last_answer (
                    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL
                ) STRICT;
                INSERT INTO answer VALUES
                    (5, '{"survey":"urad","question":"spokojenost","answer":"1","day":"2026-11-21"}'),
                    (6, '{"survey":"urad","question":"spokojenost","answer":"2","day":"2026-11-21"}');
                INSERT INTO last_answer VALUES (1, 6);"#,
            )
            .unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("3"), at(0)).unwrap();
        let left: i64 = board
            .query_row(
                "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE '%answer'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(left, 0);
        drop(outbox);
        let sent = drained(&opened(folder.path()));
        assert_eq!(numbers(&sent), [5, 6, 7]);
        let ids: Vec<bool> = sent.iter().map(|(id, ..)| id.is_some()).collect();
        assert_eq!(ids, [false, false, true], "as central knows them");
    }

    #[test]
    fn a_full_disk_keeps_answers_in_memory_until_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        let set_pages = |pages: i64| {
            let connections = outbox.connections();
            let disk = connections.disk.as_ref().unwrap();
            disk.pragma_update(None, "max_page_count", pages).unwrap();
        };
        set_pages(1);
        for n in 0..200 {
            // Long enough to need another page.
            outbox.keep_answer(&answer(&"9".repeat(60)), at(n)).unwrap();
            if outbox.connections.lock().unwrap().disk.is_some() {
                set_pages(1);
            }
        }
        let sent = drained(&outbox);
        assert_eq!(sent.len(), 201);
        let ids: std::collections::BTreeSet<_> = sent.iter().map(|(id, ..)| id).collect();
        assert_eq!(ids.len(), 2, "disk and memory number by themselves");
    }

    #[test]
    fn without_a_folder_answers_are_kept_in_memory_and_moved_later() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        let outbox = opened(&folder);
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        fs::create_dir(&folder).unwrap();
        outbox.keep_answer(&answer("2"), at(2_000)).unwrap();
        drop(outbox);
        let sent = drained(&opened(&folder));
        assert_eq!(sent.len(), 2, "{sent:?}");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_left_and_blocks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        for text in ["1", "2", "3"] {
            outbox.keep_answer(&answer(text), at(1_000)).unwrap();
        }
        let database = Connection::open(folder.path().join("outbox.sqlite")).unwrap();
        let changed = "UPDATE item SET body = '{\"stars\":3}' WHERE number = 1001";
        assert_eq!(database.execute(changed, []).unwrap(), 1);
        assert_eq!(numbers(&drained(&outbox)), [1_000, 1_002]);
        let left: i64 = database
            .query_row("SELECT number FROM item", [], |row| row.get(0))
            .unwrap();
        assert_eq!(left, 1_001);
    }

    #[test]
    fn an_outbox_of_a_newer_program_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("1"), at(1_000)).unwrap();
        drop(outbox);
        let database = Connection::open(folder.path().join("outbox.sqlite")).unwrap();
        database.pragma_update(None, "user_version", 2).unwrap();
        let outbox = opened(folder.path());
        outbox.keep_answer(&answer("2"), at(2_000)).unwrap();
        assert_eq!(numbers(&drained(&outbox)), [2_000]);
        let count: i64 = database
            .query_row("SELECT COUNT(*) FROM item", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn the_acknowledged_head_of_the_journal_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = opened(folder.path());
        assert_eq!(outbox.acknowledged_journal().unwrap(), Head::EMPTY);
        let head = Head {
            sequence: 7,
            hash: ContentHash::of(b"7"),
        };
        outbox.acknowledge_journal(head).unwrap();
        drop(outbox);
        assert_eq!(opened(folder.path()).acknowledged_journal().unwrap(), head);
    }

    const FOLDER: &str = "VYVESKA_TEST_OUTBOX_FOLDER";

    /// The child of the next test: stores answers and prints the number of each, until it is killed.
    ///
    /// Does nothing when it runs as a test like the others.
    #[test]
    fn child() {
        let Ok(folder) = std::env::var(FOLDER) else {
            return;
        };
        let outbox = opened(Path::new(&folder));
        for n in 1.. {
            outbox.keep_answer(&answer("1"), at(n)).unwrap();
            let mut out = io::stderr().lock();
            writeln!(out, "stored {n}").unwrap();
        }
    }

    #[test]
    fn killed_at_any_moment_no_stored_answer_is_lost() {
        for count in [1, 2, 5, 30] {
            let folder = tempfile::tempdir().unwrap();
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::outbox::tests::child", "--nocapture"])
                .env(FOLDER, folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            let mut stored = 0;
            while stored < count {
                let line = lines.next().unwrap().unwrap();
                stored += u64::from(line.starts_with("stored "));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let later = lines.map_while(Result::ok);
            stored += later.filter(|line| line.starts_with("stored ")).count() as u64;
            let sent = numbers(&drained(&opened(folder.path())));
            let expected: Vec<u64> = (1..=stored).collect();
            assert!(
                sent.starts_with(&expected) && sent.len() <= expected.len() + 1,
                "{sent:?}"
            );
        }
    }
}
