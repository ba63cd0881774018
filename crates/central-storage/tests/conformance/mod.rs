//! What every database does alike: compiled into one test program for each.

mod accounts;
mod alarms;
mod answers;
pub(crate) mod boards;
mod clock;
mod displays;
mod documents;
mod enrolments;
mod jobs;
mod opening;
mod preparations;
mod publications;
mod retention;
mod scopes;
mod sources;
mod statuses;
mod units_of_work;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;
use vyveska_board::NoticeId;
use vyveska_central_storage::{
    DocumentFacts, HeldContent, JobKind, LeaseTime, NewJob, NewManifest, NewRevision, NoticeFacts,
    RevisionContents, Scope, ServiceStorage, SourceChanges, Storage, StorageError,
};
use vyveska_wire::manifest::{ContentRef, Sections};

use crate::TestDatabase;

async fn storage() -> (Arc<dyn ServiceStorage>, TestDatabase) {
    let database = TestDatabase::new().await;
    (database.open().await.unwrap(), database)
}

/// With as much of a second as both databases keep.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-21T12:00:00.123456Z".parse().unwrap()
}

/// Of a lease of five minutes, by a clock that has nothing due more than two days ahead.
fn lease_time(now: DateTime<Utc>) -> LeaseTime {
    LeaseTime {
        now,
        latest: now + TimeDelta::days(2),
        until: now + TimeDelta::minutes(5),
    }
}

/// The storage of a job of this town.
async fn of_job(storage: &dyn ServiceStorage, town: Option<&str>) -> Arc<dyn Storage> {
    let (kind, key) = (JobKind::Publish, town.unwrap_or("of no town"));
    let job = NewJob {
        kind,
        key: key.to_owned(),
        town: town.map(str::to_owned),
        run_at: start(),
    };
    storage.schedule(&[job]).await.unwrap();
    let leased = storage.lease_job(kind, key, lease_time(start())).await;
    let leased = leased.unwrap().unwrap();
    storage.finish(&leased, None).await.unwrap();
    storage.within(Scope::of_job(&leased))
}

fn id(name: &str) -> NoticeId {
    NoticeId::new(name)
}

fn content(bytes: &[u8]) -> HeldContent {
    let named = ContentRef::to(bytes);
    HeldContent {
        hash: named.hash,
        size_bytes: named.size_bytes,
        media_type: Some("application/pdf".to_owned()),
    }
}

pub(crate) fn sections(notices: &[u8]) -> Sections {
    Sections {
        notices: ContentRef::to(notices),
        information: ContentRef::to(b"information"),
        alerts: ContentRef::to(b"alerts"),
        settings: ContentRef::to(b"settings"),
    }
}

pub(crate) fn manifest(number: u64) -> NewManifest {
    NewManifest {
        number,
        bytes: vec![0, 1, 254, 255],
    }
}

fn address(name: &str) -> Url {
    let url = format!("https://lipnice.example/{name}");
    url.parse().unwrap()
}

/// A notice with one document.
fn revision(name: &str, title: &str) -> NewRevision {
    let document = DocumentFacts {
        url: Some(address(&format!("{name}.pdf"))),
        ..DocumentFacts::default()
    };
    NewRevision {
        id: id(name),
        facts: NoticeFacts {
            title: [("cs".to_owned(), title.to_owned())].into(),
            documents: vec![document],
            ..NoticeFacts::default()
        },
        raw: format!("{{\"název\": \"{title}\"}}"),
        salt: format!("salt of {name}"),
    }
}

/// Adds notices to a source, each under its own name as the key.
async fn add(storage: &dyn Storage, source: &str, names: &[&str]) {
    let state = storage.source_state(source).await.unwrap();
    let added = names
        .iter()
        .map(|name| ((*name).to_owned(), revision(name, name)));
    let changes = SourceChanges {
        added: added.collect(),
        ..SourceChanges::default()
    };
    let applied = storage.apply(source, state.version, &changes, start());
    applied.await.unwrap();
}

/// Sets the bytes of the documents of one revision.
async fn set_contents(
    storage: &dyn Storage,
    notice: &str,
    number: u32,
    contents: &[Option<HeldContent>],
) -> Result<(), StorageError> {
    let revision = RevisionContents {
        notice: id(notice),
        number,
        contents: contents.to_vec(),
    };
    storage.set_contents(&[revision]).await
}
