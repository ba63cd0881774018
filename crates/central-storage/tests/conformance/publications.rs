//! Publications and the revisions in them.

use std::sync::Arc;

use chrono::TimeDelta;
use vyveska_central_storage::{
    CurrentNotice, HeldContent, NewPublication, Publication, RevisionContents, ServiceStorage,
    SourceChanges, Storage, StorageError, StoredManifest,
};
use vyveska_wire::manifest::ContentRef;

use super::{add, content, id, manifest, revision, sections, set_contents, start, storage};

fn new(after: i64, notices: &[u8]) -> NewPublication {
    NewPublication {
        after,
        sections: sections(notices),
        manifest: manifest(u64::try_from(after).unwrap() + 1),
        changes_at: Some(start() + TimeDelta::days(1)),
        content: vec![content(notices)],
        revisions: Vec::new(),
    }
}

/// The first revision of a notice.
fn first_of(notice: &str, contents: &[Option<HeldContent>]) -> RevisionContents {
    RevisionContents {
        notice: id(notice),
        number: 1,
        contents: contents.to_vec(),
    }
}

async fn publish(storage: &dyn Storage, board: &str, new: &NewPublication) -> Publication {
    storage.publish(board, new, start()).await.unwrap()
}

async fn current(storage: &dyn Storage) -> Vec<CurrentNotice> {
    storage.current_notices("lipnice").await.unwrap()
}

#[tokio::test]
async fn a_publication_follows_the_one_before_on_its_board() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.publication("lipnice").await.unwrap(), None);
    assert_eq!(storage.newest_publication().await.unwrap(), 0);
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    assert_eq!(first.sections, sections(b"1"));
    let found = storage.publication("lipnice").await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    let other = publish(&*storage, "rolava", &new(0, b"other")).await;
    let second = publish(&*storage, "lipnice", &new(first.id, b"2")).await;
    assert!(first.id < other.id && other.id < second.id);
    assert_eq!(storage.newest_publication().await.unwrap(), second.id);
    let after = async |publication| storage.published_after(publication).await.unwrap();
    let [lipnice, rolava] = [("lipnice", second.id), ("rolava", other.id)]
        .map(|(board, publication)| (board.to_owned(), publication));
    assert_eq!(after(0).await, [rolava.clone(), lipnice.clone()]);
    assert_eq!(after(first.id).await, [rolava, lipnice.clone()]);
    assert_eq!(after(other.id).await, [lipnice]);
    assert_eq!(after(second.id).await, []);
    for after in [0, first.id, other.id, second.id + 1] {
        let late = new(after, b"3");
        let published = storage.publish("lipnice", &late, start()).await;
        assert!(matches!(published, Err(StorageError::Conflict)));
    }
    let found = storage.publication("lipnice").await.unwrap();
    assert_eq!(found, Some(second));
}

#[tokio::test]
async fn of_publishers_at_the_same_time_one_succeeds() {
    let (storage, database) = storage().await;
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    let mut publishers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let storage = database.open().await.unwrap();
        let new = new(first.id, b"2");
        publishers.spawn(async move { storage.publish("lipnice", &new, start()).await });
    }
    let outcomes = publishers.join_all().await;
    let count = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(count, 1, "{outcomes:?}");
    let is_conflict = |one: &&Result<_, _>| matches!(one, Err(StorageError::Conflict));
    assert_eq!(outcomes.iter().filter(is_conflict).count(), 5);
}

