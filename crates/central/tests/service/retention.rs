//! What central forgets: the store stays bounded, and nothing goes that a display may need.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::SqlitePool;
use vyveska_board::{Clock as _, DocumentHash};
use vyveska_wire::manifest::{ContentHash, ContentRef, Sections};

use crate::device::Device;
use crate::preparation::prepare_as;
use crate::publisher::notice;
use crate::town::Town;

const DAYS: usize = 365;

/// The tables that must not grow from one week to the next.
const TABLES: [&str; 8] = [
    "publication",
    "publication_content",
    "manifest",
    "document",
    "preparation",
    "unnamed_content",
    "hold",
    "alarm",
];

pub(crate) fn file_of(town: &Town, hash: &str) -> PathBuf {
    let folder = town.data.path().join("documents/content");
    folder.join(&hash[..2]).join(hash)
}

/// How many rows and files there are, by table and folder.
async fn kept(town: &Town, database: &SqlitePool) -> BTreeMap<String, usize> {
    let mut kept = BTreeMap::new();
    for table in TABLES {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(database).await.unwrap();
        kept.insert(table.to_owned(), usize::try_from(count).unwrap());
    }
    let documents = town.data.path().join("documents");
    let count = |folder: PathBuf| std::fs::read_dir(folder).map_or(0, Iterator::count);
    let folders = std::fs::read_dir(documents.join("content")).unwrap();
    let files: usize = folders.map(|folder| count(folder.unwrap().path())).sum();
    kept.insert("files".to_owned(), files);
    kept.insert("feeds".to_owned(), count(documents.join("feeds")));
    kept
}

/// Has a display fetch all that it may, and looks for the sections of every publication that is known.
async fn check_nothing_is_lacking(device: &Device<'_>, database: &SqlitePool) {
    let named: Vec<(String, i64)> =
        sqlx::query_as("SELECT DISTINCT hash, size_bytes FROM publication_content")
            .fetch_all(database)
            .await
            .unwrap();
    assert!(named.len() > 4, "{named:?}");
    for (hash, size_bytes) in named {
        let content = ContentRef {
            hash: ContentHash(hash.parse().unwrap()),
            size_bytes: size_bytes.try_into().unwrap(),
        };
        device.content(content).await;
    }
    let published: Vec<String> = sqlx::query_scalar("SELECT sections FROM publication")
        .fetch_all(database)
        .await
        .unwrap();
    for sections in published {
        let sections: Sections = serde_json::from_str(&sections).unwrap();
        let hash = sections.notices.hash.to_string();
        assert!(file_of(device.town, &hash).exists(), "{hash}");
    }
    let section = device.notices().await;
    let documents = section.notices.iter().flat_map(|one| &one.documents);
    let documents: Vec<_> = documents
        .map(|document| document.content.unwrap())
        .collect();
    assert_eq!(documents.len(), 4);
    for content in documents {
        device.content(content).await;
    }
}

