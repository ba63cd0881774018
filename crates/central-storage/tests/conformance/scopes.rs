//! Scopes: three towns, each of which sees and changes only its own.

use chrono::TimeDelta;
use vyveska_board::{DocumentHash, MissingReason};
use vyveska_central_storage::{
    Actor, AlarmSubject, DocumentResult, DocumentTask, Drawing, FetchState, HoldReason,
    NewPublication, PreparationResult, PreparationStage, PreparationTask, RegisteredDisplay,
    RevisionContents, Scope, ServiceStorage, SourceBoard, SourceChanges, Storage, StorageError,
    StoredAssignment, StoredBoard, StoredManifest,
};
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::survey::{NumberedAnswer, SurveyAnswer};

use super::boards::{board, save};
use super::displays::{key, register};
use super::documents::{fetch, want};
use super::sources::hold;
use super::statuses::status;
use super::{add, address, content, id, lease_time, manifest, of_job, sections, start, storage};

const TOWNS: [&str; 3] = ["lipnice", "rolava", "zdar"];

/// The names under which a town keeps notices and its own documents.
fn sources(town: &str) -> [String; 2] {
    [town.to_owned(), format!("board:{town}")]
}

fn display(town: &str) -> RegisteredDisplay {
    let number = TOWNS.iter().position(|one| *one == town).unwrap_or(9);
    RegisteredDisplay {
        id: key(u8::try_from(number).unwrap()).id(),
        board: town.to_owned(),
        registered_at: start(),
    }
}

fn document(name: &str) -> DocumentHash {
    content(name.as_bytes()).hash.0
}

/// The alarms of a town.
fn alarms(town: &str) -> [(&'static str, AlarmSubject<'_>); 2] {
    [
        ("shortened", AlarmSubject::Board(town)),
        ("unread", AlarmSubject::Source(town)),
    ]
}

/// A document that cannot be fetched.
fn task(town: &str) -> DocumentTask {
    DocumentTask {
        source: town.to_owned(),
        url: address("missing.pdf"),
        held: None,
        missing: None,
        etag: None,
        failures: 0,
    }
}

fn answer(number: u64) -> NumberedAnswer {
    NumberedAnswer {
        number,
        answer: SurveyAnswer {
            survey: "park".to_owned(),
            question: "benches".to_owned(),
            answer: "4".to_owned(),
            day: "2026-11-20".parse().unwrap(),
        },
    }
}

async fn claim(storage: &dyn ServiceStorage, stage: PreparationStage) -> Option<PreparationTask> {
    let claimed = storage.claim_preparation(stage, 1, lease_time(start()));
    claimed.await.unwrap()
}

/// What is made of the documents of a town: a text and a rendition.
fn made(town: &str) -> [ContentRef; 2] {
    ["text", "rendition"].map(|what| ContentRef::to(format!("{what} of {town}").as_bytes()))
}

/// Has the only document that waits prepared.
async fn prepare(storage: &dyn ServiceStorage, town: &str) {
    let [text, rendition] = made(town);
    let read = async || {
        let result = PreparationResult::Made {
            pages: 1,
            text: Some(text),
            recognise: false,
        };
        let task = claim(storage, PreparationStage::Text).await.unwrap();
        let recorded = storage.record_preparation(&task, 1, &result, start(), start());
        recorded.await.unwrap();
    };
    read().await;
    let drawing = Drawing {
        rendition: Some(rendition),
        doubtful_pages: Vec::new(),
    };
    let task = claim(storage, PreparationStage::Drawing).await.unwrap();
    let recorded = storage.record_drawing(&task, 1, Some(&drawing), "{}", start(), start());
    recorded.await.unwrap();
    // What is drawn in its place is another.
    read().await;
}