#[tokio::test]
async fn a_manifest_comes_with_its_publication_or_not_at_all() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.manifest("lipnice").await.unwrap(), None);
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    let stored = |number, publication: &Publication| StoredManifest {
        number,
        publication: publication.id,
        bytes: manifest(number).bytes,
    };
    let newest = async || storage.manifest("lipnice").await.unwrap().unwrap();
    assert_eq!(newest().await, stored(1, &first));

    // Numbers only grow.
    let again = stored(1_796_000_000_000, &first);
    let added = storage.add_manifest("lipnice", &again, start());
    added.await.unwrap();
    for one in [&again, &stored(5, &first)] {
        let late = storage.add_manifest("lipnice", one, start()).await;
        assert!(matches!(late, Err(StorageError::Conflict)));
        assert_eq!(newest().await, again);
    }
    for number in [6, again.number] {
        let late = NewPublication {
            manifest: manifest(number),
            ..new(first.id, b"2")
        };
        let published = storage.publish("lipnice", &late, start()).await;
        assert!(matches!(published, Err(StorageError::Conflict)));
    }
    let found = storage.publication("lipnice").await.unwrap();
    assert_eq!(found.as_ref(), Some(&first), "nothing was written");
    let next = NewPublication {
        manifest: manifest(again.number + 1),
        ..new(first.id, b"2")
    };
    let second = publish(&*storage, "lipnice", &next).await;
    assert_eq!(newest().await, stored(again.number + 1, &second));

    // Numbers are a board's own.
    publish(&*storage, "rolava", &new(0, b"1")).await;
    let unknown = StoredManifest {
        publication: 77,
        ..again
    };
    let added = storage.add_manifest("hlubina", &unknown, start()).await;
    assert!(matches!(added, Err(StorageError::Conflict)), "{added:?}");
}

#[tokio::test]
async fn a_larger_number_never_names_an_older_publication() {
    let (storage, database) = storage().await;
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    let second = publish(&*storage, "lipnice", &new(first.id, b"2")).await;
    // Another node, which read the first publication before the second one was written.
    let other = database.open().await.unwrap();
    let of = |publication: &Publication| StoredManifest {
        number: 1_796_000_000_000,
        publication: publication.id,
        bytes: Vec::new(),
    };
    let late = other.add_manifest("lipnice", &of(&first), start()).await;
    assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
    let newest = storage.manifest("lipnice").await.unwrap().unwrap();
    assert_eq!(newest.publication, second.id);
    let again = of(&second);
    let added = other.add_manifest("lipnice", &again, start());
    added.await.unwrap();
    assert_eq!(storage.manifest("lipnice").await.unwrap(), Some(again));
}

#[tokio::test]
async fn a_publication_has_one_manifest_however_often_it_is_signed() {
    let (storage, database) = storage().await;
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    let second = publish(&*storage, "lipnice", &new(first.id, b"2")).await;
    // The database refuses two of the same publication from now on.
    database
        .execute("CREATE UNIQUE INDEX one_manifest ON manifest (publication_id)")
        .await;
    for number in [10, 20] {
        let again = StoredManifest {
            number,
            publication: second.id,
            bytes: manifest(number).bytes,
        };
        let added = storage.add_manifest("lipnice", &again, start());
        added.await.unwrap();
        assert_eq!(storage.manifest("lipnice").await.unwrap(), Some(again));
    }
}

#[tokio::test]
async fn the_instant_at_which_a_board_changes_can_be_moved() {
    let (storage, _database) = storage().await;
    let first = publish(&*storage, "lipnice", &new(0, b"1")).await;
    for changes_at in [Some(start() + TimeDelta::microseconds(1)), None] {
        let moved = storage.set_changes_at(first.id, changes_at);
        moved.await.unwrap();
        let found = storage.publication("lipnice").await.unwrap().unwrap();
        assert_eq!(found.changes_at, changes_at);
        assert_eq!(found.created_at, start());
    }
}

#[tokio::test]
async fn what_the_three_newest_publications_of_a_board_name_is_found() {
    let (storage, _database) = storage().await;
    let mut after = 0;
    for n in 1..=4 {
        let bytes = n.to_string();
        after = publish(&*storage, "lipnice", &new(after, bytes.as_bytes()))
            .await
            .id;
    }
    publish(&*storage, "rolava", &new(0, b"1")).await;
    let named = async |board: &'static str, bytes: &[u8]| {
        let hash = ContentRef::to(bytes).hash.0;
        storage.named_content(board, hash).await.unwrap()
    };
    assert_eq!(named("lipnice", b"1").await, None);
    for bytes in [b"2", b"3", b"4"] {
        assert_eq!(named("lipnice", bytes).await, Some(content(bytes)));
    }
    assert_eq!(named("rolava", b"1").await, Some(content(b"1")));
    assert_eq!(named("rolava", b"2").await, None, "a board has its own");
}

