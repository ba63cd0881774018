//! Three towns on one central service: what happens to one of them leaves the others exactly as they were.
//!
//! The siblings of this folder's tests of one town. They stand together because they assert the same, which is written
//! here once: all that the other towns have is as it was, and nothing of a town is within the reach of another.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::header::IF_NONE_MATCH;
use secrecy::ExposeSecret as _;
use serde_json::json;
use vyveska_board::{Clock as _, FakeClock, ofn};
use vyveska_central::app::{SystemEntropy, open_storage};
use vyveska_central::config::boards_from_toml;
use vyveska_central::document::blobs::Blobs;
use vyveska_central::enrolment::new_enrolment;
use vyveska_central::preparation::METHOD;
use vyveska_central::storage::testing::{PostgresServer, execute};
use vyveska_central::storage::{
    Actor, Alarm, Drawing, HeldChange, LeaseTime, PreparationResult, PreparationStage,
    ServiceStorage,
};
use vyveska_central::{Background, Central, Config, ServiceClock};
use vyveska_wire::enrolment::{ENROLMENT, EnrolmentRequest};
use vyveska_wire::manifest::{Addressee, ContentRef, Manifest, entity_tag};
use vyveska_wire::section::{AlertsSection, InformationSection, NoticeRecord, NoticesSection};

use crate::answers::{answers, send};
use crate::clock::Clocks;
use crate::damage::{damaged, file, flip, refused};
use crate::device::{Device, refusal};
use crate::events::{announced, manifest, next_event, open};
use crate::information::PAGES;
use crate::limits::{ALERT, long_notices};
use crate::provision::{TOWNS, publisher, service, title, titles};
use crate::publisher::Publisher;
use crate::town::{Town, board_table, start_of_test};

const LIPNICE: &str = TOWNS[0];
const ROLAVA: &str = TOWNS[1];
const TISOVA: &str = TOWNS[2];

/// A document that Lipnice and Rolava have, and Tisová has not.
const SHARED: &[u8] = b"%PDF-1.7 of two towns\n%%EOF";

/// What the service keeps its rows in.
#[derive(Debug, Clone, Copy)]
enum Database {
    Sqlite,
    Postgres,
}

const DATABASES: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// Three towns, each with a publisher of two notices, files and a display of its own. Their notices have the same IRIs.
struct Towns {
    /// The service, and the publisher of Lipnice.
    service: Town,
    /// Of the others.
    publishers: [Publisher; 2],
    config: Config,
}

/// All that a town has: what its display, the visitors of its web board and its clerk see.
#[derive(Debug, PartialEq)]
struct Seen {
    town: &'static str,
    manifest: Manifest,
    notices: NoticesSection,
    alerts: AlertsSection,
    /// Sections, documents and pictures, each of which the display could fetch.
    content: Vec<ContentRef>,
    /// The status and the text at each of its addresses.
    web: BTreeMap<String, (u16, String)>,
    alarms: Vec<Alarm>,
    held: Vec<HeldChange>,
}

impl Towns {
    /// Towns that were polled and published once.
    async fn on(database: Database) -> Self {
        let clock = FakeClock::at(start_of_test());
        let believed = Arc::new(clock.clone());
        let towns = Self::quiet(database, clock, believed).await;
        towns.poll(&TOWNS).await;
        towns
    }

