//! What a poll changes: pure, from the stored notices and the feed.
//!
//! The stored notices are those that are live and, of the archived ones, those whose keys the feed has. An archived one
//! stays archived while the feed says that its end has come, is reinstated when it does not, and is never compared with
//! what left the feed. One whose end is postponed is taken as the feed has it, be it blank: its last good form has ended,
//! and could not hang. A notice that is first seen after its end is not stored at all: it could never hang, and a feed
//! that renames its whole archive at each export would add it again each time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use vyveska_board::ofn::{FeedBoard, UnreadPart};
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{ClockBounds, DocumentHash, NoticeId, Revision};
use vyveska_wire::section::texts;

use super::hold::{self, Comparison, HoldRule, Verdict};
use super::identity::{
    Identity, KeyedNotice, identify, identity_by_key, is_pushed, keyed, stored_key,
};
use crate::counting::counted;
use crate::storage::{
    HoldOutcome, HoldReason, HoldRecord, KnownNotice, NewRevision, NoticeFacts, OpenHold,
    SourceBoard, SourceChanges, SourceState,
};

/// How a poll is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief<'a> {
    Rule(&'a HoldRule),
    /// A person accepted it wholly.
    Accepted,
}

/// Makes random identifiers and salts.
pub trait IdGenerator {
    fn notice_id(&mut self) -> NoticeId;
    fn salt(&mut self) -> String;
}

/// A board that was read, with the keys of its notices.
pub struct Feed<'a> {
    board: &'a FeedBoard,
    notices: Vec<KeyedNotice>,
}

impl<'a> Feed<'a> {
    pub fn of(board: &'a FeedBoard) -> Self {
        Self {
            board,
            notices: keyed(&board.notices),
        }
    }

    /// The keys under which it may name stored notices, those of its unread parts among them.
    pub fn keys(&self) -> BTreeSet<String> {
        let unread = self.board.unread.iter();
        let unread = unread.flat_map(|part| &part.keys).flatten();
        let read = self.notices.iter().map(|notice| notice.key.clone());
        read.chain(unread.map(stored_key)).collect()
    }
}

/// What a readable poll changes.
pub fn plan(
    state: &SourceState,
    feed: &Feed<'_>,
    snapshot: DocumentHash,
    belief: Belief<'_>,
    now: &ClockBounds,
    names: &mut dyn IdGenerator,
) -> SourceChanges {
    let Feed { board, notices } = feed;
    let identities = identify(&state.notices, notices);
    let poll = Poll::new(state, notices, &board.unread, &identities, now);
    let mut comparison = poll.compare();
    if let Some(before) = &state.board {
        compare_owners(before, &source_board(board), &mut comparison);
    }
    let verdict = match belief {
        Belief::Rule(rule) => hold::judge(rule, &comparison, state.hold.as_ref(), now.earliest),
        Belief::Accepted => hold::accept(&comparison),
    };
    let mut changes = SourceChanges {
        warnings: board.warnings.len(),
        close_hold: closing(state.hold.as_ref(), &verdict, belief),
        hold: verdict.hold.clone().map(|hold| HoldRecord {
            message: message(&hold, &comparison),
            hold,
            snapshot,
        }),
        ..SourceChanges::default()
    };
    if verdict.take_over {
        changes.board = Some(source_board(board));
        poll.take_over(&verdict, belief, &mut changes, names);
    }
    poll.settle(&mut changes);
    changes
}

/// What a feed that cannot be read changes.
pub fn plan_broken(
    state: &SourceState,
    reason: &str,
    snapshot: DocumentHash,
    now: DateTime<Utc>,
) -> SourceChanges {
    let hold = hold::broken(state.hold.as_ref(), now);
    let superseded = state
        .hold
        .as_ref()
        .is_some_and(|open| open.reason != HoldReason::Broken);
    SourceChanges {
        close_hold: superseded.then_some(HoldOutcome::Superseded),
        hold: Some(HoldRecord {
            hold,
            message: reason.to_owned(),
            snapshot,
        }),
        ..SourceChanges::default()
    }
}

