//! Which poll is accepted, and how far.
//!
//! Real feeds are at times empty, hollow or broken, with status 200, and recover by themselves;
//! and a notice that ends early simply disappears. So absence is accepted slowly and presence at once:
//!
//! | The poll | What happens |
//! | --- | --- |
//! | has new or changed notices | they are taken over at once |
//! | lacks a few notices | each is withdrawn when two polls at least 30 minutes apart agree |
//! | lacks more than 40 % of the live ones | additions and changes are taken over; the removals wait until the drop stood unchanged for three polls and three hours |
//! | has titles or documents suddenly blank in a few notices | those keep their last good form until a person accepts; everything else is taken over |
//! | the same in many (at least three and over a tenth, or all) | *hollow*: nothing of it is taken over until a person accepts |
//! | names another operator than before; lacks every live one of at least three; or lacks every live one and names another board, where operators are unknown | *foreign*: nothing is taken over until a person accepts, since it may be another board's feed |
//! | has no live notice at all | *empty*: nothing is taken over until a person accepts |
//! | cannot be read | *broken*: nothing changes |
//!
//! An accepted poll closes the hold. Polls that are not accepted neither count as agreement nor break it.
//! *Live* notices are not withdrawn and their end has not come; the others may leave the feed at any time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::NoticeId;

use crate::storage::{HoldReason, OpenHold};

/// From which differences on a poll is held, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRule {
    /// How far apart two polls have to be that agree on a withdrawal.
    pub agreement: TimeDelta,
    /// A drop of more than this percentage is held.
    pub drop_percent: usize,
    /// How many polls a drop has to last unchanged.
    pub drop_polls: u32,
    /// How long a drop has to last unchanged.
    pub drop_wait: TimeDelta,
    /// A poll that lacks every live notice is foreign if there are at least this many.
    pub foreign_at_least: usize,
    /// A poll with more than this percentage blanked is hollow …
    pub hollow_percent: usize,
    /// … if at least this many notices are blanked.
    pub hollow_at_least: usize,
}

impl Default for HoldRule {
    fn default() -> Self {
        Self {
            agreement: TimeDelta::minutes(30),
            drop_percent: 40,
            drop_polls: 3,
            drop_wait: TimeDelta::hours(3),
            foreign_at_least: 3,
            hollow_percent: 10,
            hollow_at_least: 3,
        }
    }
}

/// How a readable poll compares with the stored notices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Whether an earlier poll has been accepted.
    pub applied_before: bool,
    /// The IČO of the board's operator before and now, where they differ.
    pub other_operator: Option<[String; 2]>,
    /// The board's IRI before and now, where they differ and the operator's IČO says nothing about it.
    pub other_iri: Option<[String; 2]>,
    /// Known notices that are live.
    pub live: BTreeSet<NoticeId>,
    /// Those of them that the feed lacks, with the accepted poll since which they have been missing.
    pub gone: BTreeMap<NoticeId, Option<DateTime<Utc>>>,
    /// Those of them that are in the feed with their title or all documents suddenly blank.
    pub blanked: BTreeSet<NoticeId>,
    /// How many notices of the feed are live.
    pub live_in_feed: usize,
}

/// How far a poll is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether new and changed notices are taken over.
    pub take_over: bool,
    /// Notices to withdraw.
    pub withdraw: BTreeSet<NoticeId>,
    /// Notices that are missing for the first time.
    pub missing: BTreeSet<NoticeId>,
    /// Notices that keep their last good form.
    pub keep: BTreeSet<NoticeId>,
    /// The hold after this poll.
    pub hold: Option<OpenHold>,
    /// Whether a held drop has lasted long enough.
    pub matured: bool,
}

