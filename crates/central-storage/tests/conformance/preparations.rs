//! Results of preparing documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_central_storage::{
    Drawing, HeldContent, Preparation, PreparationResult, PreparationStage, PreparationTask,
    ServiceStorage, StorageError, StoredExamination,
};
use vyveska_wire::manifest::ContentRef;

use super::boards::{board, save};
use super::documents::{fetch, want};
use super::{content, lease_time, start, storage};
use crate::TestDatabase;

const TEXT: PreparationStage = PreparationStage::Text;
const RECOGNITION: PreparationStage = PreparationStage::Recognition;
const DRAWING: PreparationStage = PreparationStage::Drawing;

/// A database in which two towns want the same document, and one another.
struct World {
    storage: Arc<dyn ServiceStorage>,
    database: TestDatabase,
    now: DateTime<Utc>,
}

impl World {
    async fn new() -> Self {
        let (storage, database) = storage().await;
        want(&*storage, "lipnice", &["a.pdf"]).await;
        want(&*storage, "rolava", &["b.pdf", "c.pdf"]).await;
        fetch(&*storage, "lipnice", "a.pdf", &content(b"shared")).await;
        fetch(&*storage, "rolava", "b.pdf", &content(b"shared")).await;
        let longer = content(b"its own, and longer");
        fetch(&*storage, "rolava", "c.pdf", &longer).await;
        Self {
            storage,
            database,
            now: start(),
        }
    }

    async fn claim(&self, stage: PreparationStage, method: u32) -> Option<PreparationTask> {
        claim(&*self.storage, stage, method, self.now).await
    }

    async fn record(
        &self,
        task: &PreparationTask,
        method: u32,
        result: PreparationResult,
    ) -> BTreeSet<String> {
        let storage = &self.storage;
        let recorded = storage.record_preparation(task, method, &result, self.now, self.now);
        recorded.await.unwrap()
    }

    async fn draw(
        &self,
        task: &PreparationTask,
        method: u32,
        drawing: Option<&Drawing>,
    ) -> BTreeSet<String> {
        let (storage, now) = (&self.storage, self.now);
        let recorded = storage.record_drawing(task, method, drawing, "{}", now, now);
        recorded.await.unwrap()
    }

    async fn drawing(&self, task: &PreparationTask) -> Drawing {
        let found = self.storage.preparations("rolava").await.unwrap();
        found[&task.content.hash.0].drawing.clone()
    }
}

async fn claim(
    storage: &dyn ServiceStorage,
    stage: PreparationStage,
    method: u32,
    now: DateTime<Utc>,
) -> Option<PreparationTask> {
    let claimed = storage.claim_preparation(stage, method, lease_time(now));
    claimed.await.unwrap()
}

fn made(text: Option<&[u8]>, recognise: bool) -> PreparationResult {
    PreparationResult::Made {
        pages: 2,
        text: text.map(ContentRef::to),
        recognise,
    }
}

fn drawn(rendition: &[u8], doubtful_pages: &[u32]) -> Drawing {
    Drawing {
        rendition: Some(ContentRef::to(rendition)),
        doubtful_pages: doubtful_pages.to_vec(),
    }
}