/// What a notice that is handed over by itself changes; every other one stays as it is.
pub fn plan_pushed(
    state: &SourceState,
    notice: &KeyedNotice,
    now: &ClockBounds,
    names: &mut dyn IdGenerator,
) -> SourceChanges {
    let mut known = state.notices.iter();
    let known = known.find(|known| known.key == notice.key);
    let identity = known.map_or(Identity::New, |known| identity_by_key(known, notice));
    let (feed, identities) = ([notice.clone()], [identity]);
    let poll = Poll::new(state, &feed, &[], &identities, now);
    let mut changes = SourceChanges::default();
    poll.take_over(&Verdict::default(), Belief::Accepted, &mut changes, names);
    poll.settle(&mut changes);
    changes
}

/// Whether the end of a notice has come.
pub fn has_ended(facts: &NoticeFacts, now: &ClockBounds) -> bool {
    let notice = facts.notice(NoticeId::new(""), Revision::FIRST, &[]);
    posting_status(&notice, now, &PostingRules::default()) == PostingStatus::Ended
}

/// What time alone changes: the notices whose end has come are archived; `None` where there are none.
///
/// A poll does so too. A source that cannot be polled, or whose feed cannot be read, has no other way.
pub fn plan_ended(state: &SourceState, now: &ClockBounds) -> Option<SourceChanges> {
    let mut changes = SourceChanges::default();
    Poll::new(state, &[], &[], &[], now).settle(&mut changes);
    (!changes.ended.is_empty()).then_some(changes)
}

fn closing(open: Option<&OpenHold>, verdict: &Verdict, belief: Belief<'_>) -> Option<HoldOutcome> {
    let open = open?;
    if belief == Belief::Accepted {
        return Some(HoldOutcome::Accepted);
    }
    match &verdict.hold {
        Some(hold) if hold.reason == open.reason => None,
        _ if verdict.matured => Some(HoldOutcome::Matured),
        Some(_) => Some(HoldOutcome::Superseded),
        None => Some(HoldOutcome::Healed),
    }
}

fn message(hold: &OpenHold, poll: &Comparison) -> String {
    let live = counted(poll.live.len(), "notice");
    match hold.reason {
        HoldReason::Empty => format!("the feed is empty: {live} would go"),
        HoldReason::Hollow | HoldReason::Blanked => format!(
            "the title or all documents of {} of {live} are suddenly blank",
            hold.blanked.len()
        ),
        HoldReason::Foreign => foreign(poll),
        HoldReason::Drop => format!("gone at once: {} of {live}", hold.gone.len()),
        HoldReason::Broken => String::from("the feed cannot be read"),
    }
}

fn foreign(poll: &Comparison) -> String {
    let live = counted(poll.live.len(), "notice");
    match (&poll.other_operator, &poll.other_iri) {
        (Some([before, now]), _) => format!(
            "it may be the feed of another office: the IČO of its operator was {before} and is {now}"
        ),
        (None, Some([before, now])) => {
            format!("it may be the feed of another board: that was {before} and is {now}")
        }
        (None, None) => {
            format!("it may be the feed of another board: it has none of the {live} that are live")
        }
    }
}

/// Adds whether the feed now names another operator, or another board.
fn compare_owners(before: &SourceBoard, now: &SourceBoard, comparison: &mut Comparison) {
    let number = |ico: &str| ico.trim().trim_start_matches('0').to_owned();
    if let (Some(one), Some(other)) = (&before.operator_ico, &now.operator_ico) {
        if number(one) != number(other) {
            comparison.other_operator = Some([one.clone(), other.clone()]);
        }
    } else if plain_iri(&before.iri) != plain_iri(&now.iri) {
        comparison.other_iri = Some([before.iri.clone(), now.iri.clone()]);
    }
}

/// An IRI without what changes when a publisher moves to HTTPS.
fn plain_iri(iri: &str) -> &str {
    let iri = iri.trim_start_matches("http://");
    iri.trim_start_matches("https://").trim_end_matches('/')
}

fn source_board(board: &FeedBoard) -> SourceBoard {
    SourceBoard {
        iri: board.iri.as_str().to_owned(),
        name: texts(&board.name),
        page: board.page.clone(),
        operator_ico: board
            .operator
            .as_ref()
            .and_then(|operator| operator.ico.clone()),
    }
}