/// Fills every table with rows of a town.
async fn fill(storage: &dyn ServiceStorage, town: &str, number: u8) {
    let live = format!("{town} live");
    let ended = format!("{town} ended");
    let name = format!("{town}.pdf");
    save(storage, &[&board(town, town, &[town])]).await;
    register(storage, &key(number), town).await;
    add(storage, town, &[&live, &ended]).await;
    let changes = SourceChanges {
        board: Some(SourceBoard {
            iri: format!("https://{town}.example/deska"),
            name: [("cs".to_owned(), town.to_owned())].into(),
            page: None,
            operator_ico: None,
        }),
        ended: vec![id(&ended)],
        hold: Some(hold(HoldReason::Drop, 1)),
        ..SourceChanges::default()
    };
    let version = storage.source_state(town).await.unwrap().version;
    let applied = storage.apply(town, version, &changes, start());
    applied.await.unwrap();
    want(storage, town, &[&name, "missing.pdf"]).await;
    fetch(storage, town, &name, &content(name.as_bytes())).await;
    prepare(storage, town).await;
    let failed = DocumentResult::Failed {
        error: "404".to_owned(),
        reason: MissingReason::NotFound,
    };
    let task = task(town);
    let recorded = storage.record(&task, &failed, start(), start(), start());
    recorded.await.unwrap();
    let own = [content(format!("{town}'s own").as_bytes())];
    let [_, ledger] = sources(town);
    let registered = storage.register_documents(&ledger, &own, start());
    registered.await.unwrap();
    prepare(storage, town).await;
    let state = FetchState {
        failures: 1,
        ..FetchState::default()
    };
    storage.set_fetch_state(town, &state).await.unwrap();
    let new = NewPublication {
        after: 0,
        sections: sections(town.as_bytes()),
        manifest: manifest(1),
        changes_at: None,
        content: own.to_vec(),
        revisions: Vec::new(),
    };
    storage.publish(town, &new, start()).await.unwrap();
    let assignment = StoredAssignment {
        number: 1,
        bytes: vec![number],
    };
    let display = display(town);
    let set = storage.set_assignment(&display.id, &assignment);
    set.await.unwrap();
    let taken = storage
        .take_answers(&display, "", &[answer(1)], start(), 10)
        .await;
    assert!(taken.unwrap());
    let told = [status(&display.id, 1, "fine", start())];
    storage.set_statuses(&told, start()).await.unwrap();
    for (kind, subject) in alarms(town) {
        let raised = storage.raise_alarm(kind, subject, town, start());
        assert!(raised.await.unwrap());
    }
}

/// What is read of a town by its names, method by method.
async fn read(storage: &dyn Storage, town: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut note = |what: &dyn std::fmt::Debug| found.push(format!("{what:?}"));
    let keys = [format!("{town} ended")].into();
    let later = start() + TimeDelta::days(2);
    for source in sources(town) {
        note(&storage.fetch_state(&source).await.unwrap());
        note(&storage.source_state(&source).await.unwrap());
        note(&storage.archived(&source, &keys).await.unwrap());
        note(&storage.source_board(&source).await.unwrap());
        note(&storage.due(&source, later, later, 10).await.unwrap());
        note(&storage.next_due(&source).await.unwrap());
        note(&storage.contents(&source).await.unwrap());
        note(&storage.missing(&source).await.unwrap());
        note(&storage.preparations(&source).await.unwrap());
        note(&storage.examinations(&source).await.unwrap());
        note(&storage.current_notices(&source).await.unwrap());
    }
    let own = document(&format!("{town}'s own"));
    note(&storage.publication(town).await.unwrap());
    note(&storage.manifest(town).await.unwrap());
    note(&storage.named_content(town, own).await.unwrap());
    let display = display(town).id;
    let known = storage.display(&display).await.unwrap();
    note(&known.map(|display| display.board));
    note(&storage.assignment(&display).await.unwrap());
    let state = storage.display_state(display.as_str()).await.unwrap();
    note(&state.map(|state| state.heard));
    found
}

/// The towns that lists name, list by list.
async fn listed(storage: &dyn Storage) -> Vec<Vec<String>> {
    let boards = storage.boards().await.unwrap().into_iter();
    let held = storage.held().await.unwrap().into_iter();
    let alarms = storage.alarms().await.unwrap().into_iter();
    let answers = storage.count_answers().await.unwrap().into_iter();
    let published = storage.published_after(0).await.unwrap().into_iter();
    let displays = storage.display_states().await.unwrap().into_iter();
    let with_sources = boards.flat_map(|board| {
        let sources = board.sources.into_iter().map(|source| source.id);
        sources.chain([board.id])
    });
    [
        with_sources.collect::<Vec<_>>(),
        held.map(|one| one.source).collect(),
        alarms.map(|one| one.subject).collect(),
        answers.map(|one| one.board).collect(),
        published.map(|(board, _)| board).collect(),
        displays.map(|one| one.board).collect(),
    ]
    .map(|mut names| {
        names.sort();
        names.dedup();
        names
    })
    .into()
}