fn towns(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_document_is_leased_by_one_until_the_lease_ends() {
    let mut world = World::new().await;
    let first = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(first.content, content(b"shared"), "the smaller one");
    let second = world.claim(TEXT, 1).await.unwrap();
    assert_ne!(second.content.hash, first.content.hash);
    assert_eq!(world.claim(TEXT, 1).await, None);

    world.now += TimeDelta::minutes(6);
    let again = world.claim(TEXT, 1).await.unwrap();
    assert_eq!((&again.content, again.job.attempts), (&first.content, 2));
    let released = world.storage.release(&again.job, world.now);
    released.await.unwrap();
    let given_back = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(
        (given_back.content, given_back.job.attempts),
        (first.content, 2)
    );
}

#[tokio::test]
async fn a_lease_that_is_renewed_does_not_end() {
    let mut world = World::new().await;
    let first = world.claim(TEXT, 1).await.unwrap();
    let until = world.now + TimeDelta::minutes(20);
    let renewed = world.storage.renew(&first.job, until);
    renewed.await.unwrap();
    world.now += TimeDelta::minutes(19);
    let other = world.claim(TEXT, 1).await.unwrap();
    assert_ne!(other.content.hash, first.content.hash);
    assert_eq!(world.claim(TEXT, 1).await, None);
}

#[tokio::test]
async fn of_several_at_the_same_time_each_gets_another_document() {
    let (storage, database) = storage().await;
    let names: Vec<String> = (0..12).map(|n| format!("{n}.pdf")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Every document is in both towns.
    for source in ["lipnice", "rolava"] {
        want(&*storage, source, &names).await;
        for name in &names {
            fetch(&*storage, source, name, &content(name.as_bytes())).await;
        }
    }
    let mut claims = tokio::task::JoinSet::new();
    for _ in &names {
        // A process of its own each.
        let storage = database.open().await.unwrap();
        claims.spawn(async move { claim(&*storage, TEXT, 1, start()).await });
    }
    let claimed = claims.join_all().await;
    let hashes: BTreeSet<_> = claimed
        .iter()
        .map(|task| task.as_ref().expect("one for each").content.hash)
        .collect();
    assert_eq!(hashes.len(), names.len());
    assert!(claimed.iter().flatten().all(|task| task.job.attempts == 1));
}

#[tokio::test]
async fn what_was_made_is_told_to_every_town_that_has_the_document() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    let sources = world.record(&task, 1, made(Some(b"text"), true)).await;
    assert_eq!(sources, towns(&["lipnice", "rolava"]));
    for source in ["lipnice", "rolava"] {
        let found = world.storage.preparations(source).await.unwrap();
        let expected = Preparation {
            pages: Some(2),
            text: Some(ContentRef::to(b"text")),
            drawing: Drawing::default(),
        };
        assert_eq!(found.get(&task.content.hash.0), Some(&expected));
    }
    let recognised = world.claim(RECOGNITION, 1).await.unwrap();
    assert_eq!(recognised.content, task.content);
    let sources = world
        .record(&recognised, 1, made(Some(b"text"), false))
        .await;
    assert_eq!(sources, towns(&[]), "nothing new came of it");
    assert_eq!(world.claim(RECOGNITION, 1).await, None);
}

#[tokio::test]
async fn a_document_is_examined_once_it_was_read_and_by_each_newer_method() {
    let world = World::new().await;
    assert_eq!(world.claim(DRAWING, 3).await, None, "nothing was read");
    let task = world.claim(TEXT, 1).await.unwrap();
    world.record(&task, 1, made(None, false)).await;
    let task = world.claim(DRAWING, 3).await.unwrap();
    assert_eq!(world.claim(DRAWING, 3).await, None, "it is leased");
    world.draw(&task, 3, Some(&Drawing::default())).await;
    assert_eq!(world.claim(DRAWING, 3).await, None);
    assert_eq!(
        world.claim(DRAWING, 2).await,
        None,
        "another node knows less"
    );
    assert_eq!(world.claim(DRAWING, 4).await, Some(task));
}

#[tokio::test]
async fn how_a_document_is_drawn_is_kept_and_every_change_of_it_is_told() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    let both = towns(&["lipnice", "rolava"]);
    for (drawing, told) in [
        (drawn(b"%PDF drawn", &[1, 7]), &both),
        (drawn(b"%PDF drawn", &[1, 7]), &towns(&[])),
        (drawn(b"%PDF drawn", &[7]), &both),
        (drawn(b"%PDF better", &[7]), &both),
        (Drawing::default(), &both),
        (drawn(b"%PDF drawn", &[1]), &both),
    ] {
        let sources = world.draw(&task, 1, Some(&drawing)).await;
        assert_eq!(sources, *told, "{drawing:?}");
        assert_eq!(world.drawing(&task).await, drawing);
    }
    // Neither a failed examination nor another text changes it.
    assert_eq!(world.draw(&task, 2, None).await, towns(&[]));
    world.record(&task, 2, made(Some(b"text"), false)).await;
    assert_eq!(world.drawing(&task).await, drawn(b"%PDF drawn", &[1]));
}

