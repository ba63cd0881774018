//! `POST enrolment`, and `enrol`, which makes what it takes.

use std::process::Command;

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;
use vyveska_board::Clock as _;
use vyveska_central::app::SystemEntropy;
use vyveska_central::enrolment::{VALID, new_enrolment};
use vyveska_central::storage::{
    AccountRepository as _, Actor, AuditFilter, DisplayRepository as _, EnrolmentRepository as _,
    Role, ServiceStorage as _, Storage as _,
};
use vyveska_wire::enrolment::{
    ENROLMENT, EnrolmentFile, EnrolmentRefusal, EnrolmentRequest, EnrolmentToken, MAX_REQUEST_BYTES,
};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::token::{self, RequestBinding};

use crate::device::{Device, refusal};
use crate::office::{Browser, grant};
use crate::town::{Town, board_table};

/// A display that no town has.
const STRANGER: u8 = 9;

/// Makes a token by the clock of the town: its id and the token.
async fn token(town: &Town, board: &str, displays: u32) -> (String, EnrolmentToken) {
    let (storage, now) = (town.storage().await, town.clock.now().earliest);
    let actor = Actor::Person("technician".to_owned());
    let made = new_enrolment(&storage, &SystemEntropy, (board, displays), actor, now).await;
    storage.close().await;
    let (new, token) = made.unwrap();
    (new.id, token)
}

fn body(token: &EnrolmentToken) -> Vec<u8> {
    let token = token.clone();
    serde_json::to_vec(&EnrolmentRequest { token }).unwrap()
}

/// What a display is answered that sends this token: `None` where it is let in.
async fn enrol(town: &Town, seed: u8, token: &EnrolmentToken) -> Option<(u16, String)> {
    let response = Device::new(town, seed).post(ENROLMENT, body(token)).await;
    if response.status() == StatusCode::NO_CONTENT {
        return None;
    }
    Some(refusal(response).await)
}

fn refused(refusal: EnrolmentRefusal) -> Option<(u16, String)> {
    Some((403, refusal.code().to_owned()))
}

async fn board_of(town: &Town, seed: u8) -> Option<String> {
    let storage = town.storage().await;
    let id = Device::new(town, seed).id();
    let display = storage.display(&id).await.unwrap();
    storage.close().await;
    display.map(|display| display.board)
}

/// Runs `enrol` on the town's data, beside the service: its status, what it prints and what it complains of.
fn command(town: &Town, service: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = format!("[service]\ndata = {:?}\n{service}", town.data.path());
    std::fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(["enrol", "--config"])
        .arg(&config)
        .args(options)
        .output()
        .unwrap();
    let [printed, errors] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), printed, errors)
}

#[tokio::test]
async fn a_new_display_is_let_in_by_a_token_and_has_its_board() {
    let (town, _other) = Town::beside_another().await;
    let device = Device::new(&town, STRANGER);
    let unknown = (403, "unknown_display".to_owned());
    assert_eq!(refusal(device.get("manifest").await).await, unknown);
    let (_, token) = token(&town, "rolava", 1).await;
    assert_eq!(enrol(&town, STRANGER, &token).await, None);
    assert_eq!(device.assignment().await.board, "rolava");
    assert_eq!(device.notices().await.notices.len(), 1);
    // As after an answer that was lost.
    assert_eq!(enrol(&town, STRANGER, &token).await, None);
    let spent = refused(EnrolmentRefusal::Spent);
    assert_eq!(enrol(&town, 10, &token).await, spent);
}

#[tokio::test]
async fn whoever_has_no_good_token_is_refused_and_told_why() {
    let (town, _other) = Town::beside_another().await;
    let never = EnrolmentToken::new("0a".repeat(32)).unwrap();
    let (_, good) = token(&town, "lipnice", 5).await;
    let (id, revoked) = token(&town, "lipnice", 5).await;
    let storage = town.storage().await;
    let actor = Actor::Person("technician".to_owned());
    let mut unit = storage
        .begin(actor, town.clock.now().earliest)
        .await
        .unwrap();
    unit.revoke_enrolment(&id).await.unwrap();
    unit.save().await.unwrap();
    storage.close().await;
    let (_, of_rolava) = token(&town, "rolava", 5).await;
    for (seed, token, expected) in [
        (STRANGER, &never, EnrolmentRefusal::Unknown),
        (STRANGER, &revoked, EnrolmentRefusal::Revoked),
        // Lipnice has it.
        (1, &of_rolava, EnrolmentRefusal::OtherBoard),
    ] {
        let found = enrol(&town, seed, token).await;
        assert_eq!(found, refused(expected), "{seed}");
    }
    assert_eq!(board_of(&town, 1).await.as_deref(), Some("lipnice"));
    town.clock.advance(VALID - TimeDelta::seconds(1));
    assert_eq!(enrol(&town, STRANGER, &good).await, None);
    town.clock.advance(TimeDelta::seconds(1));
    let expired = refused(EnrolmentRefusal::Expired);
    assert_eq!(enrol(&town, 10, &good).await, expired);
    assert_eq!(board_of(&town, 10).await, None);
    assert_eq!(enrol(&town, STRANGER, &good).await, None, "it is let in");
}

