//! Towns, boards and sources.

use chrono::TimeDelta;
use vyveska_central_storage::{
    Actor, AlarmSubject, SourceChanges, Storage, StorageError, StoredBoard, StoredSource, Town,
};
use vyveska_wire::manifest::ContentRef;

use super::documents::{fetch, want};
use super::retention::hold;
use super::{add, content, set_contents, start, storage};

fn source(id: &str) -> StoredSource {
    StoredSource {
        id: id.to_owned(),
        enabled: true,
        settings: format!("{{\"url\":\"https://{id}.example/\"}}"),
    }
}

pub(crate) fn board(id: &str, town: &str, sources: &[&str]) -> StoredBoard {
    StoredBoard {
        id: id.to_owned(),
        town: Town {
            id: town.to_owned(),
            name: [("cs".to_owned(), format!("Město {town}"))].into(),
        },
        enabled: true,
        settings: "{\"web_address\":\"žďár.example\"}".to_owned(),
        sources: sources.iter().map(|id| source(id)).collect(),
    }
}

pub(super) fn clerk() -> Actor {
    Actor::Person("clerk".to_owned())
}

pub(super) async fn save(storage: &dyn Storage, boards: &[&StoredBoard]) -> Vec<StoredBoard> {
    let boards: Vec<StoredBoard> = boards.iter().copied().cloned().collect();
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.save_boards(&boards).await.unwrap();
    unit.save().await.unwrap();
    storage.boards().await.unwrap()
}

#[tokio::test]
async fn boards_are_kept_whole_with_their_towns_and_sources() {
    let (storage, _database) = storage().await;
    // The sources are not in the order of their ids.
    let lipnice = board("lipnice", "lipnice", &["b", "c", "a"]);
    let station = board("nadrazi", "lipnice", &[]);
    let closed = StoredBoard {
        enabled: false,
        ..board("zdar", "zdar", &["z"])
    };
    let found = save(&*storage, &[&closed, &lipnice, &station]).await;
    assert_eq!(found, [lipnice, station, closed]);

    let settings: serde_json::Value = found[0].settings().unwrap();
    assert_eq!(settings["web_address"], "žďár.example");
    let wrong = found[0].sources[0].settings::<Vec<String>>();
    assert!(matches!(wrong, Err(StorageError::Unreadable { .. })));
}

#[tokio::test]
async fn a_board_is_replaced_and_its_town_is_renamed_for_all_its_boards() {
    let (storage, _database) = storage().await;
    let mut lipnice = board("lipnice", "lipnice", &["a"]);
    let mut station = board("nadrazi", "lipnice", &["s"]);
    save(&*storage, &[&lipnice, &station]).await;
    let german = ("de".to_owned(), "Stadt Lipnice".to_owned());
    lipnice.town.name.extend([german]);
    lipnice.sources = vec![source("b"), source("a")];
    lipnice.sources[1].enabled = false;
    station.town = lipnice.town.clone();
    assert_eq!(save(&*storage, &[&lipnice]).await, [lipnice, station]);
}

#[tokio::test]
async fn a_source_moves_to_another_board_and_none_is_removed() {
    let (storage, _database) = storage().await;
    let rolava = board("rolava", "rolava", &["a"]);
    save(&*storage, &[&board("lipnice", "lipnice", &["a", "b"])]).await;
    let found = save(&*storage, &[&rolava]).await;
    assert_eq!(found, [board("lipnice", "lipnice", &["b"]), rolava]);
}

/// The subjects of the open holds, then of the open alarms.
async fn open(storage: &dyn Storage) -> [Vec<String>; 2] {
    let held = storage.held().await.unwrap().into_iter();
    let alarms = storage.alarms().await.unwrap().into_iter();
    [
        held.map(|one| one.source).collect(),
        alarms.map(|one| one.subject).collect(),
    ]
}