#[tokio::test]
async fn what_engines_last_said_of_wanted_documents_is_kept_with_its_time() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    let examinations = async |source: &str| world.storage.examinations(source).await.unwrap();
    assert!(examinations("lipnice").await.is_empty(), "nobody was asked");
    for (minutes, record) in [(1, "{}"), (2, "{\"pages\":[]}")] {
        let now = world.now + TimeDelta::minutes(minutes);
        let drawing = Drawing::default();
        let (storage, drawing) = (&world.storage, Some(&drawing));
        let recorded = storage.record_drawing(&task, 1, drawing, record, now, now);
        recorded.await.unwrap();
        let expected = StoredExamination {
            at: now,
            record: record.to_owned(),
        };
        for source in ["lipnice", "rolava"] {
            let found = examinations(source).await;
            assert!(found.into_values().eq([expected.clone()]));
        }
    }
    want(&*world.storage, "lipnice", &[]).await;
    assert!(examinations("lipnice").await.is_empty());
}

#[tokio::test]
async fn the_text_is_made_anew_where_the_rendition_changes() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(task.rendition, None);
    world.record(&task, 1, made(Some(b"text"), true)).await;
    let other = world.claim(TEXT, 1).await.unwrap();
    world.record(&other, 1, made(None, false)).await;
    for (drawing, is_new) in [
        (drawn(b"%PDF drawn", &[]), true),
        (drawn(b"%PDF drawn", &[3]), false),
        (drawn(b"%PDF better", &[3]), true),
        (Drawing::default(), true),
    ] {
        world.draw(&task, 1, Some(&drawing)).await;
        let found = world.storage.preparations("lipnice").await.unwrap();
        assert!(found[&task.content.hash.0].text.is_some(), "until then");
        let again = world.claim(TEXT, 1).await;
        assert_eq!(again.is_some(), is_new, "{drawing:?}");
        if let Some(again) = again {
            assert_eq!(again.content, task.content);
            assert_eq!(again.rendition, drawing.rendition);
            world.record(&again, 1, made(Some(b"text"), true)).await;
        }
        let recognised = world.claim(RECOGNITION, 1).await.unwrap();
        assert_eq!(recognised.rendition, drawing.rendition);
        let released = world.storage.release(&recognised.job, world.now);
        released.await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_rendition_is_made_again() {
    let world = World::new().await;
    for _ in 0..2 {
        let task = world.claim(TEXT, 1).await.unwrap();
        world.record(&task, 1, made(None, false)).await;
        let rendition = drawn(&task.content.size_bytes.to_le_bytes(), &[]);
        world.draw(&task, 1, Some(&rendition)).await;
        let task = world.claim(TEXT, 1).await.unwrap();
        world.record(&task, 1, made(None, false)).await;
    }
    assert_eq!(world.claim(DRAWING, 1).await, None);
    let found = world.storage.preparations("lipnice").await.unwrap();
    let (document, prepared) = found.first_key_value().unwrap();
    let lost = [prepared.drawing.rendition.unwrap().hash.0].into();
    let requeue = world.storage.requeue_lost_content(&lost, world.now);
    requeue.await.unwrap();
    let again = world.claim(DRAWING, 1).await.unwrap();
    assert_eq!(again.content.hash.0, *document);
    assert_eq!(world.claim(DRAWING, 1).await, None, "only that one");
    assert_eq!(world.claim(TEXT, 1).await, None, "its text is there");
}

#[tokio::test]
async fn a_lost_rendition_is_made_again_before_the_text_that_is_made_of_it() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    let other = world.claim(TEXT, 1).await.unwrap();
    world.record(&other, 1, made(None, false)).await;
    let rendition = drawn(b"%PDF drawn", &[]);
    world.record(&task, 1, made(Some(b"text"), true)).await;
    world.draw(&task, 1, Some(&rendition)).await;
    let lost = ContentRef::to(b"%PDF drawn").hash.0;
    // Of a text that was not made yet, of one that is lost too, and of pages that wait to be recognised.
    for text_lost in [None, Some(ContentRef::to(b"text").hash.0), None] {
        let all = [lost].into_iter().chain(text_lost).collect();
        let requeued = world.storage.requeue_lost_content(&all, world.now);
        requeued.await.unwrap();
        assert_eq!(world.claim(TEXT, 1).await, None);
        assert_eq!(world.claim(RECOGNITION, 1).await, None);
        let again = world.claim(DRAWING, 1).await.unwrap();
        assert_eq!(again.content, task.content);
        world.draw(&again, 1, Some(&rendition)).await;
        if let Some(task) = world.claim(TEXT, 1).await {
            assert_eq!(task.rendition, rendition.rendition);
            world.record(&task, 1, made(Some(b"text"), true)).await;
        }
    }
    let recognised = world.claim(RECOGNITION, 1).await.unwrap();
    assert_eq!(recognised.rendition, rendition.rendition);
}

