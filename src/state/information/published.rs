//! Documents of the town's information, such as a strategic plan: read in the same viewer as a notice's attachments.

use url::Url;
use vyveska_board::{Document, LanguageMap};
use vyveska_wire::information::{InformationSection, PageContent};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::language_map;

use super::InformationSession;
use crate::state::board::BoardNotice;
use crate::state::reading::{Reading, Subject};
use crate::state::{Front, State};

/// Identifies a document by its page and the hash of its bytes.
///
/// Changed bytes are another document: a user who reads the old ones is led back to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedId {
    pub page: String,
    pub document: ContentHash,
}

/// A document that an information page offers for reading on the kiosk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub id: PublishedId,
    pub page_title: LanguageMap,
    /// The document's title.
    pub name: LanguageMap,
    /// What the document is about.
    pub text: LanguageMap,
    /// The address for reading it on a telephone.
    pub url: Option<Url>,
    pub document: Document,
}

/// What the viewer shows: a notice with its documents, or one document of the town's information.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Read<'a> {
    Notice(&'a BoardNotice),
    /// A document of an information page.
    Published(&'a Published),
}

impl<'a> Read<'a> {
    /// The documents the viewer can switch between.
    pub fn documents(self) -> &'a [Document] {
        match self {
            Self::Notice(entry) => &entry.notice.documents,
            Self::Published(published) => std::slice::from_ref(&published.document),
        }
    }

    pub fn notice(self) -> Option<&'a BoardNotice> {
        match self {
            Self::Notice(entry) => Some(entry),
            Self::Published(_) => None,
        }
    }
}

impl Published {
    /// All documents that a section offers for reading on the kiosk.
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

    /// Opens a document of the open page, counted from 0 among all that the page names.
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

    /// From a document back to the page that offers it; says whether a document was open.
    pub(in crate::state) fn leave_published(&mut self) -> bool {
        let Front::Notice(reading) = &self.front else {
            return false;
        };
        let Subject::Published(id) = reading.subject() else {
            return false;
        };
        let page = Some(id.page.clone());
        self.front = Front::Information(InformationSession { page });
        self.keep_information();
        true
    }
}
