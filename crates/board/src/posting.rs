//! What is posted for given clock bounds.
//!
//! A notice appears when *earliest* has reached its start and leaves when *earliest* has passed its end:
//! with an unsure clock nothing is removed early, because showing a notice too long does less harm.
//! Only a notice with personal data also leaves when *latest* is past its end by a day of grace,
//! and only where *latest* comes from a verified source.
//! A signed manifest proves that its time has come: what had begun then appears although *earliest* is behind.
//!
//! An end before the start is a typing error (real feeds have mistyped years).
//! Removing such a notice would hide it from its first minute, so its end counts as unspecified:
//! it stays until its publisher corrects or withdraws it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{ClockBounds, ClockTrust};
use crate::moment::Moment;
use crate::notice::Notice;

/// What the rules depend on besides the notice and the clock.
///
/// Central and the kiosk both take the default grace; no configuration changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostingRules {
    /// How long after its end a notice with personal data may stay while the clock is unsure.
    pub personal_data_grace: TimeDelta,
    /// When the publisher signed what is posted; `None` where it is the publisher itself that asks.
    pub signed: Option<DateTime<Utc>>,
}

impl Default for PostingRules {
    fn default() -> Self {
        Self {
            personal_data_grace: TimeDelta::days(1),
            signed: None,
        }
    }
}

/// Whether a notice is posted at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostingStatus {
    Upcoming,
    Posted,
    Ended,
}

pub fn posting_status(notice: &Notice, now: &ClockBounds, rules: &PostingRules) -> PostingStatus {
    let start = notice.posted.start();
    if let Some(end) = counted_end(notice).end() {
        let gone = now.earliest >= end;
        let personal_and_surely_late = notice.personal_data
            && now.trust != ClockTrust::Unknown
            && end
                .checked_add_signed(rules.personal_data_grace)
                .is_some_and(|limit| now.latest >= limit);
        if gone || personal_and_surely_late {
            return PostingStatus::Ended;
        }
    }
    // A signature later than now can be proves nothing.
    let signed = rules.signed.filter(|signed| *signed <= now.latest);
    let reached = signed.map_or(now.earliest, |signed| signed.max(now.earliest));
    match start {
        Some(start) if reached < start => PostingStatus::Upcoming,
        _ => PostingStatus::Posted,
    }
}

/// The effective end: what the notice states, or unspecified where that is before its start.
pub fn counted_end(notice: &Notice) -> Moment {
    let (start, end) = (notice.posted.start(), notice.relevant_until.end());
    match (start, end) {
        (Some(start), Some(end)) if end <= start => Moment::Unspecified,
        _ => notice.relevant_until,
    }
}