/// One poll beside the stored notices.
struct Poll<'a> {
    state: &'a SourceState,
    feed: &'a [KeyedNotice],
    unread: &'a [UnreadPart],
    identities: &'a [Identity],
    known: HashMap<&'a NoticeId, &'a KnownNotice>,
    now: &'a ClockBounds,
}

impl<'a> Poll<'a> {
    fn new(
        state: &'a SourceState,
        feed: &'a [KeyedNotice],
        unread: &'a [UnreadPart],
        identities: &'a [Identity],
        now: &'a ClockBounds,
    ) -> Self {
        let known = state
            .notices
            .iter()
            .map(|notice| (&notice.id, notice))
            .collect();
        Self {
            state,
            feed,
            unread,
            identities,
            known,
            now,
        }
    }

    fn has_ended(&self, facts: &NoticeFacts) -> bool {
        has_ended(facts, self.now)
    }

    /// Whether the end came by what was known, and has not by what the feed says now.
    fn is_postponed(&self, before: &NoticeFacts, now: &NoticeFacts) -> bool {
        self.has_ended(before) && !self.has_ended(now)
    }

    /// The stored notice of a feed notice.
    fn same(&self, index: usize) -> Option<&'a KnownNotice> {
        match &self.identities[index] {
            Identity::Known(id) | Identity::Moved(id) => self.known.get(id).copied(),
            Identity::Reused(_) | Identity::New => None,
        }
    }

    fn compare(&self) -> Comparison {
        let live: BTreeSet<NoticeId> = self
            .state
            .notices
            .iter()
            .filter(|notice| !notice.archived && !is_pushed(notice))
            .filter(|notice| !self.has_ended(&notice.facts))
            .map(|notice| notice.id.clone())
            .collect();
        let mut gone: BTreeMap<NoticeId, Option<DateTime<Utc>>> = live
            .iter()
            .map(|id| (id.clone(), self.known[id].missing_since))
            .collect();
        let mut blanked = BTreeSet::new();
        for (index, notice) in self.feed.iter().enumerate() {
            match &self.identities[index] {
                // Its identifier is still in the feed, so this does not count as a disappearance.
                Identity::Reused(id) => {
                    gone.remove(id);
                }
                Identity::Known(id) | Identity::Moved(id) => {
                    gone.remove(id);
                    let before = &self.known[id].facts;
                    if live.contains(id) && suddenly_blank(before, &notice.facts) {
                        blanked.insert(id.clone());
                    }
                }
                Identity::New => {}
            }
        }
        self.keep_unread(&mut gone);
        Comparison {
            applied_before: self.state.applied,
            gone,
            blanked,
            live_in_feed: self
                .feed
                .iter()
                .filter(|notice| !self.has_ended(&notice.facts))
                .count(),
            live,
            ..Comparison::default()
        }
    }

    /// Takes out of `gone` what may be in a part of the feed that could not be read.
    ///
    /// A key that nobody knows is a new notice, or an old one of the same title under a new key.
    fn keep_unread(&self, gone: &mut BTreeMap<NoticeId, Option<DateTime<Utc>>>) {
        for part in self.unread {
            let titles: Vec<_> = part.titles.iter().map(texts).collect();
            let Some(keys) = &part.keys else {
                return gone.clear();
            };
            let is_known = |key: &str| self.state.notices.iter().any(|notice| notice.key == key);
            let keys: BTreeSet<String> = keys.iter().map(stored_key).collect();
            let all_known = keys.iter().all(|key| is_known(key));
            if !all_known && (keys.len() > 1 || titles.is_empty()) {
                return gone.clear();
            }
            gone.retain(|id, _| {
                let notice = self.known[id];
                let has_the_title = !all_known && titles.contains(&notice.facts.title);
                !keys.contains(&notice.key) && !has_the_title
            });
        }
    }

    fn take_over(
        &self,
        verdict: &Verdict,
        belief: Belief<'_>,
        changes: &mut SourceChanges,
        names: &mut dyn IdGenerator,
    ) {
        let mut present = BTreeSet::new();
        let archived = self.state.notices.iter().filter(|notice| notice.archived);
        let archived: HashMap<&str, &NoticeId> = archived
            .map(|notice| (notice.key.as_str(), &notice.id))
            .collect();
        for (index, notice) in self.feed.iter().enumerate() {
            if let Identity::Reused(id) = &self.identities[index] {
                changes.replaced.push(id.clone());
            }
            let Some(known) = self.same(index) else {
                if self.has_ended(&notice.facts) {
                    continue;
                }
                let revision = revision(names.notice_id(), notice, names);
                changes.added.push((notice.key.clone(), revision));
                continue;
            };
            present.insert(known.id.clone());
            let moved = known.key != notice.key;
            if moved {
                changes.rekeyed.push((known.id.clone(), notice.key.clone()));
                let before = archived.get(notice.key.as_str());
                changes.replaced.extend(before.map(|id| (*id).clone()));
            }
            // An ended notice may go blank without a hold; its last good revision stays.
            let keep = verdict.keep.contains(&known.id)
                || (belief != Belief::Accepted
                    && suddenly_blank(&known.facts, &notice.facts)
                    && !self.is_postponed(&known.facts, &notice.facts));
            let is_revised = known.facts.says_otherwise(&notice.facts, moved) && !keep;
            if is_revised {
                let revision = revision(known.id.clone(), notice, names);
                changes.revised.push(revision);
            } else if !keep {
                let mut facts = known.facts.clone();
                let moved = facts.move_documents(&notice.facts);
                if !moved.is_empty() {
                    changes.readdressed.push((known.id.clone(), facts, moved));
                }
            }
            let facts = if is_revised {
                &notice.facts
            } else {
                &known.facts
            };
            if known.archived && !self.has_ended(facts) {
                changes.reinstated.push(known.id.clone());
            }
        }
        changes.withdrawn = verdict.withdraw.iter().cloned().collect();
        changes.missing = verdict.missing.iter().cloned().collect();
        changes.found = self
            .state
            .notices
            .iter()
            .filter(|notice| notice.missing_since.is_some() && present.contains(&notice.id))
            .map(|notice| notice.id.clone())
            .collect();
    }

    /// Adds which of the notices that are live after all other changes have ended, and the documents of the others.
    fn settle(&self, changes: &mut SourceChanges) {
        let reinstated: BTreeSet<&NoticeId> = changes.reinstated.iter().collect();
        let is_live = |notice: &&KnownNotice| !notice.archived || reinstated.contains(&notice.id);
        let known = self.state.notices.iter().filter(is_live);
        let mut live: BTreeMap<&NoticeId, &NoticeFacts> =
            known.map(|notice| (&notice.id, &notice.facts)).collect();
        for revision in &changes.revised {
            live.entry(&revision.id)
                .and_modify(|facts| *facts = &revision.facts);
        }
        for (id, facts, _) in &changes.readdressed {
            live.entry(id).and_modify(|known| *known = facts);
        }
        for id in changes.replaced.iter().chain(&changes.withdrawn) {
            live.remove(id);
        }
        let added = changes.added.iter();
        live.extend(added.map(|(_, revision)| (&revision.id, &revision.facts)));
        let (mut ended, mut documents) = (Vec::new(), BTreeSet::new());
        for (id, facts) in live {
            if self.has_ended(facts) {
                ended.push(id.clone());
            } else {
                documents.extend(facts.document_urls().cloned());
            }
        }
        changes.ended = ended;
        changes.documents = Some(documents);
    }
}

fn revision(id: NoticeId, notice: &KeyedNotice, names: &mut dyn IdGenerator) -> NewRevision {
    NewRevision {
        id,
        facts: notice.facts.clone(),
        raw: notice.raw.clone(),
        salt: names.salt(),
    }
}

/// Whether the title or all documents became blank.
fn suddenly_blank(before: &NoticeFacts, now: &NoticeFacts) -> bool {
    let title = !before.title_is_blank() && now.title_is_blank();
    let documents = !before.documents.is_empty() && now.documents.is_empty();
    title || documents
}

#[cfg(test)]
mod tests;
