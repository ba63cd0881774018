//! `GET /{board}/`.

use crate::device::Device;
use crate::town::Town;

#[tokio::test]
async fn the_page_shows_what_the_displays_get() {
    let town = Town::posting(3).await;
    let page = town.page("/lipnice/").await;
    assert!(page.contains("lang=\"cs\""));
    assert!(
        page.contains("Město Lipnice nad\u{a0}Rolavou")
            || page.contains("Město Lipnice nad Rolavou")
    );
    for notice in Device::new(&town, 1).notices().await.notices {
        assert!(page.contains(&format!("/lipnice/notice/{}", notice.id)));
    }
    assert!(page.contains("do 6.\u{a0}12.\u{a0}2026 včetně"));
    assert!(page.contains("1\u{a0}příloha"));
}

#[tokio::test]
async fn what_a_publisher_writes_cannot_become_markup() {
    let town = Town::posting(1).await;
    let page = town.page("/lipnice/").await;
    assert!(!page.contains("<b>změně"));
}

#[tokio::test]
async fn a_notice_to_come_is_not_on_the_page() {
    let town = Town::quiet(2).await;
    town.publisher
        .edit(|shared| shared.notices[0]["vyvěšení"]["datum"] = "2026-11-25".into());
    town.poll().await;
    assert_eq!(
        town.page("/lipnice/")
            .await
            .matches("class=\"title\"")
            .count(),
        1
    );
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 2);
}

#[tokio::test]
async fn pages_run_no_script_and_guess_no_types() {
    let town = Town::posting(1).await;
    for path in ["/", "/lipnice/", "/static/board.css", "/nothing/"] {
        let response = town.get(path).await;
        assert!(
            response.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("default-src 'none'")
        );
        assert_eq!(
            response.headers()["x-content-type-options"],
            "nosniff",
            "{path}"
        );
        assert!(!response.text().await.unwrap().contains("<script"));
    }
}

#[tokio::test]
async fn a_board_that_is_not_there_is_said_in_czech() {
    let town = Town::quiet(1).await;
    let response = town.get("/jinde/").await;
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("Stránka tu není"));
    let unpublished = town.get("/lipnice/").await;
    assert_eq!(unpublished.status(), 503);
    assert_eq!(town.get("/lipnice").await.url().path(), "/lipnice/");
}

#[tokio::test]
async fn an_address_without_a_letter_of_a_board_is_not_found() {
    let town = Town::quiet(1).await;
    for path in ["/%21", "/..%2f", "/%2e%2e%2f", "/é"] {
        let response = town.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let page = response.text().await.unwrap();
        assert!(page.contains("Stránka tu není"), "{path}");
    }
}