#[tokio::test]
async fn a_year_of_documents_that_change_daily_keeps_the_store_bounded() {
    let town = Town::quiet(1).await;
    let base = town.publisher.base.clone();
    town.publisher
        .edit(|shared| shared.notices[0]["relevantní_do"] = json!({ "nespecifikovaný": true }));
    let device = Device::new(&town, 1);
    let database = town.database().await;
    let mut bound = None;
    for day in 1..=DAYS {
        town.clock.advance(TimeDelta::days(1));
        let today = town.clock.now().earliest.date_naive();
        let last = today + TimeDelta::days(2);
        town.publisher.edit(|shared| {
            // A document of every day, and one that changes every day.
            for (name, words) in [(day, "document of day"), (0, "day")] {
                let bytes = format!("%PDF-1.7 {words} {day}\n%%EOF").into_bytes();
                let document = ("application/pdf", bytes);
                shared.documents.insert(format!("{name}.pdf"), document);
            }
            let mut one = notice(&base, day);
            one["vyvěšení"]["datum"] = today.to_string().into();
            one["relevantní_do"]["datum"] = last.to_string().into();
            shared.notices.push(one);
            // Three days later it has ended.
            if shared.notices.len() > 4 {
                shared.notices.remove(1);
            }
        });
        assert_eq!(town.poll().await.held, None);
        if day % 7 > 0 {
            continue;
        }
        prepare_as(&town, format!("%PDF-1.7 made {day}").as_bytes(), &[]).await;
        town.poll().await;
        town.central.forget().await;
        check_nothing_is_lacking(&device, &database).await;
        let kept = kept(&town, &database).await;
        if day == 70 {
            assert!(kept["files"] < 100, "{kept:?}");
            assert!(kept["feeds"] < 10, "{kept:?}");
            bound = Some(kept);
        } else if let Some(bound) = &bound {
            for (what, count) in &kept {
                assert!(
                    *count <= bound[what] + 2,
                    "day {day}, {what}: {kept:?} {bound:?}"
                );
            }
        }
    }
    // The record of what hung stays.
    let published = "SELECT count(*) FROM revision WHERE published_at IS NOT NULL";
    let published: i64 = sqlx::query_scalar(published)
        .fetch_one(&database)
        .await
        .unwrap();
    assert!(usize::try_from(published).unwrap() >= 2 * DAYS - 1);
    let notices: i64 = sqlx::query_scalar("SELECT count(*) FROM notice")
        .fetch_one(&database)
        .await
        .unwrap();
    assert_eq!(usize::try_from(notices).unwrap(), DAYS + 1);
    database.close().await;
}

#[tokio::test]
async fn a_part_that_cannot_be_read_keeps_no_other_from_being_forgotten() {
    let town = Town::posting(1).await;
    let orphan = DocumentHash::of(b"bytes that nothing names").to_string();
    let path = file_of(&town, &orphan);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "bytes that nothing names").unwrap();
    let contents = town.data.path().join("documents/content");
    // A link to itself cannot be read, and comes before or after the others.
    let loops: Vec<PathBuf> = ["00", "ff"].map(|name| contents.join(name)).into();
    for link in loops.iter().filter(|link| !link.exists()) {
        std::os::unix::fs::symlink(link, link).unwrap();
    }
    town.central.forget().await;
    assert!(path.exists(), "it may be about to be named");
    town.clock.advance(TimeDelta::days(8));
    town.central.forget().await;
    assert!(!path.exists());
    let device = Device::new(&town, 1);
    let section = device.notices().await;
    device
        .content(section.notices[0].documents[0].content.unwrap())
        .await;
}

#[tokio::test]
async fn a_replaced_feed_stays_for_a_day() {
    let town = Town::posting(1).await;
    let folder = town.data.path().join("documents/feeds");
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    for (hours, left) in [(0, 2), (23, 2), (2, 1)] {
        town.clock.advance(TimeDelta::hours(hours));
        town.central.forget().await;
        let feeds = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(feeds, left, "{hours} hours later");
    }
}

#[tokio::test]
async fn a_notice_that_comes_back_after_its_documents_were_forgotten_has_them_again() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let gone = town.publisher.shared.lock().unwrap().notices.remove(0);
    town.poll_after(15).await;
    assert_eq!(town.poll_after(31).await.withdrawn, 1);
    for _ in 0..4 {
        // Other publications follow, and the last of them without it are the ones that displays may fetch.
        town.publisher.edit(|shared| {
            let title = format!("Oznámení {}", town.clock.now().earliest);
            shared.notices[0]["název"] = json!({ "cs": title });
        });
        town.poll_after(15).await;
    }
    let bytes = DocumentHash::of(b"%PDF-1.7 document 0\n%%EOF").to_string();
    assert!(file_of(&town, &bytes).exists());
    for days in [1, 6] {
        town.clock.advance(TimeDelta::days(days));
        town.central.forget().await;
        assert!(file_of(&town, &bytes).exists());
    }
    town.clock.advance(TimeDelta::days(1));
    town.publisher.edit(|shared| {
        for one in &mut shared.notices {
            one["relevantní_do"]["datum"] = "2027-03-01".into();
        }
    });
    town.poll().await;
    town.clock.advance(TimeDelta::days(8));
    town.central.forget().await;
    assert!(!file_of(&town, &bytes).exists());
    town.publisher.edit(|shared| {
        let mut back = gone.clone();
        back["relevantní_do"]["datum"] = "2027-03-01".into();
        shared.notices.push(back);
    });
    town.poll().await;
    let section = device.notices().await;
    assert_eq!(section.notices.len(), 3);
    for notice in &section.notices {
        device.content(notice.documents[0].content.unwrap()).await;
    }
}

