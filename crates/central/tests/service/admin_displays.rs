//! `GET /admin/displays` and `GET /admin/displays/{display}`.

use chrono::TimeDelta;
use vyveska_central::storage::Role;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::status::{NetworkKind, PowerStatus, ScreenShown, Space};

use crate::device::Device;
use crate::office::{Browser, grant};
use crate::status::{device, tell};
use crate::town::Town;

async fn page(browser: &mut Browser, path: &str) -> String {
    let response = browser.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap().replace('\u{a0}', " ")
}

/// The places of texts in a page, which have to come one after the other.
#[track_caller]
fn in_order(page: &str, texts: &[&str]) {
    let mut rest = page;
    for text in texts {
        let Some((_, after)) = rest.split_once(text) else {
            panic!("{text} is not after what comes before it");
        };
        rest = after;
    }
}

#[tokio::test]
async fn the_displays_of_a_town_are_seen_there_alone_the_worst_first() {
    let (town, _other) = Town::beside_another().await;
    let (fine, hot, unheard) = (
        device(&town, 1).await,
        device(&town, 2).await,
        device(&town, 3).await,
    );
    let key = KeyPair::from_seed(&[4; 32]).public();
    town.register(&key, "rolava").await;
    let theirs = Device::new(&town, 4);
    tell(&fine, |_| {}).await;
    tell(&hot, |status| status.temperature_celsius = Some(71.2)).await;
    tell(&theirs, |_| {}).await;

    let technician = grant(Role::Technician, None);
    let mut all = Browser::of(&town, "technik@svazek.example", technician).await;
    let seen = page(&mut all, "/admin/displays").await;
    let ids = [&hot, &unheard, &fine].map(|one| one.id().to_string());
    in_order(
        &seen,
        &[
            "<tbody>",
            &ids[0],
            "přehřátý",
            "71,2 °C",
            &ids[1],
            "ještě se neozval",
            &ids[2],
            "v pořádku",
            "klidová obrazovka",
        ],
    );
    assert!(seen.contains(theirs.id().as_str()));
    assert!(seen.contains("1–4 z 4"), "{seen}");

    let filtered = page(&mut all, "/admin/displays?state=overheated").await;
    assert!(filtered.contains(&ids[0]) && !filtered.contains(&ids[2]));
    // The tally is of all of them.
    assert!(filtered.contains("v pořádku <strong>2</strong>"));
    let filtered = page(&mut all, "/admin/displays?town=rolava").await;
    assert!(filtered.contains(theirs.id().as_str()) && !filtered.contains(&ids[2]));
    let filtered = page(&mut all, "/admin/displays?text=MESTO+lipnice").await;
    assert!(filtered.contains(&ids[2]) && !filtered.contains(theirs.id().as_str()));
    let filtered = page(&mut all, "/admin/displays?text=nikde").await;
    assert!(filtered.contains("Žádný displej tomu neodpovídá."));
    for wrong in ["state=levitating", "page=x", "page=-1"] {
        let response = all.get(&format!("/admin/displays?{wrong}")).await;
        assert_eq!(response.status(), 400, "{wrong}");
    }
    let beyond = page(&mut all, "/admin/displays?page=999999").await;
    assert!(beyond.contains("Žádný displej tomu neodpovídá."));

    let reader = grant(Role::Editor, Some("rolava"));
    let mut own = Browser::of(&town, "redaktor@rolava.example", reader).await;
    for query in ["", "?town=lipnice", "?text=lipnice", "?state=overheated"] {
        let seen = page(&mut own, &format!("/admin/displays{query}")).await;
        for id in &ids {
            assert!(!seen.contains(id), "{query}");
        }
        assert!(!seen.contains("přehřátý <strong>"), "{query}");
    }
    page(&mut own, &format!("/admin/displays/{}", theirs.id())).await;
    for id in ids
        .iter()
        .map(String::as_str)
        .chain(["unknown", "0123456789abcdef"])
    {
        let response = own.get(&format!("/admin/displays/{id}")).await;
        assert_eq!(response.status(), 404);
    }
}

#[tokio::test]
async fn a_display_tells_every_figure_and_what_it_does_not_know() {
    let town = Town::posting(1).await;
    let (one, bare) = (device(&town, 1).await, device(&town, 2).await);
    let newest = one.manifest().await.number;
    tell(&one, |status| {
        status.screen = ScreenShown::Document;
        status.manifest_number = Some(newest);
        status.brightness_percent = Some(62);
        status.network = Some(NetworkKind::Cable);
        status.power = Some(PowerStatus {
            undervoltage: true,
            throttled: None,
        });
        status.storage = Some(Space {
            total_bytes: 32_000_000_000,
            free_bytes: 20_100_000_000,
        });
    })
    .await;
    let mut browser = Browser::of(
        &town,
        "a@lipnice.example",
        grant(Role::Reader, Some("lipnice")),
    )
    .await;
    let seen = page(&mut browser, &format!("/admin/displays/{}", one.id())).await;
    for text in [
        "podpětí",
        "dokument",
        &format!("{newest}, nejnovější"),
        "48,3 °C",
        "7 %",
        "62 %",
        "volných 20,1 GB z 32,0 GB",
        "kabel",
        "3 d 4 h",
        "12 min",
        "1080 × 1920",
        "Raspberry Pi 5",
        "ověřený, s přesností na 0 ms",
        "21. 11. 2026",
    ] {
        assert!(seen.contains(text), "{text}");
    }
    // Memory, whether it was slowed down, and the serial number.
    assert_eq!(seen.matches("neznámo").count(), 3);
    tell(&one, |status| {
        status.number += 1;
        status.manifest_number = Some(newest - 1);
    })
    .await;
    let seen = page(&mut browser, &format!("/admin/displays/{}", one.id())).await;
    assert!(seen.contains("novější se teprve stahuje"));

    let seen = page(&mut browser, &format!("/admin/displays/{}", bare.id())).await;
    assert!(seen.contains("ještě se neozval") && seen.contains("neznámo"));
}

#[tokio::test]
async fn a_silent_display_is_on_the_first_page_with_a_link() {
    let town = Town::posting(1).await;
    let one = device(&town, 1).await;
    tell(&one, |_| {}).await;
    for _ in 0..12 {
        town.clock.advance(TimeDelta::seconds(20));
        town.central.tick().await;
    }
    let mut browser = Browser::of(
        &town,
        "t@lipnice.example",
        grant(Role::Technician, Some("lipnice")),
    )
    .await;
    let first = page(&mut browser, "/admin/").await;
    let link = format!("/admin/displays/{}", one.id());
    in_order(
        &first,
        &["Displej se neozývá", &link, "od 21. 11. 2026, 13.00"],
    );
    let seen = page(&mut browser, "/admin/displays").await;
    in_order(&seen, &["nedostupný", "21. 11. 2026, 13.00"]);
}
