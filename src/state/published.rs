//! Documents of the town's information, such as a strategic plan: read in the same viewer as a notice's attachments.

use url::Url;
use vyveska_board::{Document, LanguageMap};
use vyveska_wire::information::{InformationSection, PageContent};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::language_map;

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

impl Published {
    /// All documents that a section offers for reading on the kiosk.
    pub(super) fn all(section: &InformationSection) -> Vec<Self> {
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
