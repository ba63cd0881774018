//! The service with its database in PostgreSQL.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::json;
use vyveska_board::Clock as _;
use vyveska_central::account::invitation::FirstAdministrator;
use vyveska_central::storage::testing::PostgresServer;
use vyveska_central::{Background, Central, Config};

use crate::device::Device;
use crate::office::{Browser, PASSWORD, between, code};
use crate::publisher::Publisher;
use crate::town::{Town, config};

/// A town in a database of its own, which was polled once.
async fn town(count: usize) -> (Town, Config) {
    let address = PostgresServer::of_this_process().schema().await;
    town_in(address, count).await
}

async fn town_in(address: String, count: usize) -> (Town, Config) {
    let publisher = Publisher::start(count).await;
    let feed = publisher.feed_url();
    let mut kept = None;
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        config.service.database = Some(address.into());
        kept.insert(config).clone()
    });
    let town = town.await;
    town.poll().await;
    (town, kept.unwrap())
}

/// The same town, whose service was started again.
async fn restarted(town: Town, config: &Config) -> Town {
    town.central.shutdown().await;
    let clock = Arc::new(town.clock.clone());
    let central = Central::start_with(config.clone(), clock, Background::OnCall);
    Town {
        central: central.await.unwrap(),
        ..town
    }
}

fn titles(section: &vyveska_wire::section::NoticesSection) -> Vec<String> {
    let notices = section.notices.iter();
    notices.map(|one| one.title["cs"].clone()).collect()
}

#[tokio::test]
async fn a_notice_reaches_the_display_and_is_there_after_a_restart() {
    let (town, config) = town(3).await;
    let before = Device::new(&town, 1).notices().await;
    assert_eq!(before.notices.len(), 3);
    let town = restarted(town, &config).await;
    let after = Device::new(&town, 1).notices().await;
    assert_eq!(before, after);
    let database = town.data.path().join("central.sqlite");
    assert!(!database.exists());

    town.publisher.edit(|shared| {
        shared.notices[0]["název"] = json!({ "cs": "Opravená vyhláška" });
        shared.notices.pop();
    });
    let report = town.poll_after(15).await;
    assert_eq!((report.revised, report.withdrawn), (1, 0));
    town.poll_after(31).await;
    let now = titles(&Device::new(&town, 1).notices().await);
    assert_eq!(now.len(), 2);
    assert!(now.contains(&"Opravená vyhláška".to_owned()), "{now:?}");
}

#[tokio::test]
async fn an_identifier_with_a_nul_stays_the_same_notices() {
    let (town, _config) = town(2).await;
    town.publisher.edit(|shared| {
        shared.notices[0]["iri"] = json!("https://lipnice.example/\0deska");
    });
    for _ in 0..3 {
        town.poll_after(31).await;
    }
    let report = town.poll_after(31).await;
    assert_eq!((report.added, report.revised, report.withdrawn), (0, 0, 0));
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 2);
}

#[tokio::test]
async fn an_answer_counts_once() {
    let (town, _config) = town(1).await;
    let body = json!({ "answers": [{
        "number": 1, "survey": "park", "question": "benches", "answer": "4", "day": "2026-11-21",
    }] });
    for _ in 0..2 {
        let device = Device::new(&town, 1);
        let response = device.post("answers", body.to_string().into_bytes());
        assert_eq!(response.await.status(), 200);
    }
    let counts = town.central.count_answers().await.unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!(counts[0].count, 1);
}

/// Runs `held` with this database, and with a file of passwords: whether it works, and what it says.
fn held(folder: &Path, address: &str, passwords: &Path) -> (bool, String) {
    run("held", folder, address, passwords)
}

fn run(command: &str, folder: &Path, address: &str, passwords: &Path) -> (bool, String) {
    let config = folder.join("central.toml");
    let text = format!(
        r#"
        [service]
        data = "data"
        database = "{address}"
        [[boards]]
        id = "lipnice"
        town = "Město Lipnice nad Rolavou"
        web_address = "lipnice.example/deska"
        [[boards.sources]]
        kind = "ofn"
        url = "https://lipnice.example/deska.jsonld"
        "#
    );
    std::fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args([command, "--config"])
        .arg(&config)
        .env("PGPASSFILE", passwords)
        .env_remove("PGPASSWORD")
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), words)
}