    /// Towns that have not been polled yet, with a clock of central's own.
    async fn quiet(
        database: Database,
        clock: FakeClock,
        centrals: impl Into<ServiceClock>,
    ) -> Self {
        let (mut publishers, mut boards) = (Vec::new(), String::new());
        for town in TOWNS {
            let publisher = publisher(town).await;
            if town != TISOVA {
                publisher.edit(|shared| {
                    let document = ("application/pdf", SHARED.to_vec());
                    shared.documents.insert("1.pdf".into(), document);
                });
            }
            let files =
                format!("alerts = \"{town}/alerts.toml\"\ninformation = \"{town}/pages.toml\"");
            boards.push_str(&board_table(town, &publisher.feed_url(), &files));
            publishers.push(publisher);
        }
        let address = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(PostgresServer::of_this_process().schema().await),
        };
        let mut kept = None;
        let config = |data: &Path| {
            for town in TOWNS {
                let folder = data.join(town);
                std::fs::create_dir(&folder).unwrap();
                std::fs::write(folder.join("pages.toml"), PAGES).unwrap();
                let map = [&b"\x89PNG\r\n\x1A\n"[..], town.as_bytes()].concat();
                std::fs::write(folder.join("mapa.png"), map).unwrap();
            }
            let mut config = service(data);
            config.boards = boards_from_toml(&boards, data).unwrap();
            config.service.database = address.map(Into::into);
            kept.insert(config).clone()
        };
        let own = publishers.remove(0);
        let service = Town::on_clock(own, clock, centrals, config).await;
        let towns = Self {
            service,
            publishers: publishers.try_into().ok().unwrap(),
            config: kept.unwrap(),
        };
        let storage = towns.storage().await;
        let actor = Actor::Person("technician".to_owned());
        let mut unit = storage.begin(actor, start_of_test()).await.unwrap();
        for town in TOWNS {
            let key = towns.display(town).key.public();
            unit.register(&key.id(), &key, town).await.unwrap();
        }
        unit.save().await.unwrap();
        storage.close().await;
        towns
    }

    /// The same towns after a restart of central.
    async fn restarted(self) -> Self {
        self.service.central.shutdown().await;
        let clock = Arc::new(self.service.clock.clone());
        let central = Central::start_with(self.config.clone(), clock, Background::OnCall);
        let service = Town {
            central: central.await.unwrap(),
            ..self.service
        };
        Self { service, ..self }
    }

    /// The database as another process would open it.
    async fn storage(&self) -> Arc<dyn ServiceStorage> {
        open_storage(&self.config).await.unwrap()
    }

    /// Executes a statement in the database, for what storage has no word for.
    async fn execute(&self, database: Database, statement: &str) {
        match (database, &self.config.service.database) {
            (Database::Postgres, Some(address)) => {
                execute(address.expose_secret(), statement.to_owned()).await;
            }
            _ => {
                let pool = self.service.database().await;
                let statement = sqlx::AssertSqlSafe(statement.to_owned());
                sqlx::raw_sql(statement).execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
    }

    fn display(&self, town: &str) -> Device<'_> {
        let number = TOWNS.iter().position(|one| *one == town).unwrap();
        Device::new(&self.service, u8::try_from(number).unwrap() + 11)
    }

    fn publisher(&self, town: &str) -> &Publisher {
        match town {
            LIPNICE => &self.service.publisher,
            ROLAVA => &self.publishers[0],
            _ => &self.publishers[1],
        }
    }

    /// A file of a town.
    fn write(&self, town: &str, name: &str, text: &str) {
        std::fs::write(self.service.data.path().join(town).join(name), text).unwrap();
    }

    async fn poll(&self, towns: &[&str]) {
        for town in towns {
            self.service.central.poll_now(town).await.unwrap();
        }
    }

    /// Has towns publish another title of their first notice.
    async fn rename(&self, towns: &[&str]) {
        for town in towns {
            self.publisher(town)
                .edit(|shared| shared.notices[0]["název"]["cs"] = format!("Jinak{town}").into());
        }
        self.poll(towns).await;
    }

    /// Accepts what is held of Lipnice.
    async fn accept(&self) {
        let held = self.service.central.held().await.unwrap();
        let held = held.iter().find(|one| one.source == LIPNICE).unwrap();
        self.service.central.accept(held.id, "x").await.unwrap();
    }

    async fn seen(&self, town: &'static str) -> Seen {
        let device = self.display(town);
        let manifest = device.manifest().await;
        let sections = &manifest.sections;
        let notices: NoticesSection = device.section(sections.notices).await;
        let information: InformationSection = device.section(sections.information).await;
        let mut content = vec![sections.notices, sections.information, sections.settings];
        content.extend(notices.content().chain(information.content()));
        let mut web = BTreeMap::new();
        let pages = notices
            .notices
            .iter()
            .map(|one| format!("notice/{}", one.id));
        let documents = content.iter().map(|one| format!("document/{}", one.hash));
        for page in [String::new(), "opendata.jsonld".to_owned()]
            .into_iter()
            .chain(pages)
            .chain(documents)
        {
            let response = self.service.get(&format!("/{town}/{page}")).await;
            let status = response.status().as_u16();
            web.insert(page, (status, response.text().await.unwrap()));
        }
        for content in &content {
            device.content(*content).await;
        }
        let mut alarms = self.service.central.alarms().await.unwrap();
        alarms.retain(|one| one.board.as_deref() == Some(town));
        let mut held = self.service.central.held().await.unwrap();
        held.retain(|one| one.source == town);
        Seen {
            town,
            alerts: device.section(sections.alerts).await,
            manifest,
            notices,
            content,
            web,
            alarms,
            held,
        }
    }

    /// What the others have.
    async fn others(&self) -> [Seen; 2] {
        [self.seen(ROLAVA).await, self.seen(TISOVA).await]
    }

    /// Does something to Lipnice: the others have what they had, and nothing of a town is within the reach of another.
    async fn lipnice_alone(&self, what: impl AsyncFnOnce()) {
        let before = self.others().await;
        what().await;
        let after = self.others().await;
        assert_eq!(after, before);
        self.are_apart().await;
    }

    /// Asserts that a town's addresses and its display lead to what is its own, and to nothing of another.
    async fn are_apart(&self) {
        let all = [
            self.seen(LIPNICE).await,
            self.seen(ROLAVA).await,
            self.seen(TISOVA).await,
        ];
        for own in &all {
            let device = self.display(own.town);
            assert_eq!(own.manifest.to, Addressee::Group(own.town.to_owned()));
            let assignment = device.assignment().await;
            assert_eq!((assignment.to, &*assignment.board), (device.id(), own.town));
            assert_eq!(in_open_data(own), titles(&own.notices));
            let page = &own.web[""].1;
            for other in all.iter().filter(|other| other.town != own.town) {
                let of = format!("{} at {}", other.town, own.town);
                for notice in &other.notices.notices {
                    assert!(!page.contains(&notice.id), "{of}");
                    let path = format!("/{}/notice/{}", own.town, notice.id);
                    assert_eq!(self.service.get(&path).await.status(), 404, "{of}");
                }
                let content = other.content.iter();
                for content in content.filter(|one| !own.content.contains(one)) {
                    let hidden = device.get(&format!("content/{}", content.hash)).await;
                    let unknown = (404, "unknown_content".to_owned());
                    assert_eq!(refusal(hidden).await, unknown, "{of}");
                    let path = format!("/{}/document/{}", own.town, content.hash);
                    assert_eq!(self.service.get(&path).await.status(), 404, "{of}");
                }
            }
        }
    }
}

