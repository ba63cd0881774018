//! `GET /{board}/notice/{id}`.

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
        "Příloha\u{a0}0",
        "PDF",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let hash = notice.documents[0].content.unwrap().hash;
    assert!(page.contains(&format!("/lipnice/document/{hash}")));
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
