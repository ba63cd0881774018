//! The thread that searches and keeps the index up to date.
//!
//! A question has priority over all other work, and of several waiting questions only the last is answered.
//! Adding texts and removing what was taken down is done in small steps between questions, so that typing never
//! waits for it.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use vyveska_wire::manifest::ContentHash;

use super::finder::Finder;
use super::text_index::{SearchError, TextIndex};
use crate::state::{BoardContent, Question, SearchResult};
use crate::worker::Worker;

/// How often the file of the index is made anew before the index is kept in memory.
const MOST_FAILURES: u32 = 3;

/// How many pages are added in one step.
const PAGES_AT_ONCE: usize = 16;

/// The source of the text of documents.
pub trait Texts: Send {
    /// The text of every page, verified and bounded; `None` when it is not here yet or cannot be read.
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>>;
}

enum Command {
    SetBoard(Arc<BoardContent>, Vec<usize>),
    Arrived(ContentHash),
    Ask(Option<Question>),
    #[cfg(test)]
    Finish(mpsc::Sender<()>),
    Stop,
}

/// Takes questions and delivers results; owns the search thread.
pub struct SearchWorker {
    commands: mpsc::Sender<Command>,
    worker: Worker,
}

impl SearchWorker {
    /// Starts the search thread. `index` is the file of its index.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn start(
        index: PathBuf,
        texts: impl Texts + 'static,
        deliver: impl Fn(SearchResult) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, receiver) = mpsc::channel();
        let worker = Worker::start("search", move || {
            SearchThread {
                index: open(&index),
                path: index,
                texts: Box::new(texts),
                deliver: Box::new(deliver),
                finder: None,
                work: VecDeque::new(),
                failures: 0,
                question: None,
                answered: true,
            }
            .run(&receiver);
        })?;
        Ok(Self { commands, worker })
    }

    /// Sets what is posted now, by positions in the board's notices, newest first. Nothing else is found from then on.
    pub fn set_board(&self, board: Arc<BoardContent>, posted: Vec<usize>) {
        self.send(Command::SetBoard(board, posted));
    }

    /// Reports that bytes arrived which may be the text of a document.
    pub fn arrived(&self, content: ContentHash) {
        self.send(Command::Arrived(content));
    }

    /// Sets the question and forgets an earlier one; `None` ends the search.
    ///
    /// The question is answered again when texts have arrived in which it may be found.
    pub fn ask(&self, question: Option<Question>) {
        self.send(Command::Ask(question));
    }

    /// Waits until every command sent so far is done; for tests.
    #[cfg(test)]
    pub(super) fn finish(&self) {
        let (done, wait) = mpsc::channel();
        self.send(Command::Finish(done));
        let _ = wait.recv();
    }

    fn send(&self, command: Command) {
        // The thread only ends when this is dropped, so a closed channel needs no report.
        let _ = self.commands.send(command);
    }
}

impl Drop for SearchWorker {
    fn drop(&mut self) {
        self.worker.may_end();
        self.send(Command::Stop);
        self.worker.join();
    }
}

/// One small step of index work.
enum Step {
    Remove(ContentHash),
    /// Reads a text and adds its first pages.
    Start(ContentHash),
    /// Adds further pages of a text, from this page on.
    Continue(ContentHash, u16, Vec<String>),
    Tidy {
        first: bool,
    },
}

struct SearchThread {
    path: PathBuf,
    /// In memory where its file cannot be used; `None` where memory fails too.
    index: Option<TextIndex>,
    texts: Box<dyn Texts>,
    deliver: Box<dyn Fn(SearchResult) + Send>,
    finder: Option<Finder>,
    work: VecDeque<Step>,
    failures: u32,
    question: Option<Question>,
    answered: bool,
}

