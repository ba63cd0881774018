//! `GET /display/v1/manifest`.

use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use vyveska_board::{Clock as _, posting};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::{Addressee, entity_tag};
use vyveska_wire::section::SettingsSection;

use crate::device::{Device, refusal};
use crate::limits::ALERT;
use crate::town::Town;

#[tokio::test]
async fn a_display_gets_its_signed_manifest_and_all_it_names() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let manifest = device.manifest().await;
    assert_eq!(manifest.to, Addressee::Group("lipnice".to_owned()));
    let settings: SettingsSection = device.section(manifest.sections.settings).await;
    assert_eq!(settings.town["cs"], "Město Lipnice nad Rolavou");
    device.content(manifest.sections.information).await;
    device.content(manifest.sections.alerts).await;
    let notices = device.notices().await;
    assert_eq!(notices.board.operator_ico.as_deref(), Some("00254789"));
    assert_eq!(notices.notices.len(), 3);
    for notice in &notices.notices {
        let document = &notice.documents[0];
        assert_eq!(document.media_type.as_deref(), Some("application/pdf"));
        let bytes = device.content(document.content.unwrap()).await;
        assert!(bytes.starts_with(b"%PDF"));
        assert_eq!(notice.revision, 1, "a notice appears whole");
    }
}

#[tokio::test]
async fn the_same_manifest_is_not_sent_twice() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let first = device.get("manifest").await;
    assert_eq!(first.headers()[CACHE_CONTROL], "private, no-cache");
    let etag = first.headers()[ETAG].clone();
    let again = device
        .request("manifest")
        .header(IF_NONE_MATCH, etag.clone());
    assert_eq!(again.send().await.unwrap().status(), 304);
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    let changed = device.request("manifest").header(IF_NONE_MATCH, etag);
    assert_eq!(changed.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn numbers_grow_and_only_with_a_change() {
    let town = Town::posting(2).await;
    let device = Device::new(&town, 1);
    let first = device.manifest().await;
    town.poll_after(15).await;
    assert_eq!(device.manifest().await, first, "nothing changed");
    // Even when the clock goes back, the number does not.
    town.clock.advance(TimeDelta::days(-3));
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll().await;
    assert_eq!(device.manifest().await.number, first.number + 1);
}

#[tokio::test]
async fn what_another_key_has_signed_is_signed_anew() {
    let town = Town::posting(1).await;
    let before = Device::new(&town, 1).manifest().await;
    let another = KeyPair::from_seed(&[7; 32]).to_pem();
    std::fs::write(town.data.path().join("central-key.pem"), another).unwrap();
    let clock = Arc::new(town.clock.clone());
    let town = town.restart(clock).await;
    // The device verifies it with the key that central has now.
    let after = Device::new(&town, 1).manifest().await;
    assert!(after.number > before.number);
    assert_eq!(after.sections, before.sections);
}

/// Registers as many displays for the board of Lipnice.
async fn register(town: &Town, displays: i64) {
    let register = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1) \
                    INSERT INTO display (id, public_key, board_id, registered_at) \
                    SELECT printf('%032x', n), '', 'lipnice', '2026-11-21T12:00:00Z' FROM numbers";
    let pool = town.database().await;
    let registered = sqlx::query(register).bind(displays).execute(&pool);
    registered.await.unwrap();
    pool.close().await;
}

/// Signed manifests and assignments that are stored.
async fn signed(town: &Town) -> (i64, i64) {
    let pool = town.database().await;
    let count = "SELECT (SELECT count(*) FROM manifest), (SELECT count(*) FROM assignment)";
    let counts = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
    pool.close().await;
    counts
}

/// How many transactions have changed the database since its log began.
fn transactions(town: &Town) -> usize {
    let log = std::fs::read(town.data.path().join("central.sqlite-wal")).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let (frame, salts) = (24 + number(8) as usize, &log[16..24]);
    let frames = (32..log.len()).step_by(frame);
    // A frame of this log has its salts; the last frame of a transaction has the size of the database.
    frames
        .take_while(|at| at + frame <= log.len() && log[at + 8..at + 16] == *salts)
        .filter(|at| number(at + 4) > 0)
        .count()
}

#[tokio::test]
async fn a_publication_costs_one_transaction_and_one_signature_however_many_displays_there_are() {
    let town = Town::with_alerts(1).await;
    town.poll().await;
    // The jobs that are due since the start.
    town.central.tick().await;
    register(&town, 300).await;
    let (manifests, assignments) = signed(&town).await;
    assert_eq!(assignments, 0);
    let before = transactions(&town);
    town.alert(ALERT).await;
    assert_eq!(transactions(&town) - before, 1);
    assert_eq!(signed(&town).await, (manifests + 1, 0));
    // All displays get the same bytes.
    let mut received = Vec::new();
    for seed in 1..=3 {
        let response = Device::new(&town, seed).get("manifest").await;
        received.push(response.bytes().await.unwrap());
    }
    assert!(received.iter().all(|one| *one == received[0]));
    assert_eq!(signed(&town).await, (manifests + 1, 0));
}