/// What comes of every change of a town's rows; `whole` tells what a change has to know.
async fn change(
    storage: &dyn Storage,
    whole: &dyn Storage,
    town: &str,
) -> Vec<(&'static str, Result<(), StorageError>)> {
    let mut outcomes = Vec::new();
    let mut note = |what, outcome| outcomes.push((what, outcome));
    let live = id(&format!("{town} live"));
    let now = start() + TimeDelta::minutes(1);
    let display = display(town);
    let version = async || whole.source_state(town).await.unwrap().version;
    let begin = async || storage.begin(super::boards::clerk(), now).await.unwrap();

    let state = whole.fetch_state(town).await.unwrap();
    note("fetch", storage.set_fetch_state(town, &state).await);
    let nothing = SourceChanges::default();
    let applied = storage.apply(town, version().await, &nothing, now).await;
    note("apply", applied);
    note("revive", storage.revive_ended(town, now).await);
    let (task, result) = (task(town), DocumentResult::NotModified);
    let recorded = storage.record(&task, &result, now, now, now).await;
    note("record", recorded.map(drop));
    let [_, ledger] = sources(town);
    let registered = storage.register_documents(&ledger, &[], now).await;
    note("documents", registered);
    let mut notice = whole.current_notices(town).await.unwrap().remove(0);
    let contents = [notice.revision_contents()];
    note("contents", storage.set_contents(&contents).await);
    notice.revision += 1;
    note("revision", storage.add_revisions(&[notice], now).await);
    let before = whole.publication(town).await.unwrap().unwrap().id;
    let number = whole.manifest(town).await.unwrap().unwrap().number;
    note("changes at", storage.set_changes_at(before, None).await);
    let again = StoredManifest {
        number: number + 1,
        publication: before,
        bytes: Vec::new(),
    };
    let added = storage.add_manifest(town, &again, now).await;
    note("manifest", added);
    let new = NewPublication {
        after: before,
        sections: sections(b"another"),
        manifest: manifest(number + 2),
        changes_at: None,
        content: Vec::new(),
        revisions: vec![RevisionContents {
            notice: live,
            number: 2,
            contents: Vec::new(),
        }],
    };
    let published = storage.publish(town, &new, now).await;
    note("publish", published.map(drop));
    let assignment = StoredAssignment {
        number: 2,
        bytes: Vec::new(),
    };
    let set = storage.set_assignment(&display.id, &assignment).await;
    note("assignment", set);
    let answers = [answer(2)];
    let taken = storage.take_answers(&display, "", &answers, now, 10);
    note("answers", taken.await.map(drop));
    for (kind, subject) in [
        ("board alarm", AlarmSubject::Board(town)),
        ("source alarm", AlarmSubject::Source(town)),
    ] {
        let raised = storage.raise_alarm(kind, subject, "new", now).await;
        note(kind, raised.map(drop));
    }
    let saved = begin()
        .await
        .save_boards(&[board(town, town, &[town])])
        .await;
    note("board", saved);
    let held = whole.held().await.unwrap();
    let held = held.iter().find(|one| one.source == town).unwrap();
    let accepted = begin().await.accept(held, version().await, &nothing).await;
    note("accept", accepted);
    let registered = begin().await.register(&key(8).id(), &key(8), town).await;
    note("display", registered);
    outcomes
}

#[track_caller]
fn check_refused(what: &str, outcome: &Result<(), StorageError>) {
    let refused = matches!(outcome, Err(StorageError::NotFound));
    assert!(refused, "{what}: {outcome:?}");
}

#[tokio::test]
async fn a_town_sees_only_its_own() {
    let (whole, _database) = storage().await;
    for (town, number) in TOWNS.into_iter().zip(0..) {
        fill(&*whole, town, number).await;
    }
    let service = AlarmSubject::Service("central");
    let raised = whole.raise_alarm("clock", service, "it is wrong", start());
    assert!(raised.await.unwrap());
    let nothing = read(&*whole, "nowhere").await;
    for own in TOWNS {
        let scoped = of_job(&*whole, Some(own)).await;
        for town in TOWNS {
            let expected = if town == own {
                read(&*whole, town).await
            } else {
                nothing.clone()
            };
            assert_eq!(read(&*scoped, town).await, expected, "{town} for {own}");
        }
        assert_eq!(listed(&*scoped).await, vec![vec![own.to_owned()]; 6]);
        let newest = whole.publication(own).await.unwrap().unwrap().id;
        assert_eq!(scoped.newest_publication().await.unwrap(), newest);
    }
    let own = read(&*whole, "lipnice").await;
    assert!(own.iter().zip(&nothing).filter(|(a, b)| a != b).count() > 18);
    let none = of_job(&*whole, None).await;
    assert_eq!(listed(&*none).await, vec![vec![""; 0]; 6]);
    assert_eq!(whole.alarms().await.unwrap().len(), 7);
}