/// The notices posted at `now`, in the order given.
pub fn posted<'a>(
    notices: impl IntoIterator<Item = &'a Notice>,
    now: &ClockBounds,
    rules: &PostingRules,
) -> Vec<&'a Notice> {
    notices
        .into_iter()
        .filter(|notice| posting_status(notice, now, rules) == PostingStatus::Posted)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::{Channel, ClockTrust, LanguageMap, Moment, NoticeId, Revision};

    fn notice(posted: Moment, relevant_until: Moment) -> Notice {
        Notice {
            id: NoticeId::new("n"),
            revision: Revision::FIRST,
            iri: None,
            url: None,
            title: LanguageMap::czech("Oznámení"),
            description: LanguageMap::new(),
            posted,
            relevant_until,
            approved: Moment::Unspecified,
            reference_number: None,
            file_number: None,
            categories: Vec::new(),
            originator: None,
            documents: Vec::new(),
            channel: Channel::BoardAndWeb,
            personal_data: false,
        }
    }

    fn day(text: &str) -> Moment {
        Moment::Date(text.parse::<NaiveDate>().unwrap())
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(posted: Moment, until: Moment, now: &str, expected: PostingStatus) {
        let now = ClockBounds::exact(instant(now));
        let found = posting_status(&notice(posted, until), &now, &PostingRules::default());
        assert_eq!(found, expected);
    }

    #[test]
    fn the_last_day_is_shown_to_its_very_end_in_prague() {
        let (from, until) = (day("2026-11-21"), day("2026-12-06"));
        check(from, until, "2026-11-20T22:59:59Z", PostingStatus::Upcoming);
        check(from, until, "2026-11-20T23:00:00Z", PostingStatus::Posted);
        check(from, until, "2026-12-06T22:59:59Z", PostingStatus::Posted);
        check(from, until, "2026-12-06T23:00:00Z", PostingStatus::Ended);
    }

    #[test]
    fn nights_of_daylight_saving_end_at_midnight_too() {
        check(
            day("2026-10-01"),
            day("2026-10-25"),
            "2026-10-25T22:59:59Z",
            PostingStatus::Posted,
        );
        check(
            day("2026-10-01"),
            day("2026-10-25"),
            "2026-10-25T23:00:00Z",
            PostingStatus::Ended,
        );
        check(
            day("2026-03-01"),
            day("2026-03-29"),
            "2026-03-29T21:59:59Z",
            PostingStatus::Posted,
        );
        check(
            day("2026-03-01"),
            day("2026-03-29"),
            "2026-03-29T22:00:00Z",
            PostingStatus::Ended,
        );
    }

    #[test]
    fn an_instant_ends_at_that_instant() {
        let until = Moment::Instant(instant("2026-11-25T16:00:00Z"));
        check(
            day("2026-11-01"),
            until,
            "2026-11-25T15:59:59Z",
            PostingStatus::Posted,
        );
        check(
            day("2026-11-01"),
            until,
            "2026-11-25T16:00:00Z",
            PostingStatus::Ended,
        );
    }

    #[test]
    fn an_unspecified_end_stays_and_an_unspecified_start_has_come() {
        check(
            day("2013-01-01"),
            Moment::Unspecified,
            "2026-11-21T00:00:00Z",
            PostingStatus::Posted,
        );
        check(
            Moment::Unspecified,
            Moment::Unspecified,
            "2026-11-21T00:00:00Z",
            PostingStatus::Posted,
        );
        check(
            Moment::Unspecified,
            day("2026-11-20"),
            "2026-11-21T00:00:00Z",
            PostingStatus::Ended,
        );
    }

    #[test]
    fn an_end_before_the_start_hides_nothing() {
        check(
            day("2026-11-21"),
            day("2025-12-06"),
            "2026-11-22T00:00:00Z",
            PostingStatus::Posted,
        );
        check(
            day("2026-11-21"),
            day("2025-12-06"),
            "2026-11-20T00:00:00Z",
            PostingStatus::Upcoming,
        );
    }

    #[test]
    fn posted_and_taken_down_on_one_day_is_shown_that_day() {
        check(
            day("2026-11-21"),
            day("2026-11-21"),
            "2026-11-21T12:00:00Z",
            PostingStatus::Posted,
        );
    }

    fn unsure(earliest: &str, latest: &str) -> ClockBounds {
        ClockBounds {
            earliest: instant(earliest),
            latest: instant(latest),
            trust: ClockTrust::HoldingOver,
        }
    }

    #[test]
    fn an_unsure_clock_removes_nothing_early() {
        let now = unsure("2026-12-06T20:00:00Z", "2026-12-09T20:00:00Z");
        let mut notice = notice(day("2026-11-21"), day("2026-12-06"));
        let rules = PostingRules::default();
        assert_eq!(posting_status(&notice, &now, &rules), PostingStatus::Posted);
        notice.personal_data = true;
        assert_eq!(posting_status(&notice, &now, &rules), PostingStatus::Ended);
        let within_grace = unsure("2026-12-06T20:00:00Z", "2026-12-07T22:59:59Z");
        assert_eq!(
            posting_status(&notice, &within_grace, &rules),
            PostingStatus::Posted
        );
    }

    #[test]
    fn personal_data_stay_while_no_source_bounds_the_time() {
        let mut notice = notice(day("2026-11-21"), day("2026-12-06"));
        notice.personal_data = true;
        let rules = PostingRules::default();
        // A contradiction of two sources has an upper bound too.
        for latest in [DateTime::<Utc>::MAX_UTC, instant("2027-12-09T20:00:00Z")] {
            let now = ClockBounds {
                latest,
                trust: ClockTrust::Unknown,
                ..unsure("2026-12-06T20:00:00Z", "2026-12-06T20:00:00Z")
            };
            assert_eq!(posting_status(&notice, &now, &rules), PostingStatus::Posted);
        }
    }

    #[test]
    fn a_signature_proves_what_has_begun_but_not_what_has_ended() {
        let rules = PostingRules {
            signed: Some(instant("2026-12-06T12:00:00Z")),
            ..PostingRules::default()
        };
        let check = |from: &str, until: &str, now: &ClockBounds, expected| {
            let notice = notice(day(from), day(until));
            assert_eq!(
                posting_status(&notice, now, &rules),
                expected,
                "{from} to {until}"
            );
        };
        let behind = ClockBounds {
            earliest: instant("2026-11-21T12:00:00Z"),
            latest: DateTime::<Utc>::MAX_UTC,
            trust: ClockTrust::Unknown,
        };
        check("2026-12-06", "2026-12-24", &behind, PostingStatus::Posted);
        check("2026-12-07", "2026-12-24", &behind, PostingStatus::Upcoming);
        check("2026-11-01", "2026-12-01", &behind, PostingStatus::Posted);
        // A verified clock knows better than a signature from the future.
        let verified = ClockBounds::exact(behind.earliest);
        check(
            "2026-12-06",
            "2026-12-24",
            &verified,
            PostingStatus::Upcoming,
        );
    }

    fn any_moment() -> impl Strategy<Value = Moment> {
        let span = -2_000_000_000_i64..6_000_000_000;
        prop_oneof![
            Just(Moment::Unspecified),
            span.clone()
                .prop_map(|s| Moment::Instant(DateTime::from_timestamp(s, 0).unwrap())),
            span.prop_map(|s| Moment::Date(DateTime::from_timestamp(s, 0).unwrap().date_naive())),
        ]
    }

    proptest! {
        #[test]
        fn a_notice_goes_through_its_life_in_one_direction(
            posted in any_moment(),
            until in any_moment(),
            personal_data: bool,
            start in -2_000_000_000_i64..6_000_000_000,
            steps in prop::collection::vec((0_i64..40_000_000, 0_i64..4_000_000), 1..30),
        ) {
            let mut notice = notice(posted, until);
            notice.personal_data = personal_data;
            let order = |s| match s { PostingStatus::Upcoming => 0, PostingStatus::Posted => 1, PostingStatus::Ended => 2 };
            let (mut now, mut reached) = (start, 0);
            for (step, width) in steps {
                now += step;
                let bounds = ClockBounds {
                    earliest: DateTime::from_timestamp(now, 0).unwrap(),
                    latest: DateTime::from_timestamp(now + width, 0).unwrap(),
                    trust: ClockTrust::HoldingOver,
                };
                let found = posting_status(&notice, &bounds, &PostingRules::default());
                if !personal_data {
                    prop_assert!(order(found) >= reached);
                    reached = order(found);
                    // Only *earliest* decides.
                    let sure = ClockBounds::exact(bounds.earliest);
                    prop_assert_eq!(posting_status(&notice, &sure, &PostingRules::default()), found);
                }
                if until == Moment::Unspecified {
                    prop_assert_ne!(found, PostingStatus::Ended);
                }
            }
        }
    }
}