#[tokio::test]
async fn what_failed_is_tried_again_by_a_newer_version_and_leaves_what_was_made_before() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    world.record(&task, 1, made(Some(b"text"), false)).await;
    let other = world.claim(TEXT, 1).await.unwrap();
    let failed = || PreparationResult::Failed {
        error: "damaged".to_owned(),
    };
    assert_eq!(world.record(&other, 1, failed()).await, towns(&[]));
    assert_eq!(world.claim(TEXT, 1).await, None);

    let anew = world.claim(TEXT, 2).await.unwrap();
    assert_eq!((&anew.content, anew.job.attempts), (&task.content, 1));
    assert_eq!(world.record(&anew, 2, failed()).await, towns(&[]));
    let kept = world.storage.preparations("lipnice").await.unwrap();
    assert!(kept[&task.content.hash.0].text.is_some());
    assert!(world.claim(TEXT, 2).await.is_some());
}

#[tokio::test]
async fn an_attempt_that_failed_is_made_again_at_its_time() {
    let mut world = World::new().await;
    let first = world.claim(TEXT, 1).await.unwrap();
    let later = world.now + TimeDelta::minutes(10);
    let failed = world.storage.retry(&first.job, "out of memory", later);
    failed.await.unwrap();
    let other = world.claim(TEXT, 1).await.unwrap();
    assert_ne!(other.content.hash, first.content.hash);
    assert_eq!(world.claim(TEXT, 1).await, None, "it waits");
    world.record(&other, 1, made(None, false)).await;
    world.now = later;
    let again = world.claim(TEXT, 1).await.unwrap();
    assert_eq!((&again.content, again.job.attempts), (&first.content, 2));

    // Another stage has its own attempts.
    world.record(&again, 1, made(None, false)).await;
    let drawing = world.claim(DRAWING, 1).await.unwrap();
    assert_eq!(
        (&drawing.content, drawing.job.attempts),
        (&first.content, 1)
    );
}

#[tokio::test]
async fn a_wrong_clock_delays_no_preparation() {
    let mut world = World::new().await;
    let mended = world.now - TimeDelta::days(365);
    world.claim(TEXT, 1).await.unwrap();
    let failed = world.claim(TEXT, 1).await.unwrap();
    let failed = world.storage.retry(&failed.job, "it died", world.now);
    failed.await.unwrap();
    world.now = mended;
    for _ in 0..2 {
        assert!(world.claim(TEXT, 1).await.is_some());
    }
}

#[tokio::test]
async fn what_a_late_holder_made_is_stored_and_the_job_stays_its_new_holders() {
    let mut world = World::new().await;
    let late = world.claim(TEXT, 1).await.unwrap();
    world.now += TimeDelta::minutes(6);
    let again = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(again.content, late.content);
    world.record(&late, 1, made(Some(b"text"), false)).await;
    let found = world.storage.preparations("lipnice").await.unwrap();
    assert!(found[&late.content.hash.0].text.is_some());
    let until = world.now + TimeDelta::minutes(20);
    world.storage.renew(&again.job, until).await.unwrap();

    // A job that is made again is another one.
    world.record(&again, 1, made(Some(b"text"), false)).await;
    world.now += TimeDelta::minutes(6);
    let anew = world.claim(TEXT, 2).await.unwrap();
    assert_eq!(anew.content, late.content);
    for former in [&late, &again] {
        let renewed = world.storage.renew(&former.job, until).await;
        assert!(matches!(renewed, Err(StorageError::Conflict)));
    }
}

#[tokio::test]
async fn nothing_is_kept_of_what_was_made_of_bytes_that_are_gone() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    for source in ["lipnice", "rolava"] {
        want(&*world.storage, source, &[]).await;
    }
    let later = world.now + TimeDelta::days(1);
    let forgotten = world.storage.forget_documents(later, 10);
    assert_eq!(forgotten.await.unwrap(), 3);
    let hash = task.content.hash.0;
    assert!(world.storage.forget_content(hash).await.unwrap());
    let renewed = world.storage.renew(&task.job, later).await;
    assert!(matches!(renewed, Err(StorageError::Conflict)), "it is gone");
    world.record(&task, 1, made(Some(b"text"), false)).await;
    world.draw(&task, 1, Some(&drawn(b"%PDF", &[]))).await;
    let text = BTreeSet::from([ContentRef::to(b"text").hash.0]);
    let unnamed = world.storage.unnamed_content(&text, world.now, later);
    assert_eq!(unnamed.await.unwrap(), text);
}

