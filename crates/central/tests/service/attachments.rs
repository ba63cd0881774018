//! Attachments that are no documents: each is named with a reason, on the board, on the web and to the clerk.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName};
use chrono::TimeDelta;
use serde_json::{Value, json};
use vyveska_board::format::missing_reason::missing_reason;
use vyveska_board::{DocumentHash, Language, MissingReason};
use vyveska_wire::section::DocumentRecord;

use crate::device::Device;
use crate::publisher::{Publisher, Shared};
use crate::town::{Town, config};

/// "%PDF-1.7 packed\n%%EOF\n", compressed by gzip.
const PACKED: &str =
    "1f8b0800000000000203530d7071d335d4335728484cce4e4de1525575f577e30200775a900216000000";

const PDF: &[u8] = b"%PDF-1.7 whole\n%%EOF";

/// What is expected of an attachment.
type Expected = Result<&'static str, MissingReason>;

fn serve(shared: &mut Shared, name: &str, bytes: &[u8]) {
    let served = ("application/pdf", bytes.to_vec());
    shared.documents.insert(name.to_owned(), served);
}

fn oddly(shared: &mut Shared, name: &str, status: StatusCode, header: Option<(HeaderName, &str)>) {
    let header = header.map(|(name, value)| (name, value.to_owned()));
    shared.odd.insert(name.to_owned(), (status, header));
}

/// Publishes one notice with an attachment at each address; `None` is one without an address.
fn publish(publisher: &Publisher, addresses: &[Option<&str>]) {
    publisher.edit(|shared| {
        let documents = addresses.iter().map(|address| {
            let mut document = json!({ "typ": "Digitální objekt", "název": { "cs": "Příloha" } });
            if let Some(address) = address {
                document["url"] = Value::from(*address);
            }
            document
        });
        shared.notices[0]["dokument"] = documents.collect();
    });
}

async fn documents(town: &Town) -> Vec<DocumentRecord> {
    let section = Device::new(town, 1).notices().await;
    section.notices[0].documents.clone()
}

/// The message of the open alarm of a kind.
async fn alarm(town: &Town, kind: &str) -> Option<String> {
    let alarms = town.central.alarms().await.unwrap();
    let mut of_kind = alarms.into_iter().filter(|alarm| alarm.kind == kind);
    of_kind.next().map(|alarm| alarm.message)
}