#[tokio::test]
async fn a_display_that_claims_ever_more_moves_its_board_once_in_a_while() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let first = device.manifest().await;
    let before = signed(&town).await;
    let claim = async |held: u64| {
        let request = device.request("manifest");
        let request = request.header(IF_NONE_MATCH, entity_tag(held));
        assert_eq!(request.send().await.unwrap().status(), 200);
        device.manifest().await
    };
    let moved = claim(first.number + 1).await;
    assert_eq!(moved.number, first.number + 2);
    assert_eq!(moved.sections, first.sections);
    for ahead in 1..5 {
        assert_eq!(claim(moved.number + ahead).await, moved);
    }
    assert_eq!(signed(&town).await, before, "of a publication one is kept");
    town.clock.advance(TimeDelta::minutes(10));
    let year = u64::try_from(TimeDelta::days(365).num_milliseconds()).unwrap();
    let again = claim(moved.number + year).await;
    assert_eq!(again.number, moved.number + year + 1);
    assert_eq!(signed(&town).await, before);
}

#[tokio::test]
async fn a_claim_for_which_nothing_could_be_signed_counts_later() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let held = device.manifest().await.number + 1;
    let claim = async || {
        let request = device.request("manifest");
        let request = request.header(IF_NONE_MATCH, entity_tag(held));
        request.send().await.unwrap().status()
    };
    let execute = async |statement: &'static str| {
        let pool = town.database().await;
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        pool.close().await;
    };
    let no_room = "CREATE TRIGGER no_room BEFORE INSERT ON manifest \
                   BEGIN SELECT RAISE(ABORT, 'no room'); END";
    execute(no_room).await;
    assert_eq!(claim().await, 500);
    execute("DROP TRIGGER no_room").await;
    assert_eq!(claim().await, 200);
    assert_eq!(device.manifest().await.number, held + 1);
}

#[tokio::test]
async fn a_notice_that_ended_leaves_and_one_to_come_is_delivered() {
    let town = Town::quiet(2).await;
    town.publisher.edit(|shared| {
        shared.notices[0]["relevantní_do"]["datum"] = "2026-11-21".into();
        shared.notices[1]["vyvěšení"]["datum"] = "2026-11-25".into();
    });
    town.poll().await;
    let device = Device::new(&town, 1);
    let section = device.notices().await;
    assert_eq!(section.notices.len(), 2);
    let now = town.clock.now();
    let notices: Vec<_> = section.notices.iter().map(|one| one.to_notice()).collect();
    assert_eq!(
        posting::posted(&notices, &now, &posting::PostingRules::default()).len(),
        1
    );
    // Midnight in Prague is 23.00 UTC; nothing is polled meanwhile.
    town.clock
        .advance(TimeDelta::hours(11) - TimeDelta::seconds(1));
    town.central.tick().await;
    assert_eq!(device.notices().await.notices.len(), 2);
    town.clock.advance(TimeDelta::seconds(1));
    town.central.tick().await;
    assert_eq!(device.notices().await.notices.len(), 1);
}

#[tokio::test]
async fn nothing_is_published_before_a_poll_was_accepted() {
    let town = Town::quiet(0).await;
    let device = Device::new(&town, 1);
    let nothing = (404, "nothing_published".to_owned());
    assert_eq!(refusal(device.get("manifest").await).await, nothing);
    town.poll().await;
    assert_eq!(
        refusal(device.get("manifest").await).await,
        nothing,
        "an empty first feed is held"
    );
}

#[tokio::test]
async fn an_unregistered_display_gets_nothing() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 9);
    for path in ["manifest", "now?nonce=x", "events"] {
        let answer = refusal(device.get(path).await).await;
        assert_eq!(answer, (403, "unknown_display".into()), "{path}");
    }
}

#[tokio::test]
async fn a_request_without_a_valid_token_gets_nothing() {
    let town = Town::posting(1).await;
    for path in ["now?nonce=x", "manifest", "events", "content/00"] {
        let response = town.get(&format!("/display/v1/{path}")).await;
        assert_eq!(
            refusal(response).await,
            (401, "token_missing".into()),
            "{path}"
        );
    }
    let device = Device::new(&town, 1);
    let token = device.request("manifest").build().unwrap();
    let mut elsewhere = device.request("events").build().unwrap();
    *elsewhere.headers_mut() = token.headers().clone();
    let response = town.http.execute(elsewhere).await.unwrap();
    assert_eq!(refusal(response).await, (401, "token_wrong_request".into()));
}

#[tokio::test]
async fn a_restart_keeps_notices_numbers_and_the_key() {
    let town = Town::posting(2).await;
    let before = Device::new(&town, 1).manifest().await;
    let section = Device::new(&town, 1).notices().await;
    let key = town.central.public_key();
    let clock = town.clock.clone();
    let town = town.restart(std::sync::Arc::new(clock)).await;
    assert_eq!(town.central.public_key(), key);
    town.poll_after(15).await;
    assert_eq!(Device::new(&town, 1).manifest().await, before);
    assert_eq!(Device::new(&town, 1).notices().await, section);
}

#[tokio::test]
async fn displays_get_the_times_of_the_configuration() {
    let town = Town::configured(1, |config| {
        let board = &mut config.boards[0];
        board.list_timeout_seconds = 90;
        board.page_timeout_seconds = 240;
        board.idle_page_seconds = 20;
        board.new_days = 5;
        board.deadline_days = 10;
        board.stale_after_minutes = 30;
    })
    .await;
    town.poll().await;
    let device = Device::new(&town, 1);
    let settings = device.manifest().await.sections.settings;
    let settings: SettingsSection = device.section(settings).await;
    assert_eq!(settings.list_timeout_seconds.get(), 90);
    assert_eq!(settings.page_timeout_seconds.get(), 240);
    assert_eq!(settings.idle_page_seconds.get(), 20);
    assert_eq!(settings.new_days.get(), 5);
    assert_eq!(settings.deadline_days.get(), 10);
    assert_eq!(settings.stale_after_minutes.get(), 30);
}