impl SearchThread {
    fn run(mut self, commands: &mpsc::Receiver<Command>) {
        loop {
            // All waiting commands are handled before any step of work.
            match commands.try_recv() {
                Ok(Command::Stop) | Err(mpsc::TryRecvError::Disconnected) => return,
                Ok(command) => self.handle(command),
                Err(mpsc::TryRecvError::Empty) if !self.answered => self.answer(),
                Err(mpsc::TryRecvError::Empty) if !self.work.is_empty() => self.step(),
                Err(mpsc::TryRecvError::Empty) => match commands.recv() {
                    Ok(Command::Stop) | Err(mpsc::RecvError) => return,
                    Ok(command) => self.handle(command),
                },
            }
        }
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::SetBoard(board, posted) => self.set_board(board, posted),
            Command::Arrived(content) => self.arrived(&content),
            Command::Ask(question) => {
                self.answered = question.is_none();
                self.question = question;
            }
            #[cfg(test)]
            Command::Finish(done) => {
                while !self.work.is_empty() {
                    self.step();
                }
                let _ = done.send(());
            }
            Command::Stop => {}
        }
    }

    fn set_board(&mut self, board: Arc<BoardContent>, posted: Vec<usize>) {
        let finder = Finder::new(board, posted);
        if let Some(index) = &self.index {
            self.work = outstanding(index, &finder);
        }
        self.finder = Some(finder);
    }

    fn arrived(&mut self, content: &ContentHash) {
        let wanted = self
            .finder
            .as_ref()
            .is_some_and(|finder| finder.texts().any(|text| text == content));
        if wanted && self.index.as_ref().is_some_and(|index| !index.has(content)) {
            self.work.push_back(Step::Start(*content));
        }
    }

    fn answer(&mut self) {
        self.answered = true;
        let (Some(question), Some(finder)) = (self.question.clone(), &self.finder) else {
            return;
        };
        let searched = self
            .index
            .as_ref()
            .map(|index| finder.find(question.clone(), index));
        let result = match searched {
            Some(Ok(result)) => Some(result),
            Some(Err(error)) => {
                self.rebuild_index(&error);
                self.find_without_texts(question)
            }
            None => self.find_without_texts(question),
        };
        if let Some(result) = result {
            (self.deliver)(result);
        }
    }

    /// Searches titles only, for when the index cannot be used.
    fn find_without_texts(&self, question: Question) -> Option<SearchResult> {
        let empty = TextIndex::in_memory().ok()?;
        let result = self.finder.as_ref()?.find(question, &empty).ok()?;
        Some(SearchResult {
            in_documents: false,
            ..result
        })
    }

    fn step(&mut self) {
        let (Some(step), Some(index)) = (self.work.pop_front(), &mut self.index) else {
            return;
        };
        let done = match step {
            Step::Remove(text) => index.remove(&text).map(|()| None),
            Step::Start(text) if index.has(&text) => Ok(None),
            Step::Start(text) => match self.texts.pages(&text) {
                Some(pages) => add_pages(index, text, 0, pages),
                None => Ok(None),
            },
            Step::Continue(text, from, pages) => add_pages(index, text, from, pages),
            Step::Tidy { first } => index
                .tidy(first)
                .map(|done| (!done).then_some(Step::Tidy { first: false })),
        };
        match done {
            Ok(Some(rest)) => self.work.push_front(rest),
            Ok(None) => {}
            Err(error) => self.rebuild_index(&error),
        }
        if self.work.is_empty() {
            // The index has changed, so the question may have more results now.
            self.answered = self.question.is_none();
        }
    }

    /// Rebuilds the index from the renditions, after repeated failures in memory: a disk may be full or read-only.
    /// Where memory fails too, the texts stay unsearched, and results say so.
    fn rebuild_index(&mut self, error: &SearchError) {
        self.index = None;
        self.work.clear();
        self.failures += 1;
        if self.failures > MOST_FAILURES + 1 {
            tracing::error!(%error, "the text of documents is not searched any more");
            return;
        }
        tracing::error!(%error, "the search index is rebuilt");
        for end in ["", "-wal", "-shm"] {
            let mut file = self.path.as_os_str().to_owned();
            file.push(end);
            let _ = std::fs::remove_file(file);
        }
        self.index = if self.failures > MOST_FAILURES {
            open_in_memory()
        } else {
            open(&self.path)
        };
        if let (Some(index), Some(finder)) = (&self.index, &self.finder) {
            self.work = outstanding(index, finder);
        }
    }
}

fn open(path: &std::path::Path) -> Option<TextIndex> {
    TextIndex::open(path)
        .inspect_err(|error| tracing::error!(%error, "the search index is kept in memory"))
        .ok()
        .or_else(open_in_memory)
}

fn open_in_memory() -> Option<TextIndex> {
    TextIndex::in_memory()
        .inspect_err(|error| tracing::error!(%error, "the text of documents is not searched"))
        .ok()
}

/// The steps after which the index holds exactly the texts of what is posted. Removals come first.
fn outstanding(index: &TextIndex, finder: &Finder) -> VecDeque<Step> {
    let wanted: HashSet<&ContentHash> = finder.texts().collect();
    let mut steps: VecDeque<Step> = index
        .texts()
        .filter(|text| !wanted.contains(text) || !index.has(text))
        .map(|text| Step::Remove(*text))
        .collect();
    if !steps.is_empty() {
        steps.push_back(Step::Tidy { first: true });
    }
    steps.extend(
        wanted
            .into_iter()
            .filter(|text| !index.has(text))
            .map(|text| Step::Start(*text)),
    );
    steps
}

/// Adds up to [`PAGES_AT_ONCE`] pages; returns the step that is left.
fn add_pages(
    index: &mut TextIndex,
    text: ContentHash,
    from: u16,
    mut pages: Vec<String>,
) -> Result<Option<Step>, SearchError> {
    let rest = pages.split_off(pages.len().min(PAGES_AT_ONCE));
    let next = from.checked_add(u16::try_from(pages.len()).unwrap_or(u16::MAX));
    index.add(&text, from, &pages, rest.is_empty() || next.is_none())?;
    Ok(match next {
        Some(next) if !rest.is_empty() => Some(Step::Continue(text, next, rest)),
        _ => None,
    })
}