/// The titles of the notices in the open data of a town.
fn in_open_data(seen: &Seen) -> Vec<String> {
    let base = "https://deska.example/".parse().unwrap();
    let text = seen.web["opendata.jsonld"].1.as_bytes();
    let board = ofn::read(text, &base).unwrap().remove(0);
    let notices = board.notices.iter();
    let mut titles: Vec<_> = notices
        .map(|one| one.title.get("cs").unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

/// The record of the notice published as `n`.
fn record(seen: &Seen, n: usize) -> &NoticeRecord {
    let mut notices = seen.notices.notices.iter();
    notices
        .find(|one| one.title["cs"] == title(seen.town, n))
        .unwrap()
}

/// The first document of the notice published as `n`.
fn document(seen: &Seen, n: usize) -> ContentRef {
    record(seen, n).documents[0].content.unwrap()
}

#[tokio::test]
async fn what_a_person_accepts_of_one_town_waits_on_at_the_others() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        for town in TOWNS {
            towns.publisher(town).edit(|shared| shared.notices.clear());
        }
        towns.service.clock.advance(TimeDelta::hours(1));
        towns.poll(&TOWNS).await;
        let before = towns.others().await;
        towns.accept().await;
        assert_eq!(towns.seen(LIPNICE).await.notices.notices, []);
        assert_eq!(towns.others().await, before);
        let held = towns.service.central.held().await.unwrap();
        let held: Vec<_> = held.iter().map(|one| &*one.source).collect();
        assert_eq!(held, [ROLAVA, TISOVA], "{database:?}");
    }
}