#[tokio::test]
async fn towns_take_turns_and_each_has_its_small_documents_first() {
    let (storage, database) = storage().await;
    let boards = [
        board("lipnice", "lipnice", &["lipnice"]),
        board("rolava", "rolava", &["rolava"]),
    ];
    save(&*storage, &[&boards[0], &boards[1]]).await;
    let documents: [(&str, &str, &[u8]); 4] = [
        ("lipnice", "1", b"1"),
        ("lipnice", "22", b"22"),
        ("lipnice", "333", b"333"),
        ("rolava", "long", b"much longer than those"),
    ];
    want(&*storage, "lipnice", &["1", "22", "333"]).await;
    want(&*storage, "rolava", &["long"]).await;
    for (source, name, bytes) in documents {
        fetch(&*storage, source, name, &content(bytes)).await;
    }
    let own = content(b"a plan of its own, which is longer still");
    let registered =
        storage.register_documents("board:rolava", std::slice::from_ref(&own), start());
    registered.await.unwrap();
    let mut world = World {
        storage,
        database,
        now: start(),
    };
    let mut sizes = Vec::new();
    while let Some(task) = world.claim(TEXT, 1).await {
        sizes.push((task.job.town().map(str::to_owned), task.content.size_bytes));
        world.now += TimeDelta::seconds(1);
    }
    let expected = [
        ("lipnice", 1),
        ("rolava", documents[3].2.len() as u64),
        ("lipnice", 2),
        ("rolava", own.size_bytes),
        ("lipnice", 3),
    ];
    assert_eq!(
        sizes,
        expected.map(|(town, size)| (Some(town.to_owned()), size))
    );
}

#[tokio::test]
async fn documents_that_are_no_longer_wanted_are_not_prepared() {
    let world = World::new().await;
    for source in ["lipnice", "rolava"] {
        want(&*world.storage, source, &[]).await;
    }
    assert_eq!(world.claim(TEXT, 1).await, None);
}

#[tokio::test]
async fn a_document_of_unknown_size_is_prepared_first() {
    let world = World::new().await;
    world
        .database
        .execute(
            "UPDATE document SET size_bytes = NULL WHERE url = 'https://lipnice.example/c.pdf'",
        )
        .await;
    let first = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(first.content.hash, content(b"its own, and longer").hash);
}

#[tokio::test]
async fn a_text_that_is_lost_is_made_again() {
    let world = World::new().await;
    let task = world.claim(TEXT, 1).await.unwrap();
    world.record(&task, 1, made(Some(b"text"), false)).await;
    let other = world.claim(TEXT, 1).await.unwrap();
    world.record(&other, 1, made(None, false)).await;
    assert_eq!(world.claim(TEXT, 1).await, None);
    let lost = BTreeSet::from([ContentRef::to(b"text").hash.0]);
    let requeued = world.storage.requeue_lost_content(&lost, world.now);
    requeued.await.unwrap();
    assert_eq!(world.claim(TEXT, 1).await, Some(task));
    assert_eq!(world.claim(TEXT, 1).await, None);
}

#[tokio::test]
async fn a_boards_own_documents_are_prepared() {
    let (storage, database) = storage().await;
    let world = World {
        storage,
        database,
        now: start(),
    };
    let plan = content(b"a plan");
    let register = async |documents: &[HeldContent]| {
        let storage = &world.storage;
        let registered = storage.register_documents("board:lipnice", documents, start());
        registered.await.unwrap();
        storage.preparations("board:lipnice").await.unwrap()
    };
    register(std::slice::from_ref(&plan)).await;
    let task = world.claim(TEXT, 1).await.unwrap();
    assert_eq!(task.content, plan);
    let sources = world.record(&task, 1, made(Some(b"text"), false)).await;
    assert_eq!(sources, towns(&["board:lipnice"]));

    // Registering again loses nothing; a document left out is no longer the board's.
    let kept = register(std::slice::from_ref(&plan)).await;
    assert_eq!(kept[&plan.hash.0].pages, Some(2));
    assert!(register(&[]).await.is_empty());
}
