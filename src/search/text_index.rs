//! The text of documents, by words.
//!
//! A file of its own beside the board's: everything in it can be made again from the renditions,
//! so a damaged or outdated one is thrown away.
//! SQLite's full-text index keeps which pages have a word and nothing more, which answers a prefix of one letter over
//! a hundred thousand pages in milliseconds; the pages' text is kept beside it for the line that shows a hit.
//!
//! Texts may hold personal data, so what is removed has to be gone from the file too: freed pages are overwritten,
//! the index is merged until no segment holds a removed word ([`TextIndex::tidy`]), and the log is folded in.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};
use vyveska_board::search::{InTexts, Term, fold, words};
use vyveska_wire::manifest::ContentHash;

/// Goes up with the schema and with what counts as a word.
const VERSION: i64 = 1;

/// So much of a page is kept, in letters; a plan full of labels has fewer.
const LONGEST_PAGE: usize = 60_000;

/// For how many words it is remembered on which pages they are.
const REMEMBERED: usize = 12;

/// How many pages of the index one step of tidying rewrites.
const TIDY_STEP: i64 = 64;

const SCHEMA: &str = "
    CREATE TABLE text (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        complete INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE page (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL
    ) STRICT;
    CREATE VIRTUAL TABLE word USING fts5 (
        words, content = '', contentless_delete = 1, detail = 'none', prefix = '1 2 3', tokenize = 'ascii'
    );
";

/// A page of a document in the index; in order of document and page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey(i64);

impl PageKey {
    const PAGE_BITS: u32 = 16;

    fn new(text: i64, page: u16) -> Self {
        Self(text << Self::PAGE_BITS | i64::from(page))
    }

    /// Which text it belongs to.
    pub(super) fn text(self) -> i64 {
        self.0 >> Self::PAGE_BITS
    }

    /// Counted from 0.
    pub fn page(self) -> u16 {
        (self.0 & 0xFFFF) as u16
    }
}

/// Why the texts of documents cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The database refuses.
    #[error("the search index cannot be used")]
    Database(#[from] rusqlite::Error),
    /// A file refuses.
    #[error("cannot remove the outdated search index {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The text of documents, by words.
#[derive(Debug)]
pub struct TextIndex {
    database: Connection,
    texts: HashMap<ContentHash, Held>,
    next: i64,
    /// What the last words were found on: while somebody types, only the last word of several changes.
    recent: RefCell<VecDeque<(String, Arc<[PageKey]>)>>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    id: i64,
    /// Whether all its pages are here.
    complete: bool,
}

impl TextIndex {
    /// Opens the index, or begins an empty one where there is none that can be used.
    ///
    /// # Errors
    ///
    /// When neither is possible.
    pub fn open(path: &Path) -> Result<Self, SearchError> {
        match Self::open_present(path) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, index = %path.display(), "the search index is made anew");
            }
        }
        for end in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(end);
            match fs::remove_file(&file) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SearchError::Io {
                        path: file.into(),
                        source,
                    });
                }
                _ => {}
            }
        }
        Self::begin(Connection::open(path)?)
    }

    /// An index that is gone with the process.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, SearchError> {
        Self::begin(Connection::open_in_memory()?)
    }

    /// The index at this path; `None` when there is none of this version.
    fn open_present(path: &Path) -> Result<Option<Self>, SearchError> {
        if !path.exists() {
            return Ok(None);
        }
        let database = Connection::open(path)?;
        let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            return Ok(None);
        }
        configure(&database)?;
        let mut index = Self {
            database,
            texts: HashMap::new(),
            next: 1,
            recent: RefCell::default(),
        };
        index.read_texts()?;
        Ok(Some(index))
    }

    fn begin(database: Connection) -> Result<Self, SearchError> {
        configure(&database)?;
        database.execute_batch(SCHEMA)?;
        database.pragma_update(None, "user_version", VERSION)?;
        Ok(Self {
            database,
            texts: HashMap::new(),
            next: 1,
            recent: RefCell::default(),
        })
    }

    fn read_texts(&mut self) -> Result<(), SearchError> {
        let mut unfinished = Vec::new();
        {
            let mut statement = self
                .database
                .prepare("SELECT id, hash, complete FROM text")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (id, hash, complete): (i64, String, bool) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                self.next = self.next.max(id + 1);
                match hash.parse::<vyveska_board::DocumentHash>() {
                    Ok(hash) if complete => {
                        self.texts.insert(ContentHash(hash), Held { id, complete });
                    }
                    _ => unfinished.push(id),
                }
            }
        }
        for id in unfinished {
            self.remove_row(id)?;
        }
        Ok(())
    }

    /// The texts that are here, whole or in part.
    pub fn texts(&self) -> impl Iterator<Item = &ContentHash> {
        self.texts.keys()
    }

    /// Whether a text is here, whole.
    pub fn has(&self, text: &ContentHash) -> bool {
        self.texts.get(text).is_some_and(|held| held.complete)
    }

    pub(super) fn id(&self, text: &ContentHash) -> Option<i64> {
        self.texts.get(text).map(|held| held.id)
    }

    /// Adds pages of a text, the first of them being page `from`; `last` says that it is whole now.
    ///
    /// A text that is begun and never finished is dropped when the index is opened again.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn add(
        &mut self,
        text: &ContentHash,
        from: u16,
        pages: &[String],
        last: bool,
    ) -> Result<(), SearchError> {
        self.recent.get_mut().clear();
        let transaction = self.database.transaction()?;
        let id = match self.texts.get(text) {
            Some(held) => held.id,
            None => {
                transaction.execute(
                    "INSERT INTO text (id, hash) VALUES (?1, ?2)",
                    params![self.next, text.to_string()],
                )?;
                self.next
            }
        };
        {
            let mut keep =
                transaction.prepare_cached("INSERT INTO page (id, text) VALUES (?1, ?2)")?;
            let mut index =
                transaction.prepare_cached("INSERT INTO word (rowid, words) VALUES (?1, ?2)")?;
            for (page, text) in (from..=u16::MAX).zip(pages) {
                let text = bounded(text);
                let found = words::index_words(&fold(text));
                if found.is_empty() {
                    continue;
                }
                let key = PageKey::new(id, page);
                keep.execute(params![key.0, text])?;
                let line: Vec<&str> = found.iter().map(String::as_str).collect();
                index.execute(params![key.0, line.join(" ")])?;
            }
        }
        if last {
            transaction.execute("UPDATE text SET complete = 1 WHERE id = ?1", [id])?;
        }
        transaction.commit()?;
        let held = Held { id, complete: last };
        if self.texts.insert(*text, held).is_none() {
            self.next += 1;
        }
        Ok(())
    }

    /// Removes a text. Until [`Self::tidy`] is done its words may linger in the file.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn remove(&mut self, text: &ContentHash) -> Result<(), SearchError> {
        match self.texts.remove(text) {
            Some(held) => self.remove_row(held.id),
            None => Ok(()),
        }
    }

    fn remove_row(&mut self, id: i64) -> Result<(), SearchError> {
        self.recent.get_mut().clear();
        let (first, last) = (PageKey::new(id, 0).0, PageKey::new(id, u16::MAX).0);
        let transaction = self.database.transaction()?;
        transaction.execute(
            "DELETE FROM word WHERE rowid IN (SELECT id FROM page WHERE id BETWEEN ?1 AND ?2)",
            [first, last],
        )?;
        transaction.execute("DELETE FROM page WHERE id BETWEEN ?1 AND ?2", [first, last])?;
        transaction.execute("DELETE FROM text WHERE id = ?1", [id])?;
        transaction.commit()?;
        Ok(())
    }

    /// Does a bounded part of the work after which nothing removed is left in the file; says whether all is done.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn tidy(&mut self, first: bool) -> Result<bool, SearchError> {
        // Less than zero begins to merge everything into one segment, more than zero goes on with that.
        let step = if first { -TIDY_STEP } else { TIDY_STEP };
        let before = self.database.total_changes();
        self.database
            .prepare_cached("INSERT INTO word (word, rank) VALUES ('merge', ?1)")?
            .execute([step])?;
        if !first && self.database.total_changes() - before < 2 {
            self.database
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The pages that have a word, in order.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn find(&self, term: &Term) -> Result<Arc<[PageKey]>, SearchError> {
        // A word is letters and digits alone, so it needs no escaping between quotes.
        let pattern = match term.in_texts() {
            InTexts::Prefix(start) => format!("\"{start}\" *"),
            InTexts::Whole(word) => format!("\"{word}\""),
            InTexts::Nowhere => return Ok(Arc::default()),
        };
        let known = |(known, _): &&(String, Arc<[PageKey]>)| *known == pattern;
        if let Some((_, pages)) = self.recent.borrow().iter().find(known) {
            return Ok(Arc::clone(pages));
        }
        let pages: Arc<[PageKey]> = self.look_up(&pattern)?.into();
        let mut recent = self.recent.borrow_mut();
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back((pattern, Arc::clone(&pages)));
        Ok(pages)
    }

    fn look_up(&self, pattern: &str) -> Result<Vec<PageKey>, SearchError> {
        let mut statement = self
            .database
            .prepare_cached("SELECT rowid FROM word WHERE word MATCH ?1 ORDER BY rowid")?;
        let mut rows = statement.query([pattern])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(PageKey(row.get(0)?));
        }
        Ok(found)
    }

    /// The text of a page.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub fn page(&self, key: PageKey) -> Result<Option<String>, SearchError> {
        Ok(self
            .database
            .prepare_cached("SELECT text FROM page WHERE id = ?1")?
            .query_row([key.0], |row| row.get(0))
            .optional()?)
    }
}

fn configure(database: &Connection) -> Result<(), SearchError> {
    database.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may undo the last additions, it damages nothing; they are made again.
    database.pragma_update(None, "synchronous", "NORMAL")?;
    database.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

fn bounded(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_PAGE) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
