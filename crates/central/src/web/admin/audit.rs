//! `GET /admin/audit`: who changed what, filtered; `GET /admin/audit.csv` is the same as a table.

use std::sync::Arc;

use askama::Template;
use async_stream::try_stream;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use futures_util::Stream;
use vyveska_board::PRAGUE;

use super::error::AdminError;
use super::fields::{Fields, Query};
use super::frame::{Frame, TownName, time, towns};
use super::identity::Person;
use super::words::Words;
use crate::account::invitation::ADMINISTRATOR;
use crate::http_service::Service;
use crate::storage::{AuditAction, AuditEntry, AuditFilter, StorageError};

/// Entries of a page, and of a part of the table.
const OF_PAGE: u32 = 50;
const OF_PART: u32 = 1_000;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Page {
    frame: Frame,
    words: Words,
    entries: Vec<Entry>,
    towns: Vec<TownName>,
    actions: Vec<(String, String)>,
    asked: Asked,
    /// The query of older entries, where there are any.
    older: Option<String>,
    /// The query of the table.
    query: String,
}

struct Entry {
    at: String,
    who: String,
    /// The address of an account: two people may have one name.
    who_email: Option<String>,
    what: String,
    subject: String,
    subject_email: Option<String>,
    town: String,
    detail: String,
}

/// What the form of the filter says.
#[derive(Default)]
struct Asked {
    town: String,
    action: String,
    from: String,
    until: String,
}

impl Asked {
    fn read(query: &Fields) -> Result<Self, AdminError> {
        let text =
            |name| Ok::<_, AdminError>(query.optional(name, 100)?.unwrap_or_default().to_owned());
        Ok(Self {
            town: text("town")?,
            action: text("action")?,
            from: text("from")?,
            until: text("until")?,
        })
    }

    fn filter(&self, before: Option<i64>) -> Result<AuditFilter, AdminError> {
        let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let day = |text: &String| -> Result<Option<NaiveDate>, AdminError> {
            let day = said(text).map(|day| day.parse::<NaiveDate>());
            day.transpose().map_err(|_| AdminError::BadForm)
        };
        let last = day(&self.until)?;
        Ok(AuditFilter {
            town: said(&self.town),
            action: said(&self.action),
            from: day(&self.from)?.and_then(beginning),
            // The last day is inclusive.
            until: last.and_then(|day| day.succ_opt()).and_then(beginning),
            before,
        })
    }

    fn query(&self, before: Option<i64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("town", &self.town),
            ("action", &self.action),
            ("from", &self.from),
            ("until", &self.until),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

/// When a day begins in Prague.
fn beginning(day: NaiveDate) -> Option<DateTime<Utc>> {
    let begins = PRAGUE
        .from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest();
    begins.map(|begins| begins.with_timezone(&Utc))
}

/// What was changed, in words.
fn action(words: Words, action: &str) -> String {
    let known = words.find(&format!("action.{action}"));
    known.unwrap_or(action).to_owned()
}

/// Who it was: an account by its name, or a part of the service in words.
fn who(words: Words, entry: &AuditEntry) -> String {
    if entry.actor_type.as_deref() == Some("visitor") {
        return words.with("actor.visitor", &entry.who);
    }
    let part = words.find(&format!("actor.{}", entry.who.replace(' ', "_")));
    part.unwrap_or(&entry.who).to_owned()
}

/// Whom or what it concerns, as far as it has a name.
fn subject(words: Words, entry: &AuditEntry) -> String {
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    match (entry.action.as_str(), detail["email"].as_str()) {
        (_, Some(email)) if !email.is_empty() => email.to_owned(),
        ("session.begin" | "session.end", _) => String::new(),
        ("account.set_language" | "account.set_name", _) => String::new(),
        ("sign_in.fail" | "sign_in.lock_out", _) if entry.subject.is_empty() => {
            words.t("audit.unknown").to_owned()
        }
        ("invitation.create", _) if entry.subject == ADMINISTRATOR => {
            words.t("role.administrator").to_owned()
        }
        _ => entry.subject.clone(),
    }
}

/// The address of an account that an entry is about, unless its subject is told otherwise.
fn subject_email<'a>(entry: &'a AuditEntry, subject: &str) -> Option<&'a str> {
    let email = entry.subject_email.as_deref();
    email.filter(|_| subject == entry.subject)
}

/// A name with the address of an account, in one cell.
fn with_email(name: String, email: Option<&str>) -> String {
    match email {
        Some(email) if email != name => format!("{name} ({email})"),
        _ => name,
    }
}

fn town(towns: &[TownName], id: Option<&str>) -> String {
    let Some(id) = id else { return String::new() };
    let town = towns.iter().find(|town| town.id == id);
    town.map_or(id, |town| &town.name).to_owned()
}

