//! `GET /{board}/opendata.jsonld`.

use vyveska_board::ofn;

use crate::device::Device;
use crate::town::Town;

#[tokio::test]
async fn the_open_data_say_what_the_displays_show() {
    let town = Town::posting(3).await;
    let response = town.get("/lipnice/opendata.jsonld").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/ld+json");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let bytes = response.bytes().await.unwrap();
    let base = "https://deska.example/".parse().unwrap();
    let board = ofn::read(&bytes, &base).unwrap().remove(0);
    assert_eq!(board.warnings, []);
    assert_eq!(board.operator.unwrap().ico.as_deref(), Some("00254789"));
    let section = Device::new(&town, 1).notices().await;
    assert_eq!(board.notices.len(), section.notices.len());
    for (written, record) in board.notices.iter().zip(&section.notices) {
        assert_eq!(written.title.get("cs"), Some(record.title["cs"].as_str()));
        let hash = record.documents[0].content.unwrap().hash;
        let expected = format!("https://deska.example/lipnice/document/{hash}");
        assert_eq!(
            written.documents[0].url.as_ref().unwrap().as_str(),
            expected
        );
    }
}