#[tokio::test]
async fn a_publication_may_name_thousands_and_one_of_them_twice() {
    let (storage, _database) = storage().await;
    let bytes: Vec<String> = (0..2500).map(|n| n.to_string()).collect();
    let mut named: Vec<HeldContent> = bytes
        .iter()
        .map(|bytes| content(bytes.as_bytes()))
        .collect();
    named.push(named[0].clone());
    named.push(named[1].clone());
    let publication = NewPublication {
        content: named.clone(),
        ..new(0, b"notices")
    };
    publish(&*storage, "lipnice", &publication).await;
    for one in [&named[0], &named[999], &named[1000], &named[2499]] {
        let found = storage.named_content("lipnice", one.hash.0).await.unwrap();
        assert_eq!(found.as_ref(), Some(one));
    }
}

#[tokio::test]
async fn the_documents_of_a_revision_are_set_until_it_is_published() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a", "b"]).await;
    let before = current(&*storage).await;
    assert_eq!(before[0].contents, [None]);
    assert_eq!((before[0].revision, before[0].published), (1, false));
    let contents = [Some(content(b"a plan"))];
    let set = set_contents(&*storage, "a", 1, &contents).await;
    set.unwrap();
    let publication = NewPublication {
        revisions: vec![first_of("a", &contents)],
        ..new(0, b"1")
    };
    publish(&*storage, "lipnice", &publication).await;
    let after = current(&*storage).await;
    let expected = CurrentNotice {
        contents: contents.to_vec(),
        published: true,
        ..before[0].clone()
    };
    assert_eq!(after, [expected, before[1].clone()]);
    for (notice, revision) in [("a", 1), ("b", 2), ("c", 1)] {
        let set = set_contents(&*storage, notice, revision, &[]).await;
        assert!(matches!(set, Err(StorageError::Conflict)), "{notice}");
    }
}

