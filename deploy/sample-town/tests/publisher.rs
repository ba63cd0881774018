//! The publisher over HTTP.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{Days, NaiveDate};
use reqwest::{Client, StatusCode, header};
use serde_json::Value;
use vyveska_sample_town::{Fault, Publisher, SampleTown};

fn day(offset: i32) -> NaiveDate {
    let start: NaiveDate = "2026-11-21".parse().unwrap();
    start + Days::new(u64::try_from(offset).unwrap())
}

async fn start() -> Publisher {
    let town = SampleTown::load().unwrap();
    Publisher::start(town, Arc::new(|| day(0)), "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client for loopback needs no bounds, and this one sees bytes as they are sent"
)]
fn client() -> Client {
    Client::builder().no_proxy().no_gzip().build().unwrap()
}

async fn feed(publisher: &Publisher) -> Value {
    let answer = client().get(publisher.feed_url()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()[header::CONTENT_TYPE],
        "application/ld+json"
    );
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    answer.json().await.unwrap()
}

fn notice<'a>(feed: &'a Value, iri: &str) -> Option<&'a Value> {
    feed["informace"]
        .as_array()
        .unwrap()
        .iter()
        .find(|notice| notice["iri"] == iri)
}

#[tokio::test]
async fn the_feed_names_documents_that_can_be_fetched() {
    let publisher = start().await;
    let feed = feed(&publisher).await;
    let client = client();
    let mut fetched = 0;
    for notice in feed["informace"].as_array().unwrap() {
        let page = client
            .get(notice["url"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let page = page.text().await.unwrap();
        assert!(page.contains("<h1>"), "{page}");
        for document in notice["dokument"].as_array().into_iter().flatten() {
            let answer = client
                .get(document["url"].as_str().unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let kind = answer.headers()[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .to_owned();
            assert!(document["typ_média"].as_str().unwrap().ends_with(&kind));
            assert!(!answer.bytes().await.unwrap().is_empty());
            fetched += 1;
        }
    }
    assert!(fetched > 80, "{fetched}");
    publisher.shutdown().await;
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let publisher = start().await;
    let client = client();
    for url in [
        publisher.feed_url(),
        format!("{}/dokumenty/zamer-pronajmu-1182-4.pdf", publisher.url()),
    ] {
        let first = client.get(&url).send().await.unwrap();
        let tag = first.headers()[header::ETAG].clone();
        let again = client
            .get(&url)
            .header(header::IF_NONE_MATCH, &tag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{url}");
        let other = client
            .get(&url)
            .header(header::IF_NONE_MATCH, "\"other\"")
            .send()
            .await
            .unwrap();
        assert_eq!(other.status(), StatusCode::OK);
    }
    let modified = client
        .get(publisher.feed_url())
        .send()
        .await
        .unwrap()
        .headers()[header::LAST_MODIFIED]
        .clone();
    let ask = || {
        client
            .get(publisher.feed_url())
            .header(header::IF_MODIFIED_SINCE, &modified)
            .send()
    };
    assert_eq!(ask().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    assert!(publisher.remove_notice("nalez-jizdni-kolo"));
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_part_of_a_document_can_be_asked_for() {
    let publisher = start().await;
    let url = format!("{}/dokumenty/navrh-rozpoctu-mesta.pdf", publisher.url());
    let client = client();
    let whole = client
        .get(&url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let answer = client
        .get(&url)
        .header(header::RANGE, "bytes=100-199")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        answer.headers()[header::CONTENT_RANGE],
        format!("bytes 100-199/{}", whole.len())
    );
    assert_eq!(answer.bytes().await.unwrap(), whole.slice(100..200));
    let beyond = client
        .get(&url)
        .header(header::RANGE, "bytes=99999999-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn the_feed_is_compressed_for_those_who_can_read_it() {
    let publisher = start().await;
    let ask = client()
        .get(publisher.feed_url())
        .header(header::ACCEPT_ENCODING, "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(ask.headers()[header::CONTENT_ENCODING], "gzip");
    let packed = ask.bytes().await.unwrap();
    assert_eq!(packed[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn dates_move_with_the_clock() {
    let passed = Arc::new(AtomicI32::new(0));
    let clock = Arc::clone(&passed);
    let today = Arc::new(move || day(clock.load(Ordering::SeqCst)));
    let town = SampleTown::load().unwrap();
    let publisher = Publisher::start(town, today, "127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let iri = publisher.notice_iri("prechodna-uprava-karlovarska");
    let first = feed(&publisher).await;
    let entry = notice(&first, &iri).unwrap();
    assert_eq!(entry["vyvěšení"]["datum"], "2026-11-21");
    assert_eq!(entry["relevantní_do"]["datum"], "2026-12-06");
    let draft = publisher.notice_iri("navrh-rozpoctu");
    assert_eq!(
        notice(&first, &draft).unwrap()["název"]["cs"],
        "Návrh rozpočtu města na rok 2027 a střednědobý výhled"
    );

    passed.store(60, Ordering::SeqCst);
    let later = feed(&publisher).await;
    assert_eq!(
        notice(&later, &iri).unwrap()["vyvěšení"]["datum"],
        "2027-01-20"
    );
    assert_eq!(
        notice(&later, &draft).unwrap()["název"]["cs"],
        "Návrh rozpočtu města na rok 2028 a střednědobý výhled"
    );
}

#[tokio::test]
async fn instants_carry_the_offset_of_their_day() {
    let publisher = start().await;
    let feed = feed(&publisher).await;
    let entry = notice(&feed, &publisher.notice_iri("eia-areal-jeleni")).unwrap();
    assert_eq!(
        entry["vyvěšení"]["datum_a_čas"],
        "2026-11-17T10:30:00+01:00"
    );
    let account = notice(&feed, &publisher.notice_iri("zaverecny-ucet")).unwrap();
    assert_eq!(account["relevantní_do"]["nespecifikovaný"], true);
}

#[tokio::test]
async fn a_test_can_change_what_is_published() {
    let publisher = start().await;
    let iri = publisher.notice_iri("nalez-jizdni-kolo");
    assert!(publisher.set_title("nalez-jizdni-kolo", "Nález: koloběžka"));
    assert_eq!(
        notice(&feed(&publisher).await, &iri).unwrap()["název"]["cs"],
        "Nález: koloběžka"
    );
    assert!(publisher.remove_notice("nalez-jizdni-kolo"));
    assert!(!publisher.remove_notice("nalez-jizdni-kolo"));
    assert!(notice(&feed(&publisher).await, &iri).is_none());

    let mut added = SampleTown::load().unwrap().notices.swap_remove(0);
    added.id = "nove".to_owned();
    publisher.add_notice(added);
    assert!(notice(&feed(&publisher).await, &publisher.notice_iri("nove")).is_some());

    publisher.set_document_bytes("zamer-pronajmu-1182-4.pdf", *b"other");
    let url = format!("{}/dokumenty/zamer-pronajmu-1182-4.pdf", publisher.url());
    assert_eq!(
        client()
            .get(&url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "other"
    );
    assert!(publisher.remove_document("zamer-pronajmu-1182-4.pdf"));
    assert_eq!(
        client().get(&url).send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn faults_look_as_they_do_in_the_wild() {
    let publisher = start().await;
    publisher.replace_feed(Fault::Empty);
    assert_eq!(
        feed(&publisher).await["informace"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    publisher.replace_feed(Fault::Hollow);
    let hollow = feed(&publisher).await;
    assert_eq!(hollow["informace"].as_array().unwrap().len(), 40);
    assert!(
        hollow["informace"]
            .as_array()
            .unwrap()
            .iter()
            .all(|n| n["název"]["cs"] == "" && n["dokument"].is_null())
    );
    publisher.replace_feed(Fault::Broken);
    let broken = client().get(publisher.feed_url()).send().await.unwrap();
    assert!(serde_json::from_slice::<Value>(&broken.bytes().await.unwrap()).is_err());
    publisher.replace_feed(Fault::Down(503));
    let down = client().get(publisher.feed_url()).send().await.unwrap();
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);
    publisher.replace_feed(Fault::None);
    assert_eq!(
        feed(&publisher).await["informace"]
            .as_array()
            .unwrap()
            .len(),
        40
    );
}

#[tokio::test]
async fn after_shutdown_nobody_answers() {
    let publisher = start().await;
    let url = publisher.feed_url();
    publisher.shutdown().await;
    assert!(client().get(url).send().await.is_err());
}