#[tokio::test]
async fn what_leaves_service_takes_its_holds_and_alarms_with_it() {
    let (storage, _database) = storage().await;
    let mut lipnice = board("lipnice", "lipnice", &["a", "b"]);
    let rolava = board("rolava", "rolava", &["r"]);
    save(&*storage, &[&lipnice, &rolava]).await;
    let raise = async |subject: AlarmSubject<'_>| {
        let raised = storage.raise_alarm("kind", subject, "look into it", start());
        assert!(raised.await.unwrap());
    };
    for source in ["a", "b", "r"] {
        let changes = SourceChanges {
            hold: Some(hold(ContentRef::to(b"feed").hash.0)),
            ..SourceChanges::default()
        };
        let held = storage.apply(source, 0, &changes, start());
        held.await.unwrap();
        raise(AlarmSubject::Source(source)).await;
    }
    for board in ["lipnice", "rolava"] {
        raise(AlarmSubject::Board(board)).await;
    }
    raise(AlarmSubject::Service("clock")).await;
    lipnice.sources[0].enabled = false;
    save(&*storage, &[&lipnice]).await;
    let [held, alarms] = open(&*storage).await;
    assert_eq!(held, ["b", "r"]);
    assert_eq!(alarms, ["b", "r", "lipnice", "rolava", "clock"]);
    lipnice.enabled = false;
    save(&*storage, &[&lipnice]).await;
    let rest = open(&*storage).await;
    assert_eq!(rest[0], ["r"]);
    assert_eq!(rest[1], ["r", "rolava", "clock"]);
    // By a service that was not started again meanwhile.
    raise(AlarmSubject::Source("a")).await;
    storage.close_disabled(start()).await.unwrap();
    assert_eq!(open(&*storage).await, rest);
}

#[tokio::test]
async fn what_only_has_the_id_of_what_leaves_service_keeps_its_alarms() {
    let (storage, _database) = storage().await;
    let mut lipnice = board("lipnice", "lipnice", &["lipnice", "b"]);
    let mut configuration = board("configuration", "rolava", &[]);
    save(&*storage, &[&lipnice, &configuration]).await;
    for subject in [
        AlarmSubject::Source("lipnice"),
        AlarmSubject::Board("lipnice"),
        AlarmSubject::Board("configuration"),
        AlarmSubject::Service("configuration"),
    ] {
        let raised = storage.raise_alarm("kind", subject, "look into it", start());
        assert!(raised.await.unwrap());
    }
    let [_, alarms] = open(&*storage).await;
    assert_eq!(alarms.len(), 4, "of the same kind each");
    lipnice.sources[0].enabled = false;
    save(&*storage, &[&lipnice]).await;
    let [_, alarms] = open(&*storage).await;
    assert_eq!(alarms, ["lipnice", "configuration", "configuration"]);
    configuration.enabled = false;
    save(&*storage, &[&configuration]).await;
    let [_, alarms] = open(&*storage).await;
    assert_eq!(alarms, ["lipnice", "configuration"]);
}

#[tokio::test]
async fn the_documents_of_what_leaves_service_are_wanted_again_when_it_comes_back() {
    let (storage, database) = storage().await;
    let mut lipnice = board("lipnice", "lipnice", &["a", "b"]);
    save(&*storage, &[&lipnice]).await;
    let plan = content(b"a plan");
    for source in ["a", "b"] {
        add(&*storage, source, &[source]).await;
        let name = format!("{source}.pdf");
        want(&*storage, source, &[&name]).await;
        fetch(&*storage, source, &name, &plan).await;
        let set = [Some(plan.clone())];
        let set = set_contents(&*storage, source, 1, &set);
        set.await.unwrap();
    }
    let own = [content(b"a map")];
    let registered = storage.register_documents("board:lipnice", &own, start());
    registered.await.unwrap();
    let wanted = async || {
        let wanted = "SELECT COUNT(*) FROM document WHERE wanted";
        database.count(wanted).await
    };
    assert_eq!(wanted().await, 3);
    lipnice.sources[0].enabled = false;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(wanted().await, 2);
    lipnice.enabled = false;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(wanted().await, 0);
    // By a service that was not started again meanwhile.
    want(&*storage, "a", &["a.pdf"]).await;
    storage.close_disabled(start()).await.unwrap();
    assert_eq!(wanted().await, 0);

    // What was forgotten since has its bytes again as long as they are there.
    let stored = [plan.hash.0].into();
    let noted = storage.unnamed_content(&stored, start(), start());
    noted.await.unwrap();
    let later = start() + TimeDelta::days(1);
    assert_eq!(storage.forget_documents(later, 10).await.unwrap(), 3);
    lipnice.enabled = true;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(wanted().await, 1);
    let contents = storage.contents("b").await.unwrap();
    assert_eq!(contents.into_values().collect::<Vec<_>>(), [plan]);
    lipnice.sources[0].enabled = true;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(wanted().await, 2);
}

#[tokio::test]
async fn boards_are_saved_all_or_none() {
    let (storage, database) = storage().await;
    database.execute("DROP TABLE audit").await;
    let boards = [board("lipnice", "lipnice", &["a"])];
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    let saved = unit.save_boards(&boards).await;
    drop(unit);
    assert!(matches!(saved, Err(StorageError::Database(_))), "{saved:?}");
    assert!(storage.boards().await.unwrap().is_empty());
}