#[tokio::test]
async fn what_is_no_document_is_named_with_a_reason() {
    let town = Town::quiet(1).await;
    let page = b"<!DOCTYPE html><html><title>404</title></html>";
    let login = "<html><form><input type=\"password\"></form></html>".as_bytes();
    let zip = |name: &str, content: &str| {
        let header = [0; 26];
        [
            b"PK\x03\x04",
            &header[..],
            name.as_bytes(),
            content.as_bytes(),
            b"PK\x05\x06",
        ]
        .concat()
    };
    let signed = |content: &str| {
        let oid = b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
        [&oid[..], content.as_bytes()].concat()
    };
    town.publisher.edit(|shared| {
        serve(shared, "detail", page);
        serve(shared, "smazana.pdf", page);
        serve(
            shared,
            "zprava.pdf",
            b"<br />\n<b>Warning</b>: no such file",
        );
        serve(shared, "prazdny.pdf", b"");
        serve(shared, "login", login);
        serve(shared, "vzor.pdf", PDF);
        serve(shared, "kratky.pdf", PDF);
        serve(shared, "stlaceny.pdf", &hex::decode(PACKED).unwrap());
        serve(shared, "zvlastni.pdf", PDF);
        serve(shared, "zakazany.pdf", PDF);
        serve(shared, "vypadek.pdf", PDF);
        serve(shared, "plany.zip", &zip("plan.pdf", "%PDF-1.7"));
        serve(
            shared,
            "spis.asice",
            &zip("mimetype", "application/vnd.etsi.asic-e+zip a.pdf%PDF-1.7"),
        );
        serve(shared, "podpis.pdf.p7m", &signed("%PDF-1.7"));
        serve(
            shared,
            "zprava.zfo",
            &signed("<?xml?><MessageDownloadResponse>"),
        );
        for (from, to) in [("kruh", "/files/kruh"), ("prihlaseni", "/files/login")] {
            shared.redirects.insert(from.to_owned(), to.to_owned());
        }
        let ok = StatusCode::OK;
        oddly(shared, "kratky.pdf", ok, Some((CONTENT_LENGTH, "900")));
        oddly(shared, "stlaceny.pdf", ok, Some((CONTENT_ENCODING, "gzip")));
        oddly(
            shared,
            "zvlastni.pdf",
            ok,
            Some((CONTENT_ENCODING, "compress")),
        );
        oddly(shared, "zakazany.pdf", StatusCode::FORBIDDEN, None);
        oddly(shared, "vypadek.pdf", StatusCode::BAD_GATEWAY, None);
    });
    let files = format!("{}/files", town.publisher.base);
    let twice = format!("https://{files}/vzor.pdf?dvakrat");
    use MissingReason::*;
    let there: [(&str, Expected); 18] = [
        ("detail", Err(WebPage)),
        ("smazana.pdf", Err(WebPage)),
        ("zprava.pdf", Err(WebPage)),
        ("prazdny.pdf", Err(Empty)),
        ("kruh", Err(RedirectLoop)),
        ("prihlaseni", Err(AccessDenied)),
        ("zakazany.pdf", Err(AccessDenied)),
        ("kratky.pdf", Err(Incomplete)),
        ("neni.pdf", Err(NotFound)),
        ("vypadek.pdf", Err(Unavailable)),
        ("zvlastni.pdf", Err(Unavailable)),
        ("stlaceny.pdf", Ok("application/pdf")),
        ("vzor.pdf", Ok("application/pdf")),
        ("vzor.pdf?id=51258", Ok("application/pdf")),
        ("plany.zip", Ok("application/zip")),
        ("spis.asice", Ok("application/vnd.etsi.asic-e+zip")),
        ("podpis.pdf.p7m", Ok("application/pkcs7-mime")),
        (
            "zprava.zfo",
            Ok("application/vnd.software602.filler.form-xml-zip"),
        ),
    ];
    let elsewhere: [(Option<&str>, Expected); 10] = [
        (None, Err(NoAddress)),
        (Some(""), Err(NoAddress)),
        (Some("#"), Err(NoAddress)),
        (Some("javascript:void(0)"), Err(NoAddress)),
        (Some("file:///etc/hostname"), Err(NoAddress)),
        (Some(r"\\server\deska\vyhlaska.pdf"), Err(NoAddress)),
        (Some(r"C:\Deska\vyhlaska.pdf"), Err(NoAddress)),
        (Some("http://10.0.0.1/a.pdf"), Err(NotPublic)),
        (Some(&twice), Ok("application/pdf")),
        (Some("/files/vzor.pdf?relativni"), Ok("application/pdf")),
    ];
    let there = there.map(|(name, expected)| (Some(format!("{files}/{name}")), expected));
    let elsewhere = elsewhere.map(|(address, expected)| (address.map(str::to_owned), expected));
    let cases: Vec<(Option<String>, Expected)> = there.into_iter().chain(elsewhere).collect();
    let addresses: Vec<Option<&str>> = cases.iter().map(|(one, _)| one.as_deref()).collect();
    publish(&town.publisher, &addresses);
    town.poll().await;

    let records = documents(&town).await;
    assert_eq!(records.len(), cases.len());
    for (record, (address, expected)) in records.iter().zip(&cases) {
        let found = match (&record.media_type, record.missing) {
            (Some(media_type), None) => Ok(media_type.as_str()),
            (None, Some(reason)) => Err(reason),
            both => panic!("{address:?}: {both:?}"),
        };
        assert_eq!(found, *expected, "{address:?}");
        assert_eq!(record.content.is_some(), expected.is_ok(), "{address:?}");
    }

    let id = Device::new(&town, 1).notices().await.notices[0].id.clone();
    let page = town.page(&format!("lipnice/notice/{id}")).await;
    let missing = cases.iter().filter_map(|(_, expected)| expected.err());
    for reason in missing.clone() {
        let why = missing_reason(reason, Language::Czech);
        assert!(page.contains(why), "{why}");
    }
    assert!(
        page.contains(&format!("{files}/smazana.pdf")),
        "a way to get it"
    );
    let message = alarm(&town, "documents").await.unwrap();
    assert!(message.starts_with("19 documents could"), "{message}");
    assert!(
        message.contains(&format!(
            "/lipnice/notice/{id}, attachment 4: The file at the given"
        )),
        "{message}"
    );
}