#[tokio::test]
async fn a_board_that_is_not_served_takes_no_display() {
    let town = Town::posting(1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("boards.toml");
    std::fs::write(&file, board_table("nova", "feed.jsonld", "")).unwrap();
    let config = folder.path().join("central.toml");
    std::fs::write(
        &config,
        format!("[service]\ndata = {:?}\n", town.data.path()),
    )
    .unwrap();
    let brought = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(["provision", "--config"])
        .args([&config, &file])
        .output()
        .unwrap();
    assert!(brought.status.success(), "{brought:?}");
    let (_, token) = token(&town, "nova", 1).await;
    let no_board = refused(EnrolmentRefusal::NoBoard);
    assert_eq!(enrol(&town, STRANGER, &token).await, no_board);
    assert_eq!(board_of(&town, STRANGER).await, None);
}

#[tokio::test]
async fn a_request_that_is_not_right_registers_nothing() {
    let town = Town::posting(1).await;
    let (_, token) = token(&town, "lipnice", 5).await;
    let device = Device::new(&town, STRANGER);
    let long = [body(&token), vec![b' '; MAX_REQUEST_BYTES]].concat();
    for (bytes, status) in [
        (b"{}".to_vec(), 400),
        (b"{\"token\":\"short\"}".to_vec(), 400),
        (long, 400),
    ] {
        let response = device.post(ENROLMENT, bytes).await;
        assert_eq!(refusal(response).await, (status, "bad_request".to_owned()));
    }
    // The token of the request is for another body, another path, or of another display.
    let other_body = device.posting(ENROLMENT, b"{}").body(body(&token));
    let other_path = {
        let request = device.posting("answers", &body(&token)).build().unwrap();
        let headers = request.headers().clone();
        device
            .posting(ENROLMENT, b"")
            .headers(headers)
            .body(body(&token))
    };
    for request in [other_body, other_path] {
        let (status, code) = refusal(request.send().await.unwrap()).await;
        assert_eq!(status, 401, "{code}");
    }
    let url = town.central.url().join("/display/v1/enrolment").unwrap();
    let response = town.http.post(url).body(body(&token)).send().await.unwrap();
    assert_eq!(refusal(response).await, (401, "token_missing".to_owned()));
    assert_eq!(board_of(&town, STRANGER).await, None);
}

#[tokio::test]
async fn a_device_with_a_lost_clock_enrols_and_a_replay_changes_nothing() {
    let town = Town::posting(1).await;
    let (_, token) = token(&town, "lipnice", 5).await;
    let key = KeyPair::from_seed(&[STRANGER; 32]);
    let (path, body) = ("/display/v1/enrolment", body(&token));
    let binding = RequestBinding {
        method: "POST",
        path_and_query: path,
        body: &body,
    };
    let lost = "1970-01-01T00:00:30Z".parse().unwrap();
    let bearer = token::issue(&key, binding, lost);
    for _ in 0..3 {
        let request = town.http.post(town.central.url().join(path).unwrap());
        let request = request.bearer_auth(&bearer).body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 204);
    }
    let storage = town.storage().await;
    let enrolments = storage.enrolments(town.clock.now().earliest).await.unwrap();
    assert_eq!(enrolments[0].used, 1);
    storage.close().await;
}