/// Decides how far a readable poll is accepted.
pub fn judge(
    rule: &HoldRule,
    poll: &Comparison,
    open: Option<&OpenHold>,
    now: DateTime<Utc>,
) -> Verdict {
    let held = |reason, gone: BTreeSet<NoticeId>, blanked| {
        Some(continued(open, reason, gone, blanked, &poll.live, now))
    };
    let gone: BTreeSet<NoticeId> = poll.gone.keys().cloned().collect();
    let nothing_before = poll.live.is_empty() && poll.applied_before;
    if poll.live_in_feed == 0 && !nothing_before {
        return Verdict {
            hold: held(HoldReason::Empty, gone, BTreeSet::new()),
            ..Verdict::default()
        };
    }
    if is_foreign(rule, poll) {
        return Verdict {
            hold: held(HoldReason::Foreign, gone, BTreeSet::new()),
            ..Verdict::default()
        };
    }
    if is_hollow(rule, poll) {
        return Verdict {
            hold: held(HoldReason::Hollow, gone, poll.blanked.clone()),
            ..Verdict::default()
        };
    }
    let mut verdict = Verdict {
        take_over: true,
        keep: poll.blanked.clone(),
        ..Verdict::default()
    };
    if gone.len() * 100 > poll.live.len() * rule.drop_percent {
        let drop = continued(
            open,
            HoldReason::Drop,
            gone.clone(),
            poll.blanked.clone(),
            &poll.live,
            now,
        );
        let stood = drop.polls >= rule.drop_polls && now - drop.since >= rule.drop_wait;
        if !stood {
            verdict.hold = Some(drop);
            return verdict;
        }
        verdict.matured = true;
        verdict.withdraw = gone;
    } else {
        for (id, missing_since) in &poll.gone {
            match missing_since {
                None => verdict.missing.insert(id.clone()),
                Some(since) if now - *since >= rule.agreement => {
                    verdict.withdraw.insert(id.clone())
                }
                Some(_) => false,
            };
        }
    }
    if !poll.blanked.is_empty() {
        verdict.hold = held(HoldReason::Blanked, BTreeSet::new(), poll.blanked.clone());
    }
    verdict
}

/// The hold for a feed that cannot be read.
pub fn broken(open: Option<&OpenHold>, now: DateTime<Utc>) -> OpenHold {
    let nothing = BTreeSet::new();
    continued(
        open,
        HoldReason::Broken,
        nothing.clone(),
        nothing.clone(),
        &nothing,
        now,
    )
}

/// Accepts a poll wholly, on a person's decision.
pub fn accept(poll: &Comparison) -> Verdict {
    Verdict {
        take_over: true,
        withdraw: poll.gone.keys().cloned().collect(),
        ..Verdict::default()
    }
}

fn is_foreign(rule: &HoldRule, poll: &Comparison) -> bool {
    let lacks_all = poll.gone.len() == poll.live.len();
    let is_other = poll.live.len() >= rule.foreign_at_least || poll.other_iri.is_some();
    poll.other_operator.is_some() || (lacks_all && is_other)
}

fn is_hollow(rule: &HoldRule, poll: &Comparison) -> bool {
    let compared = poll.live.len().saturating_sub(poll.gone.len());
    let blanked = poll.blanked.len();
    let many = blanked >= rule.hollow_at_least && blanked * 100 > compared * rule.hollow_percent;
    many || (blanked > 0 && blanked == compared)
}

/// The hold after another poll: the open one if it is unchanged, or a new one.
///
/// A notice whose end came meanwhile does not count as a change.
fn continued(
    open: Option<&OpenHold>,
    reason: HoldReason,
    gone: BTreeSet<NoticeId>,
    blanked: BTreeSet<NoticeId>,
    live: &BTreeSet<NoticeId>,
    now: DateTime<Utc>,
) -> OpenHold {
    let same = open.filter(|open| open.reason == reason);
    let unchanged = same.filter(|open| open.gone.intersection(live).eq(&gone));
    OpenHold {
        reason,
        gone,
        blanked,
        opened_at: same.map_or(now, |open| open.opened_at),
        since: unchanged.map_or(now, |open| open.since),
        polls: unchanged.map_or(1, |open| open.polls.saturating_add(1)),
    }
}

#[cfg(test)]
mod tests;