#[tokio::test]
async fn the_password_stands_in_a_file_and_a_wrong_one_is_not_told() {
    let server = PostgresServer::of_this_process();
    let prepare = "CREATE ROLE clerk LOGIN PASSWORD 'right'; CREATE SCHEMA AUTHORIZATION clerk";
    server.execute(prepare.to_owned()).await;
    let folder = tempfile::tempdir().unwrap();
    let address = |user: &str| {
        let socket = server.socket_folder().display();
        format!("postgres://{user}@localhost/postgres?host={socket}&options[search_path]=clerk")
    };
    let passwords = folder.path().join("passwords");
    std::fs::write(&passwords, "*:*:*:clerk:right\n").unwrap();
    std::fs::set_permissions(&passwords, std::fs::Permissions::from_mode(0o600)).unwrap();

    let (works, words) = held(folder.path(), &address("clerk:hunter2"), &passwords);
    assert!(!works);
    for part in ["does not let the user clerk in", "PGPASSFILE"] {
        assert!(words.contains(part), "{words}");
    }
    assert!(!words.contains("hunter2"), "{words}");
    let (_, words) = held(folder.path(), &address("clerk"), &passwords);
    let let_in = "nothing of a central service is there";
    assert!(words.contains(let_in), "{words}");
}

#[test]
fn a_database_that_is_not_there_is_an_error_of_the_configuration_and_its_cause_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for command in ["check-config", "held"] {
        let address = "postgres://vyveska@127.0.0.1:1/vyveska";
        let (works, words) = run(command, folder, address, &folder.join("none"));
        assert!(!works, "{words}");
        assert!(
            words.contains("PostgreSQL at 127.0.0.1:1 cannot be reached"),
            "{words}"
        );
        assert_eq!(words.matches("refused").count(), 1, "{words}");
    }
}

#[tokio::test]
async fn without_its_database_a_board_is_shown_as_it_was_read_or_said_to_be_unavailable() {
    let server = PostgresServer::of_this_process();
    let prepare = "CREATE ROLE outage LOGIN PASSWORD 'right'; CREATE SCHEMA AUTHORIZATION outage";
    server.execute(prepare.to_owned()).await;
    let lock_out = "ALTER ROLE outage NOLOGIN; SELECT pg_terminate_backend(pid, 60000) \
                    FROM pg_stat_activity WHERE usename = 'outage'";
    let let_in = "ALTER ROLE outage LOGIN";
    let socket = server.socket_folder().display();
    let address = format!(
        "postgres://outage:right@localhost/postgres?host={socket}&options[search_path]=outage"
    );
    let (town, _config) = town_in(address, 2).await;

    server.execute(lock_out.to_owned()).await;
    let refused = town.get("/lipnice/").await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    let page = refused.text().await.unwrap();
    assert!(page.contains("Momentálně nedostupné"), "{page}");

    let notices = async |is_stale: bool| {
        let page = town.page("/lipnice/").await.replace('\u{a0}', " ");
        assert_eq!(page.contains("Stav k 21. 11. 2026"), is_stale, "{page}");
        page.matches("class=\"title\"").count()
    };
    server.execute(let_in.to_owned()).await;
    assert_eq!(notices(false).await, 2);
    server.execute(lock_out.to_owned()).await;
    assert_eq!(notices(true).await, 2);
    server.execute(let_in.to_owned()).await;
    assert_eq!(notices(false).await, 2);
}

#[tokio::test]
async fn an_administrator_comes_by_the_first_link_invites_and_reads_what_was_changed() {
    let (town, _config) = town(1).await;
    let link = town.central.first_administrator_link().await.unwrap();
    let FirstAdministrator::Link(link) = link else {
        panic!("{link:?}");
    };
    let link = link.strip_prefix("https://deska.example").unwrap();
    let mut browser = Browser::new(&town);
    let fields = [
        ("email", "jan@lipnice.example"),
        ("name", "Jan Novák"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ];
    browser.post(link, &fields).await;
    browser.sign_in("jan@lipnice.example", PASSWORD).await;
    let page = browser.page("/admin/sign-in/code").await;
    let secret = between(&page, "class=\"secret\">", "<").replace(' ', "");
    let now = town.clock.now().earliest;
    let code = code(&secret, now);
    browser
        .post("/admin/sign-in/code", &[("code", &code)])
        .await;
    let form = browser.form("/admin/people").await;
    let fields = [
        ("form", form.as_str()),
        ("email", "eva@lipnice.example"),
        ("role", "reader"),
        ("town", "lipnice"),
    ];
    for expected in [200, 409] {
        let response = browser.post("/admin/people/invite", &fields).await;
        assert_eq!(response.status(), expected);
    }
    let page = browser.page("/admin/audit?town=lipnice").await;
    for words in [
        "Pozvání",
        "eva@lipnice.example",
        "Jan Novák",
        "Nastavení desky",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<strong>Přihlášení"), "{page}");
    browser.page("/admin/").await;
    browser.page("/admin/sessions").await;
    browser.page("/admin/audit.csv").await;
}