#[tokio::test]
async fn the_wrong_clock_of_one_publisher_ends_nothing_anywhere() {
    let clocks = Clocks::new();
    let (truth, checked) = (clocks.truth.clone(), clocks.checked());
    let towns = Towns::quiet(Database::Sqlite, truth, checked).await;
    let poll = async |wrong_by: TimeDelta| {
        let truth = clocks.truth.now().earliest;
        for town in TOWNS {
            let by = if town == LIPNICE {
                wrong_by
            } else {
                TimeDelta::zero()
            };
            towns
                .publisher(town)
                .edit(|shared| shared.date = Some(truth + by));
            towns.poll(&[town]).await;
        }
        towns.service.central.tick().await;
    };
    // The first start, whose clock nobody has confirmed.
    poll(TimeDelta::days(-200)).await;
    let seen = async || {
        let mut all = Vec::new();
        for town in TOWNS {
            let seen = towns.seen(town).await;
            assert_eq!(in_open_data(&seen), titles(&seen.notices));
            all.push(seen);
        }
        all
    };
    let before = seen().await;
    for days in [-365, 365, 20] {
        clocks.pass(15);
        poll(TimeDelta::days(days)).await;
        assert_eq!(seen().await, before, "{days} days");
    }
    assert_eq!(towns.service.central.alarms().await.unwrap(), []);
    towns.are_apart().await;
}

#[tokio::test]
async fn a_damaged_document_of_one_town_is_fetched_again_for_it_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let own = document(&towns.seen(LIPNICE).await, 0);
        towns
            .lipnice_alone(async || {
                let device = towns.display(LIPNICE);
                flip(&towns.service, own);
                assert_eq!(refused(&device, own).await, damaged());
                towns.service.central.tick().await;
                towns.service.central.tick().await;
                device.content(own).await;
            })
            .await;
        for (town, asked) in [(LIPNICE, 2), (ROLAVA, 1), (TISOVA, 1)] {
            assert_eq!(towns.publisher(town).asked("/files/0.pdf"), asked);
        }
    }
}

#[tokio::test]
async fn a_damaged_document_that_one_town_no_longer_has_comes_again_from_another() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let shared = document(&towns.seen(LIPNICE).await, 1);
        let before = towns.others().await;
        towns
            .publisher(LIPNICE)
            .edit(|shared| drop(shared.documents.remove("1.pdf")));
        std::fs::remove_file(file(&towns.service, shared)).unwrap();
        for town in [LIPNICE, ROLAVA] {
            let refused = refused(&towns.display(town), shared).await;
            assert_eq!(refused, damaged(), "{town}");
        }
        for _ in 0..3 {
            towns.service.central.tick().await;
        }
        towns.display(LIPNICE).content(shared).await;
        let after = towns.others().await;
        assert_eq!(after, before, "{database:?}");
        towns.are_apart().await;
    }
}

