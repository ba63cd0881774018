//! Publishers whose documents never come: they cost other towns nothing.

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Semaphore;
use vyveska_board::MissingReason;
use vyveska_central::fetch::address::NamedHost;
use vyveska_wire::section::DocumentRecord;

use crate::device::Device;
use crate::publisher::{Publisher, notice};
use crate::town::{Town, board_table, config};

/// The document of Lipnice.
const QUICK: &str = "quick.pdf";

/// A publisher whose notices have so many documents each, which never come, and [`QUICK`], which does.
async fn tarpit(notices: usize, documents: usize) -> Publisher {
    let tarpit = Publisher::start(notices).await;
    tarpit.edit(|shared| {
        shared.gate = Some(Semaphore::new(0).into());
        shared.ungated = Some(QUICK);
        let quick = ("application/pdf", b"%PDF-1.7 quick\n%%EOF".to_vec());
        shared.documents.insert(QUICK.to_owned(), quick);
        for (n, entry) in shared.notices.iter_mut().enumerate() {
            let documents = (0..documents)
                .map(|document| json!({ "url": format!("{}/files/{n}-{document}", tarpit.base) }));
            entry["dokument"] = documents.collect();
        }
    });
    tarpit
}

/// Lipnice, whose document is at this host, beside Rolava, with a board for each of these publishers.
async fn lipnice_beside(rolava: &[Publisher], host: &str) -> Town {
    let publisher = Publisher::start(0).await;
    let mut entry = notice(&publisher.base, 0);
    entry["dokument"][0]["url"] = json!(format!("{host}/files/{QUICK}"));
    publisher.edit(|shared| shared.notices.push(entry));
    let boards = rolava.iter().enumerate().map(|(n, publisher)| {
        let id = format!("rolava-{n}");
        let table = board_table(&id, &publisher.feed_url(), "town_id = \"rolava\"");
        table.replace(&format!("Město {id}"), "Rolava")
    });
    let boards: String = boards.collect();
    let feed = publisher.feed_url();
    let named = host.trim_start_matches("http://").to_owned();
    Town::with(publisher, |data| {
        let mut config = config(data, &feed, &boards);
        let board = config.boards.iter_mut().find(|one| one.id == "lipnice");
        let hosts = &mut board.unwrap().sources[0].private_hosts;
        hosts.push(NamedHost::try_from(named).unwrap());
        config
    })
    .await
}

/// The documents of Lipnice after a poll, once Rolava's publishers have so many requests and each of its sources fetches.
async fn arrived(town: &Town, rolava: &[Publisher], requests: usize) -> Vec<DocumentRecord> {
    let asked = || rolava.iter().map(Publisher::files_asked).sum::<usize>();
    let sources: Vec<String> = (0..rolava.len()).map(|n| format!("rolava-{n}")).collect();
    let waiting = join_all(sources.iter().map(|source| town.central.poll_now(source)));
    let others = async {
        let database = town.database().await;
        let fetching = "SELECT count(*) FROM job WHERE kind = 'fetch' AND leased_until IS NOT NULL";
        loop {
            let fetching = sqlx::query_scalar::<_, i64>(fetching).fetch_one(&database);
            if fetching.await.unwrap() == rolava.len() as i64 && asked() >= requests {
                break;
            }
        }
        database.close().await;
        town.poll().await;
        Device::new(town, 1).notices().await.notices.remove(0)
    };
    let arrived = tokio::select! {
        _ = waiting => panic!("the slow publishers have not answered"),
        arrived = others => arrived,
    };
    arrived.documents
}

#[tokio::test]
async fn a_publisher_that_never_answers_delays_no_other_town() {
    let slow = [tarpit(20, 100).await];
    let other = tarpit(0, 0).await;
    let town = lipnice_beside(&slow, &other.base).await;
    let documents = arrived(&town, &slow, 2).await;
    assert!(documents[0].content.is_some());
    let asked = slow[0].files_asked();
    assert_eq!(asked, 2, "no third request before an answer");
}

#[tokio::test]
async fn a_town_delays_no_other_at_the_same_host() {
    let slow = [tarpit(20, 100).await];
    let town = lipnice_beside(&slow, &slow[0].base).await;
    let documents = arrived(&town, &slow, 2).await;
    assert!(documents[0].content.is_some());
    let asked = slow[0].files_asked();
    assert_eq!(asked, 2 + 1, "no third request of Rolava before an answer");
}

#[tokio::test]
async fn a_town_with_many_slow_hosts_delays_no_other() {
    // An eighth of the requests over all hosts.
    const SHARE: usize = 8;
    let mut slow = Vec::new();
    for _ in 0..40 {
        slow.push(tarpit(1, 4).await);
    }
    let other = tarpit(0, 0).await;
    let town = lipnice_beside(&slow, &other.base).await;
    let documents = arrived(&town, &slow, SHARE).await;
    assert!(documents[0].content.is_some());
    let asked = slow.iter().map(Publisher::files_asked).sum::<usize>();
    assert_eq!(asked, SHARE);
}

#[tokio::test]
async fn a_document_that_does_not_come_in_time_is_told_as_too_slow() {
    let publisher = tarpit(1, 1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| config(data, &feed, "timeout_seconds = 1")).await;
    town.poll().await;
    let notice = Device::new(&town, 1).notices().await.notices.remove(0);
    let missing = notice.documents[0].missing;
    assert_eq!(missing, Some(MissingReason::TooSlow));
}