pub(super) async fn get(
    person: Person,
    Query(query): Query,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let words = person.words;
    let asked = Asked::read(&query)?;
    let before = query.optional("before", 20)?.map(str::parse);
    let filter = asked.filter(before.transpose().map_err(|_| AdminError::BadForm)?)?;
    let found = person.known.storage.audit(&filter, OF_PAGE + 1).await?;
    let towns = towns(&person.known.storage.boards().await?, words.0);
    let shown = found.iter().take(OF_PAGE as usize);
    let has_older = found.len() > OF_PAGE as usize;
    let last = shown.clone().next_back().filter(|_| has_older);
    let actions = AuditAction::ALL.map(AuditAction::name);
    let page = Page {
        frame: Frame::new(&person, "/admin/audit", &*service.entropy),
        words,
        entries: shown
            .map(|entry| {
                let subject = subject(words, entry);
                Entry {
                    at: time(words, entry.at),
                    who: who(words, entry),
                    who_email: entry.who_email.clone(),
                    what: action(words, &entry.action),
                    subject_email: subject_email(entry, &subject).map(str::to_owned),
                    subject,
                    town: town(&towns, entry.town.as_deref()),
                    detail: entry.detail.clone(),
                }
            })
            .collect(),
        actions: actions
            .into_iter()
            .map(|one| (action(words, one), one.to_owned()))
            .collect(),
        older: last.map(|entry| asked.query(Some(entry.number))),
        query: asked.query(None),
        towns,
        asked,
    };
    Ok(Html(page.render()?))
}

pub(super) async fn csv(
    person: Person,
    Query(query): Query,
) -> Result<impl IntoResponse, AdminError> {
    let filter = Asked::read(&query)?.filter(None)?;
    let towns = towns(&person.known.storage.boards().await?, person.words.0);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"vyveska-audit.csv\"",
        ),
    ];
    Ok((headers, Body::from_stream(table(person, filter, towns))))
}

/// The whole table, part by part.
fn table(
    person: Person,
    mut filter: AuditFilter,
    towns: Vec<TownName>,
) -> impl Stream<Item = Result<Bytes, StorageError>> {
    let words = person.words;
    let head = [
        words.t("audit.time"),
        words.t("audit.who"),
        words.t("audit.what"),
        words.t("audit.subject"),
        words.t("audit.town"),
        words.t("audit.detail"),
    ];
    let head = line(&head.map(str::to_owned));
    try_stream! {
        // Spreadsheets take it for UTF-8 by this mark alone.
        yield Bytes::from(format!("\u{feff}{head}"));
        loop {
            let entries = person.known.storage.audit(&filter, OF_PART).await?;
            let Some(last) = entries.last() else { break };
            filter.before = Some(last.number);
            let lines = entries.iter().map(|entry| {
                let subject = subject(words, entry);
                let email = subject_email(entry, &subject);
                line(&[
                    local_time(entry.at),
                    with_email(who(words, entry), entry.who_email.as_deref()),
                    action(words, &entry.action),
                    with_email(subject.clone(), email),
                    town(&towns, entry.town.as_deref()),
                    entry.detail.clone(),
                ])
            });
            yield Bytes::from(lines.collect::<String>());
        }
    }
}

/// An instant as spreadsheets read it, in the time of Prague.
fn local_time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&PRAGUE);
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A line of the table, as Czech spreadsheets read it. What they would take for a formula is a text.
fn line(cells: &[String; 6]) -> String {
    let cells = cells.each_ref().map(|cell| {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let mark = if formula { "'" } else { "" };
        format!("\"{mark}{}\"", cell.replace('"', "\"\""))
    });
    cells.join(";") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cells = ["a", "\"b\"", "=1+1", "@x", "žluť;\n", ""].map(str::to_owned);
        let expected = "\"a\";\"\"\"b\"\"\";\"'=1+1\";\"'@x\";\"žluť;\n\";\"\"\r\n";
        assert_eq!(line(&cells), expected);
    }

    #[test]
    fn a_table_has_the_time_of_prague() {
        let at = "2026-11-30T14:35:08.838250Z".parse().unwrap();
        assert_eq!(local_time(at), "2026-11-30 15:35:08");
    }

    #[test]
    fn days_are_of_prague_and_the_last_one_is_inclusive() {
        let day = |text: &str| text.to_owned();
        let asked = Asked {
            from: day("2026-03-28"),
            until: day("2026-03-29"),
            ..Asked::default()
        };
        let Ok(filter) = asked.filter(None) else {
            panic!()
        };
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(filter.from, at("2026-03-27T23:00:00Z"));
        assert_eq!(filter.until, at("2026-03-29T22:00:00Z"));
        let rubbish = Asked {
            from: day("yesterday"),
            ..Asked::default()
        };
        assert!(matches!(rubbish.filter(None), Err(AdminError::BadForm)));
    }
}