#[tokio::test]
async fn damaged_rows_of_one_town_keep_no_other_from_being_polled_and_served() {
    for database in DATABASES {
        let mut towns = Towns::on(database).await;
        let before = towns.others().await;
        for statement in [
            "UPDATE revision SET facts = '{' WHERE notice_id IN \
             (SELECT id FROM notice WHERE source_id = 'lipnice')",
            "UPDATE publication SET sections = '{' WHERE board_id = 'lipnice'",
        ] {
            towns.execute(database, statement).await;
            let refused = towns.service.central.poll_now(LIPNICE).await;
            refused.expect_err(statement);
            towns.service.central.tick().await;
            towns = towns.restarted().await;
            towns.service.central.tick().await;
            towns.service.central.forget().await;
            towns.poll(&[ROLAVA, TISOVA]).await;
            let after = towns.others().await;
            assert_eq!(after, before, "{database:?}: {statement}");
        }
        towns.rename(&[TISOVA]).await;
        let renamed = titles(&towns.seen(TISOVA).await.notices);
        assert!(renamed.contains(&"Jinaktisova".to_owned()), "{renamed:?}");
        assert_eq!(towns.seen(ROLAVA).await, before[0], "{database:?}");
    }
}

#[tokio::test]
async fn a_board_that_does_not_fit_shortens_no_other() {
    let towns = Towns::on(Database::Sqlite).await;
    let mut more = long_notices(&towns.publisher(LIPNICE).base);
    towns
        .publisher(LIPNICE)
        .edit(|shared| shared.notices.extend(more.drain(2..)));
    let before = towns.others().await;
    towns.poll(&[LIPNICE]).await;
    let alarms = towns.service.central.alarms().await.unwrap();
    assert!(
        alarms.len() == 1 && alarms[0].is("shortened", LIPNICE),
        "{alarms:?}"
    );
    let after = towns.others().await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_alert_is_on_the_board_of_its_town_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let tick = async || towns.service.central.tick().await;
        towns
            .lipnice_alone(async || {
                towns.write(LIPNICE, "alerts.toml", ALERT);
                tick().await;
                let lipnice = towns.seen(LIPNICE).await;
                assert_eq!(lipnice.alerts.alerts.len(), 1, "{database:?}");
            })
            .await;
        // A mistake in its files keeps back what another town says.
        towns
            .lipnice_alone(async || {
                towns.write(LIPNICE, "alerts.toml", "alerts = 7");
                towns.write(LIPNICE, "pages.toml", "pages = 7");
                tick().await;
                let lipnice = towns.seen(LIPNICE).await;
                assert_eq!((lipnice.alarms.len(), lipnice.alerts.alerts.len()), (2, 1));
            })
            .await;
        let other = ALERT.replace("povoden", "vichrice");
        towns.write(TISOVA, "alerts.toml", &other);
        towns.write(ROLAVA, "pages.toml", &PAGES.replace("Výlety", "Procházky"));
        tick().await;
        for (town, alert) in [
            (LIPNICE, Some("povoden")),
            (ROLAVA, None),
            (TISOVA, Some("vichrice")),
        ] {
            let seen = towns.seen(town).await;
            let alerts: Vec<_> = seen.alerts.alerts.iter().map(|one| &*one.id).collect();
            assert_eq!(alerts, Vec::from_iter(alert), "{database:?}");
            let device = towns.display(town);
            let section = seen.manifest.sections.information;
            let information: InformationSection = device.section(section).await;
            let renamed = information.pages[0].title["cs"] == "Procházky";
            assert_eq!(renamed, town == ROLAVA, "{database:?}");
        }
        towns.are_apart().await;
    }
}

#[tokio::test]
async fn a_mark_of_personal_data_is_of_its_town_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        towns
            .lipnice_alone(async || {
                let terms = json!({ "typ": "Podmínky užití", "obsahuje_osobní_údaje": true });
                towns
                    .publisher(LIPNICE)
                    .edit(|shared| shared.notices[0]["podmínky_užití"] = terms);
                towns.poll(&[LIPNICE]).await;
            })
            .await;
        let storage = towns.storage().await;
        for town in TOWNS {
            let kept = storage.current_notices(town).await.unwrap();
            let kept = kept.iter().any(|one| one.facts.personal_data);
            let seen = towns.seen(town).await;
            let mut notices = seen.notices.notices.iter();
            let shown = notices.any(|one| one.to_notice().personal_data);
            assert_eq!([kept, shown], [town == LIPNICE; 2], "{town}");
        }
        storage.close().await;
    }
}

