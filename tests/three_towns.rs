//! Three kiosks over one central service with three towns: each shows its own town, whatever happens in the others.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod driven;
mod town;

use std::sync::Arc;

use driven::{DrivenKiosk, program_in};
use serde_json::json;
use tokio::runtime::Runtime;
use town::Town;
use vyveska_sample_town::{Day, Fault, Publisher, SampleTown, Until};

const LIPNICE: &str = "lipnice";
const BROD: &str = "brod";
const TISOVA: &str = "tisova";
const TOWNS: [&str; 3] = [LIPNICE, BROD, TISOVA];

/// The notices of each town.
const NOTICES: usize = 3;

/// The words of the alert.
const ALERT: &str = "Nepijte vodu";

fn title(town: &str, n: usize) -> String {
    format!("Prodej pozemku {n:02} {town}")
}

/// Notices that no other town has.
fn sample(town: &str) -> SampleTown {
    let mut sample = SampleTown::load().unwrap();
    sample.notices.truncate(NOTICES);
    for (n, notice) in sample.notices.iter_mut().enumerate() {
        notice.title = title(town, n);
        (notice.posted_day, notice.posted_time) = (Day::after(-1), None);
        (notice.until, notice.until_time) = (Until::Unspecified, None);
    }
    sample
}

struct Towns {
    /// The central service, and the publisher of Lipnice.
    service: Town,
    brod: Publisher,
    tisova: Publisher,
    /// Where the others' publishers run.
    _runtime: Runtime,
}

impl Towns {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let publisher = |town: &str| {
            let today = Arc::new(town::today);
            let publisher = Publisher::start(sample(town), today, ([127, 0, 0, 1], 0).into());
            runtime.block_on(publisher).unwrap()
        };
        let (brod, tisova) = (publisher(BROD), publisher(TISOVA));
        let board = |town: &str, publisher: &Publisher| {
            let alerts = format!("alerts = \"{town}/alerts.toml\"");
            let name = format!("Město {town}");
            town::board_table(town, &name, &publisher.feed_url(), &alerts)
        };
        let boards = board(BROD, &brod) + &board(TISOVA, &tisova);
        let towns = Self {
            service: Town::start_beside(sample(LIPNICE), &boards),
            brod,
            tisova,
            _runtime: runtime,
        };
        for town in [BROD, TISOVA] {
            assert!(towns.poll(town), "{town}");
        }
        towns
    }

    fn publisher(&self, town: &str) -> &Publisher {
        match town {
            BROD => &self.brod,
            TISOVA => &self.tisova,
            _ => &self.service.publisher,
        }
    }

    /// Polls the publisher of a town; whether it could be asked.
    fn poll(&self, town: &str) -> bool {
        let Town {
            central, runtime, ..
        } = &self.service;
        runtime.block_on(central.poll_now(town)).is_ok()
    }

    /// Gives the first notice of a town the title with this number.
    fn rename(&self, town: &str, n: usize) {
        let first = &sample(town).notices[0].id;
        let publisher = self.publisher(town);
        assert!(publisher.set_title(first, &title(town, n)));
        assert!(self.poll(town), "{town}");
    }

    /// The kiosk of a town; that of Lipnice is given the board of every new display.
    fn kiosk(&self, town: &str) -> DrivenKiosk<'_> {
        let data = match town {
            LIPNICE => self.service.kiosk_data(),
            _ => self.service.kiosk_data_of(town),
        };
        let mut program = program_in(&data, &self.service, "127.0.0.1:0");
        let kiosk = DrivenKiosk::spawn(&self.service, &mut program);
        wait(&kiosk, json!({ "label": "Celá deska", "screen": "idle" }));
        kiosk
    }
}

#[track_caller]
fn wait(kiosk: &DrivenKiosk<'_>, mut what: serde_json::Value) {
    what["limit_ms"] = json!(town::PATIENCE.as_millis());
    kiosk.does("/wait", what);
}

fn labels(kiosk: &DrivenKiosk<'_>) -> String {
    kiosk.does("/settle", json!({}));
    kiosk.get("/elements").to_string()
}

/// Opens the list, and waits until the first notice of the town has the title with this number: it lists this town's
/// notices and none of another.
#[track_caller]
fn lists(kiosk: &DrivenKiosk<'_>, town: &str, n: usize) {
    // On the list itself it does nothing.
    let _ = kiosk.post("/tap", json!({ "label": "Celá deska" }));
    wait(kiosk, json!({ "label": title(town, n), "screen": "board" }));
    let labels = labels(kiosk);
    let all = TOWNS
        .iter()
        .flat_map(|town| (0..99).map(move |n| title(town, n)));
    let listed: Vec<String> = all.filter(|title| labels.contains(title)).collect();
    let mut own: Vec<String> = (1..NOTICES).chain([n]).map(|n| title(town, n)).collect();
    own.sort();
    assert_eq!(listed, own);
    assert_eq!(kiosk.get("/state")["notices"], NOTICES);
}

#[test]
fn each_kiosk_shows_its_own_town_whatever_happens_in_the_others() {
    let towns = Towns::start();
    let [lipnice, brod, tisova] = TOWNS.map(|town| towns.kiosk(town));
    lists(&lipnice, LIPNICE, 0);
    lists(&brod, BROD, 0);
    lists(&tisova, TISOVA, 0);

    towns.service.alert_of(BROD);
    wait(&brod, json!({ "label": ALERT }));
    // What comes after it has come.
    for (kiosk, town) in [(&lipnice, LIPNICE), (&tisova, TISOVA)] {
        towns.rename(town, 10);
        lists(kiosk, town, 10);
        assert!(!labels(kiosk).contains(ALERT), "{town}");
    }

    let faults = [Fault::Empty, Fault::Hollow, Fault::Broken, Fault::Down(500)];
    for (n, fault) in (11..).zip(faults) {
        towns.tisova.replace_feed(fault);
        towns.poll(TISOVA);
        towns.rename(LIPNICE, n);
        lists(&lipnice, LIPNICE, n);
        lists(&tisova, TISOVA, 10);
    }
    lists(&brod, BROD, 0);
    assert!(labels(&brod).contains(ALERT));
}