#[tokio::test]
async fn the_clerk_is_told_of_each_missing_document_until_it_is_there() {
    let town = Town::quiet(1).await;
    let files = format!("{}/files", town.publisher.base);
    let names: Vec<String> = (0..30).map(|n| format!("{files}/late-{n}")).collect();
    let addresses: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
    publish(&town.publisher, &addresses);
    town.poll().await;
    let message = alarm(&town, "documents").await.unwrap();
    assert_eq!(message.lines().count(), 1 + names.len(), "{message}");
    assert!(message.contains("attachment 30:"), "{message}");

    town.publisher.edit(|shared| {
        for n in 0..30 {
            serve(shared, &format!("late-{n}"), PDF);
        }
    });
    town.clock.advance(TimeDelta::hours(25));
    town.central.tick().await;
    assert_eq!(alarm(&town, "documents").await, None);
    assert!(
        documents(&town)
            .await
            .iter()
            .all(|one| one.missing.is_none())
    );
}

#[tokio::test]
async fn a_document_that_hangs_and_is_withdrawn_is_an_alarm_until_it_is_back_or_its_notice_ends() {
    let town = Town::posting(1).await;
    let before = Device::new(&town, 1).manifest().await;
    let recheck = async || {
        town.clock.advance(TimeDelta::hours(25));
        town.central.tick().await;
        alarm(&town, "withdrawn_documents").await
    };
    let bad_gateway = |shared: &mut Shared| {
        oddly(shared, "0.pdf", StatusCode::BAD_GATEWAY, None);
    };
    town.publisher.edit(bad_gateway);
    assert_eq!(recheck().await, None, "it may be there");
    let mut served = None;
    town.publisher.edit(|shared| {
        shared.odd.clear();
        served = shared.documents.remove("0.pdf");
    });
    let message = recheck().await.unwrap();
    let told =
        "no longer offered by the publisher: 1 document that the board shows\n/lipnice/notice/";
    assert!(message.starts_with(told), "{message}");
    assert!(message.contains("There is no file at"), "{message}");
    assert_eq!(
        Device::new(&town, 1).manifest().await,
        before,
        "it still hangs"
    );
    assert_eq!(alarm(&town, "documents").await, None);
    town.publisher.edit(|shared| {
        let served = served.clone().unwrap();
        shared.documents.insert("0.pdf".to_owned(), served);
        bad_gateway(shared);
    });
    assert_eq!(recheck().await, Some(message), "nobody can tell");
    town.publisher.edit(|shared| shared.odd.clear());
    assert_eq!(recheck().await, None, "the same bytes are there again");

    town.publisher
        .edit(|shared| drop(shared.documents.remove("0.pdf")));
    assert!(recheck().await.is_some());
    // The last day is 6 December.
    town.clock.advance(TimeDelta::days(15));
    town.central.tick().await;
    assert_eq!(alarm(&town, "withdrawn_documents").await, None);
}

#[tokio::test]
async fn a_reason_that_changes_is_told_in_the_same_revision() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| serve(shared, "0.pdf", b""));
    town.poll().await;
    let before = Device::new(&town, 1).notices().await.notices.remove(0);
    assert_eq!(before.documents[0].missing, Some(MissingReason::Empty));
    town.publisher
        .edit(|shared| serve(shared, "0.pdf", b"<html>"));
    town.clock.advance(TimeDelta::minutes(10));
    town.central.tick().await;
    let after = Device::new(&town, 1).notices().await.notices.remove(0);
    assert_eq!(after.documents[0].missing, Some(MissingReason::WebPage));
    assert_eq!(after.revision, before.revision);
    assert_eq!(after.salted_hash(), before.salted_hash());
}