#[tokio::test]
async fn what_one_town_takes_down_leaves_it_alone_and_stays_where_another_has_it() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let before = towns.seen(LIPNICE).await;
        let (own, shared) = (document(&before, 0), document(&before, 1));
        let files = [own, before.manifest.sections.notices, shared];
        let files = files.map(|one| file(&towns.service, one));
        let are_there = || [0, 1, 2].map(|n| files[n].exists());
        let Town { central, clock, .. } = &towns.service;
        towns
            .lipnice_alone(async || {
                towns
                    .publisher(LIPNICE)
                    .edit(|shared| shared.notices.clear());
                clock.advance(TimeDelta::hours(1));
                towns.poll(&[LIPNICE]).await;
                towns.accept().await;
                for content in [own, shared] {
                    let path = format!("/{LIPNICE}/document/{}", content.hash);
                    assert_eq!(towns.service.get(&path).await.status(), 404);
                }
                // From then on neither its display gets them.
                clock.advance(TimeDelta::hours(25));
                central.forget().await;
                for content in [own, shared] {
                    let path = format!("content/{}", content.hash);
                    let unknown = (404, "unknown_content".to_owned());
                    let hidden = towns.display(LIPNICE).get(&path).await;
                    assert_eq!(refusal(hidden).await, unknown, "{database:?}");
                }
                assert_eq!(are_there(), [true; 3]);
            })
            .await;
        towns
            .lipnice_alone(async || {
                for days in [7, 1] {
                    clock.advance(TimeDelta::days(days));
                    central.forget().await;
                }
                assert_eq!(are_there(), [false, false, true], "{database:?}");
            })
            .await;
    }
}

/// Prepares a document as central does, with this rendition; all others that wait could not be read.
async fn prepare(towns: &Towns, document: ContentRef, rendition: &[u8]) -> ContentRef {
    let folder = towns.service.data.path().join("documents");
    let blobs = Blobs::in_folder(&folder).unwrap();
    blobs.put(rendition.to_vec()).await.unwrap();
    let rendition = ContentRef::to(rendition);
    let storage = towns.storage().await;
    // Nobody has what was leased before.
    towns.service.clock.advance(TimeDelta::minutes(2));
    let now = towns.service.clock.now().earliest;
    let until = now + TimeDelta::minutes(1);
    let time = LeaseTime {
        now,
        latest: until,
        until,
    };
    while let Some(task) = storage
        .claim_preparation(PreparationStage::Text, METHOD, time)
        .await
        .unwrap()
    {
        let result = if task.content.hash == document.hash {
            PreparationResult::Made {
                pages: 3,
                text: None,
                recognise: false,
            }
        } else {
            let error = "it is empty".to_owned();
            PreparationResult::Failed { error }
        };
        let recorded = storage.record_preparation(&task, METHOD, &result, now, now);
        recorded.await.unwrap();
    }
    let task = loop {
        let claimed = storage.claim_preparation(PreparationStage::Drawing, METHOD, time);
        let task = claimed.await.unwrap().unwrap();
        if task.content.hash == document.hash {
            break task;
        }
    };
    let drawing = Drawing {
        rendition: Some(rendition),
        doubtful_pages: vec![2],
    };
    let recorded = storage.record_drawing(&task, METHOD, Some(&drawing), "{}", now, now);
    recorded.await.unwrap();
    storage.close().await;
    towns.service.central.tick().await;
    rendition
}

#[tokio::test]
async fn what_is_made_of_a_document_goes_to_the_towns_that_have_it() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let lipnice = towns.seen(LIPNICE).await;
        towns
            .lipnice_alone(async || {
                let made = prepare(&towns, document(&lipnice, 0), b"%PDF-1.7 drawn right").await;
                let lipnice = towns.seen(LIPNICE).await;
                let record = &record(&lipnice, 0).documents[0];
                assert_eq!((record.rendition, record.pages), (Some(made), Some(3)));
                assert_eq!(lipnice.alarms.len(), 1, "{:?}", lipnice.alarms);
            })
            .await;
        let tisova = towns.seen(TISOVA).await;
        let made = prepare(&towns, document(&lipnice, 1), b"%PDF-1.7 of both").await;
        for town in [LIPNICE, ROLAVA] {
            let seen = towns.seen(town).await;
            let rendition = record(&seen, 1).documents[0].rendition;
            assert_eq!(rendition, Some(made), "{town}");
        }
        assert_eq!(towns.seen(TISOVA).await, tisova, "{database:?}");
        towns.are_apart().await;
    }
}

