//! The exact bytes of a board's sections: pure, from notices and settings.
//!
//! Equal notices give equal bytes: the order is fixed, and no time of creation is included.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::settings::{
    DeadlineDays, IdlePageSeconds, ListTimeoutSeconds, NewDays, PageTimeoutSeconds,
    StaleAfterMinutes,
};
use vyveska_board::{ClockBounds, Document, DocumentHash, Moment, Revision};
use vyveska_wire::limits::MAX_SECTION_BYTES;
use vyveska_wire::manifest::{ContentHash, ContentRef, Sections};
use vyveska_wire::section::{
    BoardRecord, DocumentRecord, NOTICES_UNKNOWN, NoticeRecord, NoticesSection, SettingsSection,
    Texts, rendition,
};
use vyveska_wire::text_rendition;

use super::extras::{BoardExtras, Information};
use super::missing::MissingDocuments;
use super::shrink::{self, Shortened};
use crate::config::BoardConfig;
use crate::storage::{CurrentNotice, HeldContent, Preparation, RevisionContents, SourceBoard};

/// A section of a board.
enum Section {
    Made(Vec<u8>),
    /// As it was published before, and not read again.
    Kept(ContentRef),
}

impl Section {
    fn of<T: Serialize>(section: &T) -> Self {
        Self::Made(serde_json::to_vec(section).expect("a section serialises"))
    }

    fn content(&self) -> ContentRef {
        match self {
            Self::Made(bytes) => ContentRef::to(bytes),
            Self::Kept(content) => *content,
        }
    }

    fn bytes(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Made(bytes) => Some(bytes),
            Self::Kept(_) => None,
        }
    }
}

/// The sections of a board and what is stored with their publication.
pub(super) struct BoardSections {
    notices: Section,
    information: Section,
    alerts: Section,
    settings: Section,
    /// Documents and pictures the sections name.
    pub(super) named: Vec<HeldContent>,
    /// The revisions in the notices section that were never published.
    pub(super) revisions: Vec<RevisionContents>,
    /// When the next of the notices ends, or one that was left out begins.
    pub(super) changes_at: Option<DateTime<Utc>>,
    /// What was shortened so that displays take the notices section.
    pub(super) shortened: Option<Shortened>,
}

/// The notices of a board.
#[derive(Clone, Copy)]
pub(super) struct CurrentNotices<'a> {
    pub(super) notices: &'a [CurrentNotice],
    /// Why documents of theirs are missing.
    pub(super) missing: &'a MissingDocuments,
}

impl BoardSections {
    /// Makes the sections: every notice that has not ended, the upcoming ones too, as far as displays take them.
    pub(super) fn make(
        board: &BoardConfig,
        source_board: Option<&SourceBoard>,
        current: CurrentNotices<'_>,
        extras: &BoardExtras,
        preparations: &BTreeMap<DocumentHash, Preparation>,
        now: &ClockBounds,
    ) -> Self {
        let CurrentNotices { notices, missing } = current;
        let rules = PostingRules::default();
        let coat_of_arms = extras.coat_of_arms.as_ref();
        let mut named: Vec<HeldContent> = coat_of_arms.cloned().into_iter().collect();
        let information = extras.information.as_deref();
        named.extend(
            information
                .into_iter()
                .flat_map(Information::content)
                .cloned(),
        );
        let information = information.map(|all| all.prepared(preparations));
        let information = information.unwrap_or_default();
        let published = information.pages.iter();
        named.extend(
            published
                .flat_map(|page| page.content.documents())
                .flat_map(made_of),
        );
        let mut records = Vec::new();
        let mut upcoming = BTreeMap::new();
        for current in notices {
            let revision = Revision::new(current.revision).unwrap_or(Revision::FIRST);
            let mut notice = current
                .facts
                .notice(current.id.clone(), revision, &current.contents);
            for (document, facts) in notice.documents.iter_mut().zip(&current.facts.documents) {
                add_preparation(document, preparations);
                document.missing = missing.reason(document);
                document.url = facts.published_url().cloned();
            }
            match posting_status(&notice, now, &rules) {
                PostingStatus::Ended => continue,
                PostingStatus::Upcoming => {
                    upcoming.insert(notice.id.to_string(), notice.posted.start());
                }
                PostingStatus::Posted => {}
            }
            let order = (std::cmp::Reverse(notice.posted.date()), notice.id.clone());
            records.push((order, NoticeRecord::from_notice(&notice, &current.salt)));
        }
        records.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut section = NoticesSection {
            board: board_record(board, source_board),
            notices: records.into_iter().map(|(_, record)| record).collect(),
        };
        let sources = notices.iter();
        let sources = sources.map(|current| (current.id.as_str(), current.source.as_str()));
        let sources: HashMap<&str, &str> = sources.collect();
        let shortened = shrink::fit(
            &mut section,
            MAX_SECTION_BYTES,
            |record| sources.get(record.id.as_str()).copied().unwrap_or_default(),
            |record| upcoming.contains_key(&record.id),
        );
        let kept: BTreeSet<&str> = section.notices.iter().map(|one| one.id.as_str()).collect();
        let is_kept = |current: &&CurrentNotice| kept.contains(current.id.as_str());
        let contents: BTreeSet<ContentHash> = section.content().map(|one| one.hash).collect();
        let held = notices
            .iter()
            .flat_map(|current| current.contents.iter().flatten());
        named.extend(held.filter(|one| contents.contains(&one.hash)).cloned());
        let documents = section.notices.iter().flat_map(|record| &record.documents);
        named.extend(documents.flat_map(made_of));
        let unpublished = notices.iter().filter(|current| !current.published);
        let revisions = unpublished.filter(is_kept);
        let revisions: Vec<_> = revisions.map(CurrentNotice::revision_contents).collect();
        let ends = section.notices.iter();
        let ends = ends.filter_map(|record| Moment::from(record.relevant_until).end());
        let starts = upcoming
            .iter()
            .filter(|(id, _)| !kept.contains(id.as_str()));
        let changes_at = ends
            .chain(starts.filter_map(|(_, start)| *start))
            .filter(|at| *at > now.earliest)
            .min();
        Self {
            notices: Section::of(&section),
            information: Section::of(&information),
            alerts: Section::of(&*extras.alerts.clone().unwrap_or_default()),
            settings: Section::of(&settings(board, coat_of_arms)),
            named,
            revisions,
            changes_at,
            shortened,
        }
    }

