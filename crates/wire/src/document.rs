//! A document and what central made from it, by hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::{Document, MissingReason, Rendition};

use crate::doubtful_pages::DoubtfulPages;
use crate::manifest::{ContentHash, ContentRef};
use crate::texts::{Texts, language_map, texts};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// What it is called; may be empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub title: Texts,
    /// Its exact bytes; missing while central could not fetch them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentRef>,
    /// Why they are missing; none while nobody has tried to fetch them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingReason>,
    /// The media type, detected from the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// How many pages it has; missing while central has not counted them, or cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Its text as central prepared it, a [`crate::text_rendition::TextRendition`]; missing while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ContentRef>,
    /// The PDF with the same pages that displays draw in its place; missing while the document itself is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rendition: Option<ContentRef>,
    /// The pages that displays may draw wrong.
    #[serde(default, skip_serializing_if = "DoubtfulPages::is_empty")]
    pub doubtful_pages: DoubtfulPages,
}

impl From<&Document> for DocumentRecord {
    fn from(document: &Document) -> Self {
        Self {
            title: texts(&document.title),
            content: document.hash.map(|hash| ContentRef {
                hash: ContentHash(hash),
                size_bytes: document.size_bytes,
            }),
            missing: document.missing,
            media_type: document.media_type.clone(),
            url: document.url.clone(),
            pages: document.pages,
            text: document.text.map(content_ref),
            rendition: document.rendition.map(content_ref),
            doubtful_pages: document.doubtful_pages.clone().into(),
        }
    }
}

impl From<&DocumentRecord> for Document {
    fn from(record: &DocumentRecord) -> Self {
        Self {
            title: language_map(&record.title),
            hash: record.content.map(|content| content.hash.0),
            missing: record.missing,
            size_bytes: record.content.map_or(0, |content| content.size_bytes),
            media_type: record.media_type.clone(),
            url: record.url.clone(),
            pages: record.pages,
            text: record.text.map(rendition),
            rendition: record.rendition.map(rendition),
            doubtful_pages: record.doubtful_pages.of(record.pages),
        }
    }
}

fn content_ref(rendition: Rendition) -> ContentRef {
    ContentRef {
        hash: ContentHash(rendition.hash),
        size_bytes: rendition.size_bytes,
    }
}

/// What central made from a document, of its wire form.
pub fn rendition(content: ContentRef) -> Rendition {
    Rendition {
        hash: content.hash.0,
        size_bytes: content.size_bytes,
    }
}