#[tokio::test]
async fn each_use_is_told_with_the_token_and_not_with_its_secret() {
    let (town, _other) = Town::beside_another().await;
    let (id, token) = token(&town, "rolava", 2).await;
    assert_eq!(enrol(&town, STRANGER, &token).await, None);
    let display = Device::new(&town, STRANGER).id().to_string();
    let storage = town.storage().await;
    let of_rolava = AuditFilter {
        town: Some("rolava".to_owned()),
        ..AuditFilter::default()
    };
    let entries = storage.audit(&of_rolava, 2).await.unwrap();
    storage.close().await;
    let told: Vec<_> = entries
        .iter()
        .map(|one| (&*one.action, &*one.subject))
        .collect();
    assert_eq!(
        told,
        [("display.register", &*display), ("enrolment.create", &*id)]
    );
    assert_eq!(
        entries[0].detail,
        json!({ "board": "rolava", "enrolment": id }).to_string()
    );
    assert!(
        entries
            .iter()
            .all(|one| !one.detail.contains(token.as_str()))
    );

    let mut browser =
        Browser::of(&town, "technician", grant(Role::Technician, Some("rolava"))).await;
    let page = browser.page("/admin/").await;
    for part in ["Nové displeje u desky", &display, &id] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let mut other = Browser::of(&town, "jiný", grant(Role::Technician, Some("lipnice"))).await;
    assert!(!other.page("/admin/").await.contains(&display));
    town.clock.advance(TimeDelta::days(1));
    let mut later = Browser::of(&town, "později", grant(Role::Technician, Some("rolava"))).await;
    assert!(!later.page("/admin/").await.contains(&display));
}

#[tokio::test]
async fn the_command_makes_lists_and_revokes_tokens() {
    let town = Town::posting(1).await;
    let url = "public_url = \"https://deska.example/\"\n";
    let (status, _, errors) = command(&town, "", &["--board", "lipnice"]);
    assert_eq!(status, Some(1));
    for part in ["service.public_url", "--central URL"] {
        assert!(errors.contains(part), "{errors}");
    }
    let (status, _, errors) = command(&town, url, &["--board", "nikde"]);
    assert_eq!(status, Some(1));
    for part in ["\"nikde\"", "lipnice"] {
        assert!(errors.contains(part), "{errors}");
    }
    for wrong in [
        &["--count", "2"][..],
        &["--board", "lipnice", "--count", "0"],
        &["--board", "lipnice", "--count", "1001"],
        &["--board", "lipnice", "--central", "deska.example"],
        &["--board", "lipnice", "--list"],
        &["--list", "--central", "https://deska.example/"],
        &[],
    ] {
        assert_eq!(command(&town, url, wrong).0, Some(2), "{wrong:?}");
    }
    let (_, listed, _) = command(&town, url, &["--list"]);
    assert_eq!(listed, "no enrolment token is good\n");

    let (status, printed, errors) = command(&town, url, &["--board", "lipnice"]);
    assert_eq!((status, &*errors), (Some(0), ""));
    let file = EnrolmentFile::from_toml(&printed).unwrap();
    assert_eq!(file.central.as_str(), "https://deska.example/");
    assert_eq!(file.central_key, town.central.public_key());
    let other = [
        "--board",
        "lipnice",
        "--count",
        "3",
        "--central",
        "http://10.0.0.7:8100",
    ];
    let (_, printed, _) = command(&town, url, &other);
    let three = EnrolmentFile::from_toml(&printed).unwrap();
    assert_eq!(three.central.as_str(), "http://10.0.0.7:8100/");
    assert_eq!(enrol(&town, STRANGER, &file.token).await, None);
    assert_eq!(enrol(&town, 10, &three.token).await, None);

    let (_, listed, _) = command(&town, url, &["--list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].contains("  lipnice  1 of 1 display  until="),
        "{listed}"
    );
    assert!(
        lines[1].contains("  lipnice  1 of 3 displays  until="),
        "{listed}"
    );
    assert!(!listed.contains(three.token.as_str()));
    let (id, _) = lines[1].split_once(' ').unwrap();
    let (status, said, _) = command(&town, url, &["--revoke", id]);
    assert_eq!(status, Some(0));
    assert!(said.contains(id), "{said}");
    let revoked = refused(EnrolmentRefusal::Revoked);
    assert_eq!(enrol(&town, 11, &three.token).await, revoked);
    assert_eq!(enrol(&town, 10, &three.token).await, None, "it stays");
    let (status, _, errors) = command(&town, url, &["--revoke", id]);
    assert_eq!(status, Some(1));
    assert!(errors.contains("--list"), "{errors}");
    assert!(command(&town, url, &["--list"]).1.contains("  revoked="));
}