    /// Puts the sections of the publication before in the place of those of which nobody knows what they say.
    pub(super) fn keep_unknown(&mut self, extras: &BoardExtras, before: &Sections) {
        if extras.information.is_none() {
            self.information = Section::Kept(before.information);
        }
        if extras.alerts.is_none() {
            self.alerts = Section::Kept(before.alerts);
        }
    }

    /// Puts the notices section of an earlier publication, as it is, in the place of one without notices.
    ///
    /// `None` where it cannot be read: displays that have it go on with it. So they do with [`NOTICES_UNKNOWN`].
    pub(super) fn keep_notices(&mut self, content: ContentRef, earlier: Option<&NoticesSection>) {
        let notices = earlier.into_iter().flat_map(|section| &section.notices);
        for document in notices.flat_map(|record| &record.documents) {
            let held = document.content.map(|content| HeldContent {
                hash: content.hash,
                size_bytes: content.size_bytes,
                media_type: document.media_type.clone(),
            });
            self.named.extend(held.into_iter().chain(made_of(document)));
        }
        self.notices = if content == ContentRef::to(NOTICES_UNKNOWN) {
            Section::Made(NOTICES_UNKNOWN.to_vec())
        } else {
            Section::Kept(content)
        };
    }

    /// The sections by hash.
    pub(super) fn sections(&self) -> Sections {
        Sections {
            notices: self.notices.content(),
            information: self.information.content(),
            alerts: self.alerts.content(),
            settings: self.settings.content(),
        }
    }

    /// The sections, with their bytes where they were made.
    pub(super) fn parts(&self) -> [(ContentRef, Option<&Vec<u8>>); 4] {
        [
            &self.notices,
            &self.information,
            &self.alerts,
            &self.settings,
        ]
        .map(|section| (section.content(), section.bytes()))
    }
}

/// Adds what was prepared of a document.
fn add_preparation(document: &mut Document, preparations: &BTreeMap<DocumentHash, Preparation>) {
    let Some(made) = document.hash.and_then(|hash| preparations.get(&hash)) else {
        return;
    };
    document.pages = made.pages;
    document.text = made.text.map(rendition);
    document.rendition = made.drawing.rendition.map(rendition);
    document
        .doubtful_pages
        .clone_from(&made.drawing.doubtful_pages);
}

/// The content that was made of a document.
fn made_of(document: &DocumentRecord) -> impl Iterator<Item = HeldContent> {
    let held = |content: ContentRef, media_type: &str| HeldContent {
        hash: content.hash,
        size_bytes: content.size_bytes,
        media_type: Some(media_type.to_owned()),
    };
    let rendition = document.rendition.map(|made| held(made, "application/pdf"));
    let text = document
        .text
        .map(|made| held(made, text_rendition::MEDIA_TYPE));
    rendition.into_iter().chain(text)
}

fn board_record(board: &BoardConfig, source_board: Option<&SourceBoard>) -> BoardRecord {
    BoardRecord {
        iri: source_board.map_or_else(|| board.id.clone(), |source| source.iri.clone()),
        name: source_board.map_or_else(Texts::new, |source| source.name.clone()),
        page: source_board.and_then(|source| source.page.clone()),
        operator_ico: board
            .operator_ico
            .clone()
            .or_else(|| source_board?.operator_ico.clone()),
    }
}

/// What all displays of a board share; part and PIN are a display's own, and come with its assignment.
fn settings(board: &BoardConfig, coat_of_arms: Option<&HeldContent>) -> SettingsSection {
    SettingsSection {
        town: board.town.texts(),
        web_address: board.web_address.clone(),
        public_page: board.public_page.clone(),
        part: Texts::new(),
        coat_of_arms: coat_of_arms.map(|coat| ContentRef {
            hash: coat.hash,
            size_bytes: coat.size_bytes,
        }),
        colour: board.colour.clone(),
        paper_copy_contact: board.paper_copy_contact.settings(),
        service_pin_hash: None,
        night: board.night,
        idle_page_seconds: IdlePageSeconds::nearest(board.idle_page_seconds),
        idle: board.idle.settings(),
        list_timeout_seconds: ListTimeoutSeconds::nearest(board.list_timeout_seconds),
        page_timeout_seconds: PageTimeoutSeconds::nearest(board.page_timeout_seconds),
        new_days: NewDays::nearest(board.new_days),
        deadline_days: DeadlineDays::nearest(board.deadline_days),
        stale_after_minutes: StaleAfterMinutes::nearest(board.stale_after_minutes),
    }
}