#[tokio::test]
async fn a_revision_has_the_bytes_with_which_it_was_published_first() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let [plan, map] = [b"a plan", b"a map."].map(|bytes| [Some(content(bytes))]);
    let of = |contents: &[Option<HeldContent>], after: i64| NewPublication {
        revisions: vec![first_of("a", contents)],
        ..new(
            after,
            contents[0].as_ref().unwrap().hash.to_string().as_bytes(),
        )
    };
    // Two processes decide on other bytes.
    for contents in [&plan, &map] {
        let set = set_contents(&*storage, "a", 1, contents);
        set.await.unwrap();
    }
    let first = publish(&*storage, "lipnice", &of(&plan, 0)).await;
    let published = "SELECT COUNT(*) FROM revision WHERE published_at IS NOT NULL";
    assert_eq!(current(&*storage).await[0].contents, plan);
    assert_eq!(database.count(published).await, 1);
    let with_map = of(&map, first.id);
    let other = storage.publish("lipnice", &with_map, start()).await;
    assert!(matches!(other, Err(StorageError::Conflict)), "{other:?}");
    assert_eq!(current(&*storage).await[0].contents, plan);
    let newest = storage.publication("lipnice").await.unwrap();
    assert_eq!(newest.as_ref(), Some(&first), "nothing was written");

    let later = start() + TimeDelta::days(1);
    let with_plan = of(&plan, first.id);
    let again = storage.publish("lipnice", &with_plan, later);
    let again = again.await.unwrap();
    let since = "SELECT COUNT(*) FROM revision JOIN publication ON published_at = publication.created_at \
                 WHERE notice_id = 'a' AND id = (SELECT min(id) FROM publication)";
    assert_eq!(database.count(since).await, 1, "since the first");
    let unknown = NewPublication {
        revisions: vec![first_of("unknown", &[])],
        ..new(again.id, b"3")
    };
    let unknown = storage.publish("lipnice", &unknown, start()).await;
    assert!(
        matches!(unknown, Err(StorageError::Conflict)),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn another_revision_follows_the_newest() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let first = current(&*storage).await.remove(0);
    let second = CurrentNotice {
        revision: 2,
        contents: vec![Some(content(b"another plan"))],
        salt: "another salt".to_owned(),
        ..first.clone()
    };
    let add = |storage: Arc<dyn ServiceStorage>, notice: CurrentNotice| async move {
        storage.add_revisions(&[notice], start()).await
    };
    let other = database.open().await.unwrap();
    let (one, two) = tokio::join!(
        add(storage.clone(), second.clone()),
        add(other, second.clone())
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(matches!(one.and(two), Err(StorageError::Conflict)));
    assert_eq!(current(&*storage).await, std::slice::from_ref(&second));
    let too_far = CurrentNotice {
        revision: 4,
        ..second
    };
    for notice in [first, too_far] {
        let added = add(storage.clone(), notice).await;
        assert!(matches!(added, Err(StorageError::Conflict)));
    }
}

#[tokio::test]
async fn the_revisions_of_a_source_change_all_or_none() {
    let (storage, _database) = storage().await;
    let names: Vec<String> = (0..1001).map(|n| format!("{n:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    add(&*storage, "lipnice", &names).await;
    let before = current(&*storage).await;
    let mut revisions: Vec<_> = before
        .iter()
        .map(|notice| RevisionContents {
            contents: vec![Some(content(b"a plan"))],
            ..notice.revision_contents()
        })
        .collect();
    revisions[1000].number = 2;
    let set = storage.set_contents(&revisions).await;
    assert!(matches!(set, Err(StorageError::Conflict)), "{set:?}");
    assert_eq!(current(&*storage).await, before);
    let mut next = before.clone();
    for notice in &mut next {
        notice.revision = 2;
        notice.contents = vec![Some(content(b"a plan"))];
    }
    next[1000].revision = 3;
    let added = storage.add_revisions(&next, start()).await;
    assert!(matches!(added, Err(StorageError::Conflict)), "{added:?}");
    assert_eq!(current(&*storage).await, before);

    revisions[1000].number = 1;
    storage.set_contents(&revisions).await.unwrap();
    let set = current(&*storage).await;
    assert!(
        set.iter()
            .all(|notice| notice.contents == revisions[0].contents)
    );
    next[1000].revision = 2;
    storage.add_revisions(&next, start()).await.unwrap();
    assert_eq!(current(&*storage).await, next);
}

#[tokio::test]
async fn what_was_received_stays_of_the_newest_revision_alone() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a", "b"]).await;
    let received = "SELECT COUNT(*) FROM revision WHERE raw <> ''";
    for n in 0..3 {
        let revised = revision("a", &format!("Název {n}"));
        let changes = SourceChanges {
            revised: vec![revised],
            ..SourceChanges::default()
        };
        let version = storage.source_state("lipnice").await.unwrap().version;
        let applied = storage.apply("lipnice", version, &changes, start());
        applied.await.unwrap();
        let mut next = current(&*storage).await.remove(0);
        next.revision += 1;
        storage.add_revisions(&[next], start()).await.unwrap();
        assert_eq!(database.count(received).await, 2);
    }
    let last = "SELECT COUNT(*) FROM revision JOIN notice ON notice.id = notice_id \
                AND number = notice.revision WHERE (notice.id = 'a' AND raw LIKE '%Název 2%') \
                OR (notice.id = 'b' AND raw LIKE '%b%')";
    assert_eq!(database.count(last).await, 2);
    let facts = "SELECT COUNT(*) FROM revision WHERE facts <> ''";
    assert_eq!(database.count(facts).await, 8);
}

#[tokio::test]
async fn withdrawn_notices_are_not_current() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a", "b"]).await;
    add(&*storage, "rolava", &["c"]).await;
    let changes = SourceChanges {
        withdrawn: vec![id("a")],
        ..SourceChanges::default()
    };
    let applied = storage.apply("lipnice", 1, &changes, start());
    applied.await.unwrap();
    let left = current(&*storage).await;
    let ids: Vec<&str> = left.iter().map(|notice| notice.id.as_str()).collect();
    assert_eq!(ids, ["b"]);
}
