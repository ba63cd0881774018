//! The thread that searches and keeps the index up to date.
//!
//! A question comes before everything else, and of several only the last is answered.
//! The rest of the work, taking in texts and removing what was taken down, is done in small steps between questions,
//! so that typing never waits for it.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use vyveska_wire::manifest::ContentHash;

use super::finder::Finder;
use super::text_index::{SearchError, TextIndex};
use crate::state::{Answer, BoardContent, Question};

/// So often the index is made anew before the texts of documents are left unsearched.
const MOST_FAILURES: u32 = 3;

/// How many pages are taken in at one go.
const PAGES_AT_ONCE: usize = 16;

/// Gives the text of documents.
pub trait Texts: Send {
    /// The text of every page, verified and bounded; `None` when it is not here (yet) or cannot be read.
    fn pages(&self, text: &ContentHash) -> Option<Vec<String>>;
}

enum Order {
    Follow(Arc<BoardContent>, Vec<usize>),
    Arrived(ContentHash),
    Ask(Option<Question>),
    #[cfg(test)]
    Finish(mpsc::Sender<()>),
    Stop,
}

/// Takes questions and delivers answers.
pub struct SearchDesk {
    orders: mpsc::Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl SearchDesk {
    /// Starts the desk's thread. Its index is in this file.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn start(
        index: PathBuf,
        texts: impl Texts + 'static,
        deliver: impl Fn(Answer) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, receiver) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("search".into())
            .spawn(move || {
                Clerk {
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
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// Says what is posted now, by positions in the board's notices, newest first. Nothing else is found any more.
    pub fn follow(&self, board: Arc<BoardContent>, posted: Vec<usize>) {
        self.send(Order::Follow(board, posted));
    }

    /// Says that bytes arrived which may be the text of a document.
    pub fn arrived(&self, content: ContentHash) {
        self.send(Order::Arrived(content));
    }

    /// Asks; an earlier question is forgotten. Without a question nobody searches any more.
    ///
    /// The same question is answered again by itself when texts have arrived that it may find.
    pub fn ask(&self, question: Option<Question>) {
        self.send(Order::Ask(question));
    }

    /// Waits until everything ordered so far is done; for tests.
    #[cfg(test)]
    pub(super) fn finish(&self) {
        let (done, wait) = mpsc::channel();
        self.send(Order::Finish(done));
        let _ = wait.recv();
    }

    fn send(&self, order: Order) {
        // A desk whose thread is gone has been stopped: nobody asks any more.
        let _ = self.orders.send(order);
    }
}

impl Drop for SearchDesk {
    fn drop(&mut self) {
        self.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A small step of work.
enum Step {
    Remove(ContentHash),
    /// Reads a text and takes in its first pages.
    Begin(ContentHash),
    /// Takes in more pages of a text, from this page on.
    GoOn(ContentHash, u16, Vec<String>),
    Tidy {
        first: bool,
    },
}

struct Clerk {
    path: PathBuf,
    /// `None` while the texts of documents cannot be searched.
    index: Option<TextIndex>,
    texts: Box<dyn Texts>,
    deliver: Box<dyn Fn(Answer) + Send>,
    finder: Option<Finder>,
    work: VecDeque<Step>,
    failures: u32,
    /// What somebody wants to know now.
    question: Option<Question>,
    answered: bool,
}

impl Clerk {
    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        loop {
            // Every order that has come is taken before anything is done.
            match orders.try_recv() {
                Ok(Order::Stop) | Err(mpsc::TryRecvError::Disconnected) => return,
                Ok(order) => self.take(order),
                Err(mpsc::TryRecvError::Empty) if !self.answered => self.answer(),
                Err(mpsc::TryRecvError::Empty) if !self.work.is_empty() => self.step(),
                Err(mpsc::TryRecvError::Empty) => match orders.recv() {
                    Ok(Order::Stop) | Err(mpsc::RecvError) => return,
                    Ok(order) => self.take(order),
                },
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Follow(board, posted) => self.follow(board, posted),
            Order::Arrived(content) => self.arrived(&content),
            Order::Ask(question) => {
                self.answered = question.is_none();
                self.question = question;
            }
            #[cfg(test)]
            Order::Finish(done) => {
                while !self.work.is_empty() {
                    self.step();
                }
                let _ = done.send(());
            }
            Order::Stop => {}
        }
    }

    fn follow(&mut self, board: Arc<BoardContent>, posted: Vec<usize>) {
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
            self.work.push_back(Step::Begin(*content));
        }
    }

    fn answer(&mut self) {
        self.answered = true;
        let (Some(question), Some(finder)) = (self.question.clone(), &self.finder) else {
            return;
        };
        let answered = self
            .index
            .as_ref()
            .map(|index| finder.find(question.clone(), index));
        let answer = match answered {
            Some(Ok(answer)) => Some(answer),
            Some(Err(error)) => {
                self.begin_anew(&error);
                self.without_texts(question)
            }
            None => self.without_texts(question),
        };
        if let Some(answer) = answer {
            (self.deliver)(answer);
        }
    }

    /// Titles can be searched even where texts cannot.
    fn without_texts(&self, question: Question) -> Option<Answer> {
        let empty = TextIndex::in_memory().ok()?;
        self.finder.as_ref()?.find(question, &empty).ok()
    }

    fn step(&mut self) {
        let (Some(step), Some(index)) = (self.work.pop_front(), &mut self.index) else {
            return;
        };
        let done = match step {
            Step::Remove(text) => index.remove(&text).map(|()| None),
            Step::Begin(text) if index.has(&text) => Ok(None),
            Step::Begin(text) => match self.texts.pages(&text) {
                Some(pages) => take_in(index, text, 0, pages),
                None => Ok(None),
            },
            Step::GoOn(text, from, pages) => take_in(index, text, from, pages),
            Step::Tidy { first } => index
                .tidy(first)
                .map(|done| (!done).then_some(Step::Tidy { first: false })),
        };
        match done {
            Ok(Some(rest)) => self.work.push_front(rest),
            Ok(None) => {}
            Err(error) => self.begin_anew(&error),
        }
        if self.work.is_empty() {
            // There may be more to find now.
            self.answered = self.question.is_none();
        }
    }

    /// The index can always be made again; a disk that goes on refusing leaves the texts unsearched.
    fn begin_anew(&mut self, error: &SearchError) {
        self.index = None;
        self.work.clear();
        self.failures += 1;
        if self.failures > MOST_FAILURES {
            tracing::error!(%error, "the text of documents is not searched any more");
            return;
        }
        tracing::error!(%error, "the search index is made anew");
        for end in ["", "-wal", "-shm"] {
            let mut file = self.path.as_os_str().to_owned();
            file.push(end);
            let _ = std::fs::remove_file(file);
        }
        self.index = open(&self.path);
        if let (Some(index), Some(finder)) = (&self.index, &self.finder) {
            self.work = outstanding(index, finder);
        }
    }
}

fn open(path: &std::path::Path) -> Option<TextIndex> {
    TextIndex::open(path)
        .inspect_err(|error| tracing::error!(%error, "the text of documents is not searched"))
        .ok()
}

/// What has to be done so that the index has the texts of what is posted, and no other. Removals come first.
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
            .map(|text| Step::Begin(*text)),
    );
    steps
}

/// Takes in some pages; gives back what is left to do.
fn take_in(
    index: &mut TextIndex,
    text: ContentHash,
    from: u16,
    mut pages: Vec<String>,
) -> Result<Option<Step>, SearchError> {
    let rest = pages.split_off(pages.len().min(PAGES_AT_ONCE));
    let next = from.checked_add(u16::try_from(pages.len()).unwrap_or(u16::MAX));
    index.add(&text, from, &pages, rest.is_empty() || next.is_none())?;
    Ok(match next {
        Some(next) if !rest.is_empty() => Some(Step::GoOn(text, next, rest)),
        _ => None,
    })
}