#[tokio::test]
async fn a_town_changes_only_its_own() {
    let (whole, _database) = storage().await;
    for (town, number) in TOWNS.into_iter().zip(0..) {
        fill(&*whole, town, number).await;
    }
    let service = AlarmSubject::Service("central");
    let raised = whole.raise_alarm("clock", service, "it is wrong", start());
    assert!(raised.await.unwrap());
    let lipnice = of_job(&*whole, Some("lipnice")).await;
    let before = (read(&*whole, "rolava").await, listed(&*whole).await);
    for (what, outcome) in change(&*lipnice, &*whole, "rolava").await {
        check_refused(what, &outcome);
    }
    let raised = lipnice.raise_alarm("clock", service, "it is wrong", start());
    check_refused("service alarm", &raised.await.map(drop));
    let [text, rendition] = made("rolava");
    let lost = [text.hash.0, rendition.hash.0, document("rolava.pdf")].into();
    let requeued = lipnice.requeue_lost_content(&lost, start());
    requeued.await.unwrap();
    let stages = [PreparationStage::Text, PreparationStage::Drawing];
    for stage in stages {
        assert_eq!(claim(&*whole, stage).await, None, "{stage:?}");
    }
    for (kind, subject) in alarms("rolava") {
        lipnice.clear_alarm(kind, subject, start()).await.unwrap();
    }
    let cleared = lipnice.clear_alarm("clock", service, start());
    cleared.await.unwrap();
    let after = (read(&*whole, "rolava").await, listed(&*whole).await);
    assert_eq!(after, before);
    assert_eq!(whole.alarms().await.unwrap().len(), 7);

    for (what, outcome) in change(&*lipnice, &*whole, "lipnice").await {
        assert!(outcome.is_ok(), "{what}: {outcome:?}");
    }
    let after = read(&*whole, "rolava").await;
    assert_eq!(after, before.0);
    for (kind, subject) in alarms("lipnice") {
        lipnice.clear_alarm(kind, subject, start()).await.unwrap();
    }
    // Those of `change`, those of the two others, and that of the service.
    assert_eq!(whole.alarms().await.unwrap().len(), 7);

    let rolava = of_job(&*whole, Some("rolava")).await;
    for (stage, lost) in stages.into_iter().zip([text, rendition]) {
        let lost = [lost.hash.0].into();
        let requeued = rolava.requeue_lost_content(&lost, start());
        requeued.await.unwrap();
        assert!(claim(&*whole, stage).await.is_some(), "{stage:?}");
    }
}

#[tokio::test]
async fn a_town_closes_what_left_service_of_its_own_alone() {
    let (whole, _database) = storage().await;
    for (town, number) in TOWNS.into_iter().zip(0..) {
        fill(&*whole, town, number).await;
    }
    let closed = |town, sources: &[&str]| StoredBoard {
        enabled: false,
        ..board(town, town, sources)
    };
    let own = closed("lipnice", &["lipnice", "namesake"]);
    let theirs = closed("rolava", &["rolava"]);
    let namesake = board("namesake", "zdar", &[]);
    save(&*whole, &[&own, &theirs, &namesake]).await;
    // By a service that was not started again meanwhile.
    for town in &TOWNS[..2] {
        let changes = SourceChanges {
            hold: Some(hold(HoldReason::Drop, 1)),
            ..SourceChanges::default()
        };
        let version = whole.source_state(town).await.unwrap().version;
        let held = whole.apply(town, version, &changes, start());
        held.await.unwrap();
    }
    for subject in [
        AlarmSubject::Source("lipnice"),
        AlarmSubject::Source("rolava"),
        AlarmSubject::Board("namesake"),
    ] {
        let raised = whole.raise_alarm("kind", subject, "again", start());
        assert!(raised.await.unwrap());
    }
    let lipnice = of_job(&*whole, Some("lipnice")).await;
    lipnice.close_disabled(start()).await.unwrap();
    let after = listed(&*whole).await;
    assert_eq!(after[1], ["rolava", "zdar"], "holds");
    assert_eq!(after[2], ["namesake", "rolava", "zdar"], "alarms");
}