#[tokio::test]
async fn what_was_taken_down_leaves_the_store_a_week_later_though_nothing_else_is_published() {
    let town = Town::quiet(2).await;
    town.publisher.edit(|shared| {
        shared.notices[0]["relevantní_do"]["datum"] = "2026-11-22".into();
        shared.notices[1]["relevantní_do"] = json!({ "nespecifikovaný": true });
        shared.notices[1]["dokument"] = json!([]);
    });
    town.poll().await;
    let rendition = prepare_as(&town, b"%PDF-1.7 drawn right", &[]).await;
    town.poll_after(15).await;
    let sections = Device::new(&town, 1).manifest().await.sections;
    let document = DocumentHash::of(b"%PDF-1.7 document 0\n%%EOF").to_string();
    let files = [
        document,
        rendition.hash.to_string(),
        sections.notices.hash.to_string(),
    ];
    let are_there = |files: &[String]| {
        files
            .iter()
            .filter(|hash| file_of(&town, hash).exists())
            .count()
    };
    town.clock.advance(TimeDelta::days(2));
    town.poll().await;
    for days in [0, 6] {
        town.clock.advance(TimeDelta::days(days));
        town.central.forget().await;
        assert_eq!(are_there(&files), files.len());
    }
    town.clock.advance(TimeDelta::days(2));
    // What was made of a document goes at the latest on the day after it.
    for _ in 0..2 {
        town.central.forget().await;
    }
    assert_eq!(are_there(&files), 0);
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 1);
}

async fn counted(database: &SqlitePool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(database).await.unwrap()
}

#[tokio::test]
async fn thousands_of_rows_of_one_feed_do_not_keep_the_others_from_being_forgotten() {
    let town = Town::posting(1).await;
    let database = town.database().await;
    // Of a publisher that exchanged all its documents, and older than those of others.
    sqlx::query(
        "INSERT INTO document (source_id, url, hash, wanted, unwanted_since, next_attempt_at) \
         WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 2000) \
         SELECT 'lipnice', 'https://jinde.example/' || n, ?, 0, ?, ? FROM n",
    )
    .bind(DocumentHash::of(b"exchanged").to_string())
    .bind(town.clock.now().earliest)
    .bind(town.clock.now().earliest)
    .execute(&database)
    .await
    .unwrap();
    town.clock.advance(TimeDelta::days(8));
    town.central.forget().await;
    let unwanted = "SELECT count(*) FROM document WHERE NOT wanted";
    assert_eq!(counted(&database, unwanted).await, 0);
    database.close().await;
}

#[tokio::test]
async fn notices_end_with_their_documents_although_their_source_cannot_be_polled() {
    let town = Town::posting(2).await;
    town.publisher
        .edit(|shared| shared.notices[0]["relevantní_do"]["datum"] = "2027-03-01".into());
    town.poll().await;
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, "text/plain", Vec::new());
    town.publisher
        .edit(|shared| shared.fault = Some(unavailable));
    let database = town.database().await;
    let live = "SELECT count(*) FROM notice WHERE state = 'live'";
    let wanted = "SELECT count(*) FROM document WHERE wanted";
    for (days, left) in [(14, 2), (2, 1)] {
        town.clock.advance(TimeDelta::days(days));
        assert!(town.central.poll_now("lipnice").await.is_err());
        town.central.forget().await;
        assert_eq!(counted(&database, live).await, left);
        assert_eq!(counted(&database, wanted).await, left);
    }
    database.close().await;
}
