//! What a feed, or whoever hands a notice over, says about it, normalised and comparable.
//!
//! Different facts make a new revision.
//! The raw JSON is stored beside the facts of the newest revision but not compared: publishers reorder keys and change
//! white space.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::ofn::FeedNotice;
use vyveska_board::{
    Document, Event, FileNumber, Notice, NoticeId, NoticeIri, ReferenceNumber, Revision,
};
use vyveska_wire::section::{ChannelRecord, MomentRecord, Texts, language_map, texts};

use crate::HeldContent;

/// What a feed says about a notice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeFacts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    /// The publisher's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    pub title: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub description: Texts,
    /// *Vyvěšení*.
    pub posted: MomentRecord,
    /// *Relevantní do*.
    pub relevant_until: MomentRecord,
    /// *Schválení*.
    #[serde(default)]
    pub approved: MomentRecord,
    /// *Číslo jednací*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<String>,
    /// *Spisová značka*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_number: Option<String>,
    /// *Revize*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_mark: Option<String>,
    /// *Agenda*.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Texts>,
    /// The office or department that issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originator: Option<String>,
    /// In the order of the feed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentFacts>,
    #[serde(default, skip_serializing_if = "ChannelRecord::is_default")]
    pub channel: ChannelRecord,
    /// Whether the notice or one of its documents is marked to hold personal data.
    ///
    /// Records written before this field are unmarked; the next poll compares unequal and adds a marked revision.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal_data: bool,
    /// The code of the rule under which it hangs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posting_rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

/// What a feed says about a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentFacts {
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// Where it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// Where it was when the revision was made, if that was elsewhere: what was published of a revision never changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_url: Option<Url>,
}

impl DocumentFacts {
    /// The address that the revision was made with.
    pub fn published_url(&self) -> Option<&Url> {
        self.former_url.as_ref().or(self.url.as_ref())
    }
}

/// A document of a notice that has another address, and else is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedDocument {
    pub from: Url,
    pub to: Url,
}

impl NoticeFacts {
    pub fn of(notice: &FeedNotice) -> Self {
        Self {
            iri: notice.iri.as_ref().map(|iri| iri.as_str().to_owned()),
            url: notice.url.clone(),
            title: texts(&notice.title),
            description: texts(&notice.description),
            posted: notice.posted.into(),
            relevant_until: notice.relevant_until.into(),
            approved: notice.approved.into(),
            reference_number: notice
                .reference_number
                .as_ref()
                .map(|number| number.as_str().to_owned()),
            file_number: notice
                .file_number
                .as_ref()
                .map(|number| number.as_str().to_owned()),
            revision_mark: notice.revision_mark.clone(),
            categories: notice.categories.iter().map(texts).collect(),
            originator: notice.originator.clone(),
            documents: notice
                .documents
                .iter()
                .map(|document| DocumentFacts {
                    title: texts(&document.title),
                    url: document.url.clone(),
                    former_url: None,
                })
                .collect(),
            channel: notice.channel.into(),
            personal_data: notice.personal_data,
            posting_rule: notice.posting_rule.clone(),
            event: notice.event.clone(),
        }
    }

    /// Whether the feed now says something else of the notice; `moved` when it says so under another key.
    ///
    /// An IRI says nothing of a notice. A page that changes together with the key counts once the key stays:
    /// some publishers name everything anew at each export. Nor does the address of a document: some hold the number of
    /// a session. Other bytes at it are another revision.
    pub fn says_otherwise(&self, now: &Self, moved: bool) -> bool {
        if self == now {
            return false;
        }
        let mut before = self.clone();
        before.iri.clone_from(&now.iri);
        if moved {
            before.url.clone_from(&now.url);
        }
        before.move_documents(now);
        before.forget_former_addresses();
        before != *now
    }

    /// Gives its documents the addresses of `now`, and says which those are.
    ///
    /// An address that both have is a document of its own: one that came before it, or took its place, has not moved.
    pub fn move_documents(&mut self, now: &Self) -> Vec<MovedDocument> {
        let before: BTreeSet<Url> = self.document_urls().cloned().collect();
        let after: BTreeSet<&Url> = now.document_urls().collect();
        let mut moved = Vec::new();
        for (document, now) in self.documents.iter_mut().zip(&now.documents) {
            let (Some(from), Some(to)) = (&document.url, &now.url) else {
                continue;
            };
            if after.contains(from) || before.contains(to) {
                continue;
            }
            let (from, to) = (from.clone(), to.clone());
            let former = document.former_url.take().unwrap_or_else(|| from.clone());
            document.former_url = Some(former).filter(|former| *former != to);
            document.url = Some(to.clone());
            moved.push(MovedDocument { from, to });
        }
        moved
    }

    /// Makes these the facts of a revision of its own, or comparable with what a feed says.
    pub fn forget_former_addresses(&mut self) {
        for document in &mut self.documents {
            document.former_url = None;
        }
    }

    /// Whether no language holds a title.
    pub fn title_is_blank(&self) -> bool {
        self.title.values().all(|text| text.trim().is_empty())
    }

    pub fn document_urls(&self) -> impl Iterator<Item = &Url> {
        self.documents
            .iter()
            .filter_map(|document| document.url.as_ref())
    }

    /// The notice of these facts and contents.
    pub fn notice(
        &self,
        id: NoticeId,
        revision: Revision,
        contents: &[Option<HeldContent>],
    ) -> Notice {
        Notice {
            id,
            revision,
            iri: self.iri.as_deref().map(NoticeIri::new),
            url: self.url.clone(),
            title: language_map(&self.title),
            description: language_map(&self.description),
            posted: self.posted.into(),
            relevant_until: self.relevant_until.into(),
            approved: self.approved.into(),
            reference_number: self.reference_number.as_deref().map(ReferenceNumber::new),
            file_number: self.file_number.as_deref().map(FileNumber::new),
            categories: self.categories.iter().map(language_map).collect(),
            originator: self.originator.clone(),
            documents: self
                .documents
                .iter()
                .enumerate()
                .map(|(index, document)| {
                    let content = contents.get(index).and_then(Option::as_ref);
                    Document {
                        title: language_map(&document.title),
                        hash: content.map(|content| content.hash.0),
                        missing: None,
                        size_bytes: content.map_or(0, |content| content.size_bytes),
                        media_type: content.and_then(|content| content.media_type.clone()),
                        url: document.url.clone(),
                        pages: None,
                        text: None,
                        rendition: None,
                        doubtful_pages: Vec::new(),
                    }
                })
                .collect(),
            channel: self.channel.into(),
            personal_data: self.personal_data,
        }
    }
}