#[tokio::test]
async fn nothing_of_another_town_is_taken_by_its_name() {
    let (whole, _database) = storage().await;
    for (town, number) in TOWNS.into_iter().zip(0..) {
        fill(&*whole, town, number).await;
    }
    let lipnice = of_job(&*whole, Some("lipnice")).await;
    let before = (read(&*whole, "rolava").await, listed(&*whole).await);
    for taken in [
        board("rolava", "lipnice", &[]),
        board("lipnice", "rolava", &["lipnice"]),
        board("lipnice", "lipnice", &["lipnice", "rolava"]),
    ] {
        let actor = Actor::Person("clerk".to_owned());
        let mut unit = lipnice.begin(actor, start()).await.unwrap();
        let saved = unit.save_boards(std::slice::from_ref(&taken)).await;
        check_refused(&taken.id, &saved);
    }
    let theirs = || vec![id("rolava live")];
    for changes in [
        SourceChanges {
            withdrawn: theirs(),
            ..SourceChanges::default()
        },
        SourceChanges {
            missing: theirs(),
            ..SourceChanges::default()
        },
        SourceChanges {
            rekeyed: vec![(id("rolava live"), "key".to_owned())],
            ..SourceChanges::default()
        },
        SourceChanges {
            revised: vec![super::revision("rolava live", "Nový název")],
            ..SourceChanges::default()
        },
    ] {
        let version = whole.source_state("lipnice").await.unwrap().version;
        let applied = lipnice.apply("lipnice", version, &changes, start());
        check_refused("notice", &applied.await);
    }
    let new = NewPublication {
        after: whole.publication("lipnice").await.unwrap().unwrap().id,
        sections: sections(b"another"),
        manifest: manifest(2),
        changes_at: None,
        content: Vec::new(),
        revisions: vec![RevisionContents {
            notice: id("rolava live"),
            number: 1,
            contents: Vec::new(),
        }],
    };
    let published = lipnice.publish("lipnice", &new, start()).await;
    check_refused("publish", &published.map(drop));
    let stolen = RegisteredDisplay {
        board: "lipnice".to_owned(),
        ..display("rolava")
    };
    let taken = lipnice
        .take_answers(&stolen, "", &[answer(2)], start(), 10)
        .await;
    check_refused("answers", &taken.map(drop));
    let after = (read(&*whole, "rolava").await, listed(&*whole).await);
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_display_and_an_address_see_their_board_and_no_other_of_its_town() {
    let (whole, _database) = storage().await;
    // Boards of the same town, of which one is called as the town, and a town called as the other.
    save(&*whole, &[&board("lipnice", "lipnice", &["a"])]).await;
    save(&*whole, &[&board("nadrazi", "lipnice", &["b"])]).await;
    save(&*whole, &[&board("c", "nadrazi", &["c"])]).await;
    register(&*whole, &key(1), "nadrazi").await;
    register(&*whole, &key(2), "lipnice").await;
    let display = whole.display(&key(1).id()).await.unwrap().unwrap();
    let scoped = whole.within(Scope::of_display(&display));
    let boards = async |storage: &dyn Storage| {
        let boards = storage.boards().await.unwrap().into_iter();
        boards.map(|board| board.id).collect::<Vec<_>>()
    };
    assert_eq!(boards(&*scoped).await, ["nadrazi"]);
    let address = whole.within(Scope::of_board("nadrazi"));
    assert_eq!(boards(&*address).await, ["nadrazi"]);
    let town = of_job(&*whole, Some("lipnice")).await;
    assert_eq!(boards(&*town).await, ["lipnice", "nadrazi"]);
    assert_eq!(scoped.display(&key(1).id()).await.unwrap(), Some(display));
    assert_eq!(scoped.display(&key(2).id()).await.unwrap(), None);
    let actor = Actor::Display(key(1).id());
    let mut unit = scoped.begin(actor, start()).await.unwrap();
    let its = [board("nadrazi", "lipnice", &["b"])];
    check_refused("its board", &unit.save_boards(&its).await);
}

#[tokio::test]
async fn content_that_two_towns_have_is_lost_for_each() {
    let (whole, _database) = storage().await;
    for town in &TOWNS[..2] {
        save(&*whole, &[&board(town, town, &[town])]).await;
        want(&*whole, town, &["a.pdf"]).await;
        fetch(&*whole, town, "a.pdf", &content(b"shared")).await;
    }
    let lipnice = of_job(&*whole, Some("lipnice")).await;
    let lost = [ContentRef::to(b"shared").hash.0].into();
    let requeued = lipnice.requeue_lost_content(&lost, start());
    requeued.await.unwrap();
    for (town, next) in [
        ("lipnice", TimeDelta::zero()),
        ("rolava", TimeDelta::days(1)),
    ] {
        let due = whole.next_due(town).await.unwrap();
        assert_eq!(due, Some(start() + next), "{town}");
    }
}
