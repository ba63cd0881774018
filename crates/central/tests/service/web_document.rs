//! `GET /{board}/document/{hash}`.

use crate::device::Device;
use crate::town::Town;

async fn document_path(town: &Town) -> String {
    let notice = Device::new(town, 1).notices().await.notices.remove(0);
    format!(
        "/lipnice/document/{}",
        notice.documents[0].content.unwrap().hash
    )
}

#[tokio::test]
async fn a_document_opens_in_the_browser_under_its_name() {
    let town = Town::posting(1).await;
    let response = town.get(&document_path(&town).await).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let disposition = response.headers()["content-disposition"].to_str().unwrap();
    assert!(
        disposition.starts_with("inline; filename*="),
        "{disposition}"
    );
    assert_eq!(
        response.bytes().await.unwrap(),
        "%PDF-1.7 document 0\n%%EOF"
    );
}

#[tokio::test]
async fn what_a_browser_might_run_is_only_offered_to_save() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        let svg = b"<?xml version=\"1.0\"?><svg><script>1</script></svg>".to_vec();
        shared
            .documents
            .insert("0.pdf".into(), ("image/svg+xml", svg));
    });
    town.poll().await;
    let response = town.get(&document_path(&town).await).await;
    assert_eq!(response.headers()["content-type"], "application/xml");
    let disposition = response.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
}

#[tokio::test]
async fn a_document_is_public_only_while_its_notice_is_posted() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        shared.notices[0]["vyvěšení"]["datum"] = "2026-11-22".into();
        shared.notices[0]["relevantní_do"]["datum"] = "2026-11-22".into();
    });
    town.poll().await;
    let path = document_path(&town).await;
    assert_eq!(town.get(&path).await.status(), 404, "it is not posted yet");
    town.clock.advance(chrono::TimeDelta::hours(12));
    assert_eq!(town.get(&path).await.status(), 200);
    town.clock.advance(chrono::TimeDelta::hours(24));
    assert_eq!(
        town.get(&path).await.status(),
        404,
        "it is no longer posted"
    );
}