#[tokio::test]
async fn a_display_hears_of_its_own_board_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let mut streams = Vec::new();
        for town in TOWNS {
            streams.push(open(&towns.display(town)).await);
        }
        towns.rename(&[TISOVA, ROLAVA]).await;
        towns.write(ROLAVA, "alerts.toml", ALERT);
        towns.service.central.tick().await;
        towns.rename(&[LIPNICE]).await;
        // The first event is that of the display's own board, although two others were published before.
        for (town, stream) in [LIPNICE, TISOVA].into_iter().zip([0, 2]) {
            let event = announced(&next_event(&mut streams[stream]).await.unwrap());
            assert_eq!(event.alerts, None, "{town}");
            let own = towns.display(town).manifest().await;
            assert_eq!(manifest(&towns.service, &event), own, "{database:?}");
        }
        let mut alerts = None;
        while alerts.is_none() {
            let event = announced(&next_event(&mut streams[1]).await.unwrap());
            let to = Addressee::Group(ROLAVA.to_owned());
            assert_eq!(manifest(&towns.service, &event).to, to);
            alerts = event.alerts;
        }
        towns.are_apart().await;
    }
}

#[tokio::test]
async fn a_display_that_claims_a_larger_number_moves_its_own_board_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let claim = async |town: &str, ahead: u64| {
            let device = towns.display(town);
            let held = device.manifest().await.number + ahead;
            let claim = device.request("manifest");
            let claim = claim.header(IF_NONE_MATCH, entity_tag(held));
            assert_eq!(claim.send().await.unwrap().status(), 200);
            let number = device.manifest().await.number;
            assert_eq!(number, held + 1, "{town} {database:?}");
        };
        towns
            .lipnice_alone(async || claim(LIPNICE, 1_000_000).await)
            .await;
        // Neither does it keep the claim of another from counting.
        claim(ROLAVA, 1).await;
    }
}

#[tokio::test]
async fn a_token_lets_displays_into_its_own_town_alone() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        let enrol = async || {
            let storage = towns.storage().await;
            let (what, now) = ((LIPNICE, 5), start_of_test());
            let actor = Actor::Person("technician".to_owned());
            let made = new_enrolment(&*storage, &SystemEntropy, what, actor, now).await;
            storage.close().await;
            let token = made.unwrap().1;
            let body = serde_json::to_vec(&EnrolmentRequest { token }).unwrap();
            let stranger = Device::new(&towns.service, 99);
            assert_eq!(stranger.post(ENROLMENT, body.clone()).await.status(), 204);
            assert_eq!(stranger.assignment().await.board, LIPNICE);
            for town in [ROLAVA, TISOVA] {
                let response = towns.display(town).post(ENROLMENT, body.clone()).await;
                let other = (403, "enrolment_other_board".to_owned());
                assert_eq!(refusal(response).await, other, "{database:?}");
            }
        };
        towns.lipnice_alone(enrol).await;
    }
}

#[tokio::test]
async fn an_answer_counts_for_the_board_of_its_display() {
    for database in DATABASES {
        let towns = Towns::on(database).await;
        // Each display numbers its own.
        for town in [LIPNICE, TISOVA] {
            send(&towns.display(town), answers(&[1], "4")).await;
        }
        let counts = towns.service.central.count_answers().await.unwrap();
        let counts: Vec<_> = counts.iter().map(|one| (&*one.board, one.count)).collect();
        assert_eq!(counts, [(LIPNICE, 1), (TISOVA, 1)], "{database:?}");
    }
}
