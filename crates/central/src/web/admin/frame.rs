//! What is around every page of whoever has signed in.

use vyveska_board::collation::compare;
use vyveska_board::format::dates::{full_date, time_of_day};
use vyveska_board::{Language, PRAGUE};

use super::identity::Person;
use super::words::Words;
use crate::account::role::Permission;
use crate::account::token::new_id;
use crate::entropy::Entropy;
use crate::storage::{Grant, StoredBoard};
use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// What is around a page.
pub(super) struct Frame {
    pub(super) name: String,
    /// Their roles in words.
    pub(super) roles: String,
    pub(super) pages: Vec<Entry>,
    /// The one-time id of the forms on this page.
    pub(super) form: String,
}

/// An entry of the navigation.
pub(super) struct Entry {
    pub(super) address: &'static str,
    pub(super) name: &'static str,
    pub(super) is_current: bool,
}

impl Frame {
    /// Around the page of this address.
    pub(super) fn new(person: &Person, address: &str, entropy: &dyn Entropy) -> Self {
        let (words, grants) = (person.words, person.known.account.grants());
        let pages = [
            ("/admin/", words.t("nav.overview"), Permission::Own),
            (
                "/admin/displays",
                words.t("nav.displays"),
                Permission::SeeDisplays,
            ),
            (
                "/admin/people",
                words.t("nav.people"),
                Permission::ManagePeople,
            ),
            ("/admin/audit", words.t("nav.audit"), Permission::ReadAudit),
            ("/admin/sessions", words.t("nav.sessions"), Permission::Own),
            ("/admin/account", words.t("account"), Permission::Own),
        ];
        let pages = pages
            .into_iter()
            .filter(|(_, _, needs)| needs.is_given(grants));
        let pages = pages.map(|(page, name, _)| Entry {
            address: page,
            name,
            is_current: page == address,
        });
        let mut roles: Vec<&str> = grants.iter().map(|grant| role(words, grant)).collect();
        roles.dedup();
        Self {
            name: person.known.account.name().to_owned(),
            roles: roles.join(", "),
            pages: pages.collect(),
            form: new_id(entropy),
        }
    }
}

/// A role in words.
pub(super) fn role(words: Words, grant: &Grant) -> &'static str {
    words.t(&format!("role.{}", grant.role().name()))
}

/// A town that somebody may have a role in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TownName {
    pub(super) id: String,
    pub(super) name: String,
}

/// The towns of these boards, by name.
pub(super) fn towns(boards: &[StoredBoard], language: Language) -> Vec<TownName> {
    let mut towns: Vec<TownName> = boards
        .iter()
        .map(|board| {
            let name = &board.town.name;
            let name = name.get(language.code()).or_else(|| name.get("cs"));
            TownName {
                id: board.town.id.clone(),
                name: name.unwrap_or(&board.town.id).clone(),
            }
        })
        .collect();
    towns.sort_by(|one, other| compare(&one.name, &other.name).then(one.id.cmp(&other.id)));
    towns.dedup();
    towns
}

/// A role and whose it is, in words.
pub(super) fn grant_in_words(words: Words, grant: &Grant, towns: &[TownName]) -> String {
    let place = grant.town().map(|id| {
        let mut towns = towns.iter();
        let town = towns.find(|town| town.id == id);
        town.map_or(id, |town| &town.name)
    });
    let place = place.unwrap_or_else(|| words.t("place.union"));
    format!("{} · {place}", role(words, grant))
}

/// An instant in words: „30. 11. 2026, 15.31", which follows „od" and „do" alike.
pub(super) fn time(words: Words, at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&PRAGUE).naive_local();
    let day = full_date(local.date(), words.0);
    format!("{day}, {}", time_of_day(local.time(), words.0))
}

/// The first whole minute that is not before an instant, with the day where it is not today.
pub(super) fn minute_after(words: Words, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let at = at.duration_round_up(TimeDelta::minutes(1)).unwrap_or(at);
    let [local, today] = [at, now].map(|one| one.with_timezone(&PRAGUE).naive_local());
    if local.date() == today.date() {
        time_of_day(local.time(), words.0)
    } else {
        time(words, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_has_a_day_where_it_ends_on_another() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-30T14:23:10Z");
        for (until, language, expected) in [
            ("2026-11-30T14:37:01Z", Language::Czech, "15.38"),
            ("2026-11-30T14:38:00Z", Language::German, "15.38 Uhr"),
            ("2026-11-30T14:37:01Z", Language::English, "15:38"),
            ("2026-11-30T22:59:30Z", Language::Czech, "1. 12. 2026, 0.00"),
        ] {
            let said = minute_after(Words(language), at(until), now);
            assert_eq!(said.replace('\u{a0}', " "), expected, "{until}");
        }
        let said = time(Words(Language::German), at("2026-12-07T14:34:50Z"));
        assert_eq!(said.replace('\u{a0}', " "), "7. 12. 2026, 15.34 Uhr");
    }
}
