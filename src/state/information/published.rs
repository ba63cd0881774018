//! The town's documents that hang on no board, such as its strategic plan: read with the same viewer as attachments.

use url::Url;
use vyveska_board::{Document, LanguageMap};
use vyveska_wire::information::{InformationSection, PageContent};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::language_map;

use super::InformationVisit;
use crate::state::board::BoardNotice;
use crate::state::reading::{Reading, Subject};
use crate::state::{Front, State};

/// Which document: on which page, by the hash of its bytes.
///
/// Other bytes are another document: who reads the old ones is led back to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedId {
    /// The page's identifier.
    pub page: String,
    /// The bytes.
    pub document: ContentHash,
}

/// A document that a page of information offers to be read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Which it is.
    pub id: PublishedId,
    /// What the page is called.
    pub page_title: LanguageMap,
    /// What the document is called.
    pub name: LanguageMap,
    /// What it is about.
    pub text: LanguageMap,
    /// Where it is to be read on a telephone.
    pub url: Option<Url>,
    /// The document.
    pub document: Document,
}

/// What is read: a notice with its documents, or one document of the town's information.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Read<'a> {
    /// A notice that hangs.
    Notice(&'a BoardNotice),
    /// A document of a page.
    Published(&'a Published),
}

impl<'a> Read<'a> {
    /// The documents one can go through.
    pub fn documents(self) -> &'a [Document] {
        match self {
            Self::Notice(entry) => &entry.notice.documents,
            Self::Published(published) => std::slice::from_ref(&published.document),
        }
    }

    /// Where it is to be read on a telephone.
    pub fn url(self) -> Option<&'a Url> {
        match self {
            Self::Notice(entry) => entry.notice.url.as_ref(),
            Self::Published(published) => published.url.as_ref(),
        }
    }

    /// The notice, when it is one.
    pub fn notice(self) -> Option<&'a BoardNotice> {
        match self {
            Self::Notice(entry) => Some(entry),
            Self::Published(_) => None,
        }
    }
}

impl Published {
    /// Every document that a section offers to be read here.
    pub(in crate::state) fn all(section: &InformationSection) -> Vec<Self> {
        let mut all = Vec::new();
        for page in &section.pages {
            let PageContent::Documents { documents } = &page.content else {
                continue;
            };
            for record in documents {
                let Some(document) = &record.document else {
                    continue;
                };
                let Some(content) = document.content else {
                    continue;
                };
                all.push(Self {
                    id: PublishedId {
                        page: page.id.clone(),
                        document: content.hash,
                    },
                    page_title: language_map(&page.title),
                    name: language_map(&record.name),
                    text: language_map(&record.text),
                    url: record.url.clone(),
                    document: Document::from(document),
                });
            }
        }
        all
    }
}

impl State {
    /// The document of this identifier, while its page offers it.
    pub(in crate::state) fn published(&self, id: &PublishedId) -> Option<&Published> {
        let board = self.board.as_ref()?;
        board.published.iter().find(|published| published.id == *id)
    }

    /// Opens a document of the page that is read, counted from 0 among all that the page names.
    pub(super) fn read_published(&mut self, index: usize) {
        let Some(id) = self.published_at(index) else {
            return;
        };
        let Some(published) = self.published(&id) else {
            return;
        };
        self.front = Front::Notice(Box::new(Reading::of_published(published)));
        self.opened_from_search = false;
        self.reading_opened();
    }

    fn published_at(&self, index: usize) -> Option<PublishedId> {
        let page = self.information_page()?;
        let PageContent::Documents { documents } = &page.content else {
            return None;
        };
        Some(PublishedId {
            page: page.id.clone(),
            document: documents.get(index)?.document.as_ref()?.content?.hash,
        })
    }

    /// From a document to the page that offers it; says whether one was read.
    pub(in crate::state) fn leave_published(&mut self) -> bool {
        let Front::Notice(reading) = &self.front else {
            return false;
        };
        let Subject::Published(id) = reading.subject() else {
            return false;
        };
        let page = Some(id.page.clone());
        self.front = Front::Information(InformationVisit { page });
        self.keep_information();
        true
    }
}