#[tokio::test]
async fn a_download_that_ends_early_is_repeated() {
    let town = Town::quiet(1).await;
    let files = format!("{}/files", town.publisher.base);
    let [short, half, always] = ["kratky.pdf", "pul.pdf", "porad.pdf"];
    let addresses = [short, half, always].map(|name| format!("{files}/{name}"));
    publish(
        &town.publisher,
        &addresses.each_ref().map(|one| Some(one.as_str())),
    );
    let cut = b"%PDF-1.7 half of".to_vec();
    town.publisher.edit(|shared| {
        serve(shared, short, PDF);
        let announced = Some((CONTENT_LENGTH, "900"));
        oddly(shared, short, StatusCode::OK, announced);
        serve(shared, half, PDF);
        shared
            .first
            .insert(half.to_owned(), ("application/pdf", cut.clone()));
        serve(shared, always, &cut);
    });
    town.poll().await;
    let found = documents(&town).await;
    let hash = |index: usize| found[index].content.map(|content| content.hash.0);
    assert_eq!(hash(0), None, "shorter than announced");
    assert_eq!(
        hash(1),
        Some(DocumentHash::of(PDF)),
        "whole at the second time"
    );
    assert_eq!(
        hash(2),
        Some(DocumentHash::of(&cut)),
        "what the publisher has"
    );
    for name in [short, half, always] {
        assert_eq!(town.publisher.asked(&format!("/files/{name}")), 2, "{name}");
    }

    town.publisher.edit(|shared| drop(shared.odd.remove(short)));
    town.clock.advance(TimeDelta::minutes(10));
    town.central.tick().await;
    let whole = documents(&town).await[0].content;
    assert_eq!(
        whole.map(|content| content.hash.0),
        Some(DocumentHash::of(PDF))
    );
    // At a recheck, held bytes without their end are no news.
    town.clock.advance(TimeDelta::hours(25));
    town.central.tick().await;
    assert_eq!(town.publisher.asked(&format!("/files/{always}")), 3);
}

#[tokio::test]
async fn another_file_of_the_same_length_and_time_is_noticed() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        shared.last_modified = Some("Fri, 20 Nov 2026 09:00:00 GMT");
        serve(shared, "0.pdf", b"%PDF-1.7 PRVNIVERZE\n%%EOF");
    });
    town.poll().await;
    let other = b"%PDF-1.7 DRUHAVERZE\n%%EOF";
    town.publisher.edit(|shared| serve(shared, "0.pdf", other));
    town.clock.advance(TimeDelta::hours(25));
    town.central.tick().await;
    let content = documents(&town).await[0].content.unwrap();
    assert_eq!(content.hash.0, DocumentHash::of(other));
}

#[tokio::test]
async fn a_source_beyond_its_budget_waits_until_the_next_day() {
    let publisher = Publisher::start(3).await;
    let feed = publisher.feed_url();
    let limits = "source_documents = 2\nrecheck_hours = 720";
    let town = Town::with(publisher, |data| config(data, &feed, limits)).await;
    town.poll().await;
    assert_eq!(town.publisher.files_asked(), 2);
    let message = alarm(&town, "budget").await.unwrap();
    assert!(message.contains("documents.source_documents"), "{message}");
    assert!(message.ends_with("until 2026-11-22 13:00 CET"), "{message}");

    town.clock.advance(TimeDelta::hours(23));
    town.central.tick().await;
    assert_eq!(town.publisher.files_asked(), 2);
    town.clock.advance(TimeDelta::hours(1));
    town.central.tick().await;
    assert_eq!(town.publisher.files_asked(), 3);
    assert_eq!(alarm(&town, "budget").await, None);
}
