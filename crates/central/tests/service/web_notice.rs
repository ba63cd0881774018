//! `GET /{board}/notice/{id}`.

use vyveska_wire::section::SettingsSection;

use crate::device::Device;
use crate::town::Town;

#[tokio::test]
async fn a_notice_has_its_facts_and_documents() {
    let town = Town::posting(1).await;
    let notice = Device::new(&town, 1).notices().await.notices.remove(0);
    let page = town.page(&format!("/lipnice/notice/{}", notice.id)).await;
    for text in [
        "MU/0/2026",
        "Veřejné vyhlášky",
        "1.\u{a0}11.\u{a0}2026",
        "do 6.\u{a0}12.\u{a0}2026 včetně",
        "Příloha\u{a0}0",
        "PDF",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let hash = notice.documents[0].content.unwrap().hash;
    assert!(page.contains(&format!("/lipnice/document/{hash}")));
}

#[tokio::test]
async fn qr_codes_of_displays_lead_to_the_page_of_the_notice() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let settings = device.manifest().await.sections.settings;
    let settings: SettingsSection = device.section(settings).await;
    let notice = device.notices().await.notices.remove(0);
    let page = settings.permalink(&notice.id).unwrap();
    assert_eq!(page.host_str(), Some("deska.example"));
    assert!(town.page(page.path()).await.contains("MU/0/2026"));
}

#[tokio::test]
async fn a_notice_that_is_not_posted_is_not_shown() {
    let town = Town::quiet(1).await;
    town.publisher
        .edit(|shared| shared.notices[0]["vyvěšení"]["datum"] = "2026-11-25".into());
    town.poll().await;
    let id = Device::new(&town, 1).notices().await.notices.remove(0).id;
    for id in [id.as_str(), "0000", "%3Cscript%3E"] {
        let response = town.get(&format!("/lipnice/notice/{id}")).await;
        assert_eq!(response.status(), 404);
        assert!(
            response
                .text()
                .await
                .unwrap()
                .contains("Oznámení na desce není")
        );
    }
}
