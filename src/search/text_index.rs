//! The full-text index of documents.
//!
//! It is a file of its own beside the board's, or in memory where no file can be written. Everything in it can be rebuilt from the renditions, so a damaged or
//! outdated file is deleted.
//! SQLite's full-text index stores only which pages contain a word; this answers a prefix of one letter over a hundred
//! thousand pages in milliseconds. The text of the pages is stored beside it for the excerpts.
//!
//! Texts may hold personal data, so what is removed must also leave the file: freed pages are overwritten, the index is
//! merged until no segment holds a removed word ([`TextIndex::tidy`]), and the write-ahead log is truncated.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};
use vyveska_board::search::{InTexts, Term, fold, words};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::text_rendition::MAX_PAGE_LETTERS;

use crate::store::remove_file;

/// Incremented with every change of the schema or of what counts as a word.
const VERSION: i64 = 1;

/// The most pages of 4 KiB that an index in memory has: 256 MiB.
const MAX_MEMORY_PAGES: u32 = 65_536;

/// How many recent lookups are cached.
const CACHED_LOOKUPS: usize = 12;

/// How many pages of the index one step of [`TextIndex::tidy`] rewrites.
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

/// A page of a document in the index; ordered by document and page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey(i64);

impl PageKey {
    const PAGE_BITS: u32 = 16;

    fn new(text: i64, page: u16) -> Self {
        Self(text << Self::PAGE_BITS | i64::from(page))
    }

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
    #[error("the search index cannot be used")]
    Database(#[from] rusqlite::Error),
    #[error("cannot remove the outdated search index {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

/// The full-text index of documents.
#[derive(Debug)]
pub struct TextIndex {
    database: Connection,
    texts: HashMap<ContentHash, IndexedText>,
    next: i64,
    /// Results of the last lookups: while a person types, only the last of several words changes.
    recent: RefCell<VecDeque<(String, Arc<[PageKey]>)>>,
}

#[derive(Debug, Clone, Copy)]
struct IndexedText {
    id: i64,
    /// Whether all its pages are indexed.
    complete: bool,
}

impl TextIndex {
    /// Opens the index, or creates an empty one where there is none that can be used.
    ///
    /// # Errors
    ///
    /// When neither is possible.
    pub fn open(path: &Path) -> Result<Self, SearchError> {
        match Self::open_present(path) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, index = %path.display(), "the search index is rebuilt");
            }
        }
        for end in ["", "-wal", "-shm"] {
            let mut file = path.as_os_str().to_owned();
            file.push(end);
            let path = PathBuf::from(file);
            remove_file(&path).map_err(|source| SearchError::Io { path, source })?;
        }
        Self::create(Connection::open(path)?)
    }

    /// An index that ends with the process, of at most 256 MiB.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, SearchError> {
        let database = Connection::open_in_memory()?;
        database.pragma_update(None, "max_page_count", MAX_MEMORY_PAGES)?;
        Self::create(database)
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

    fn create(database: Connection) -> Result<Self, SearchError> {
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
                        self.texts
                            .insert(ContentHash(hash), IndexedText { id, complete });
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

    /// The indexed texts, complete or in part.
    pub fn texts(&self) -> impl Iterator<Item = &ContentHash> {
        self.texts.keys()
    }

    /// Whether all pages of a text are indexed.
    pub fn has(&self, text: &ContentHash) -> bool {
        self.texts.get(text).is_some_and(|known| known.complete)
    }

    pub(super) fn id(&self, text: &ContentHash) -> Option<i64> {
        self.texts.get(text).map(|known| known.id)
    }

    /// Adds pages of a text, the first of them being page `from`; `last` marks the text as complete.
    ///
    /// An incomplete text is removed when the index is opened again.
    ///
    /// # Errors
    ///
    /// When the database fails.
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
            Some(known) => known.id,
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
        let known = IndexedText { id, complete: last };
        if self.texts.insert(*text, known).is_none() {
            self.next += 1;
        }
        Ok(())
    }

    /// Removes a text. Its words may remain in the file until [`Self::tidy`] is done.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub fn remove(&mut self, text: &ContentHash) -> Result<(), SearchError> {
        match self.texts.remove(text) {
            Some(known) => self.remove_row(known.id),
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

    /// Does a bounded part of erasing removed words from the file; returns whether all is done.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub fn tidy(&mut self, first: bool) -> Result<bool, SearchError> {
        // A negative number starts merging everything into one segment, a positive one continues.
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

    /// The pages that contain a word, in order.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub fn find(&self, term: &Term) -> Result<Arc<[PageKey]>, SearchError> {
        // A word is only letters and digits, so it needs no escaping between quotes.
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
        if recent.len() >= CACHED_LOOKUPS {
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
    /// When the database fails.
    pub fn page(&self, key: PageKey) -> Result<Option<String>, SearchError> {
        Ok(self
            .database
            .prepare_cached("SELECT text FROM page WHERE id = ?1")?
            .query_row([key.0], |row| row.get(0))
            .optional()?)
    }
}

fn configure(database: &Connection) -> Result<(), SearchError> {
    // As in the board's store: no index of the log in a mapped file, which a damaged disk could end the program by.
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may undo the last additions without damage; they are added again.
    database.pragma_update(None, "synchronous", "NORMAL")?;
    database.pragma_update(None, "secure_delete", true)?;
    Ok(())
}

fn bounded(text: &str) -> &str {
    match text.char_indices().nth(MAX_PAGE_LETTERS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
