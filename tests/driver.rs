//! The real program, scripted through the black-box driver.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod driven;
mod pictures;
mod town;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use driven::{DrivenKiosk, program, windowed_program};
use reqwest::StatusCode;
use serde_json::{Value, json};
use town::Town;

#[test]
fn a_script_sees_and_does_what_a_passer_by_does() {
    let town = Town::start();
    let kiosk = DrivenKiosk::start(&town);
    kiosk.does("/wait", json!({ "label": "Celá deska", "screen": "idle" }));
    kiosk.does("/settle", json!({}));
    let idle = kiosk.screenshot();
    assert_eq!(idle.dimensions(), (1080, 1920));

    // By label, and by position in millimetres.
    let touched = kiosk.does("/tap", json!({ "label": "Celá deska" }));
    assert_eq!(touched["element"]["role"], "button");
    kiosk.does("/wait", json!({ "screen": "board" }));
    kiosk.does("/settle", json!({}));
    assert_ne!(kiosk.screenshot(), idle);
    let rows = kiosk.get("/elements?label=vyv%C4%9B%C5%A1eno&touchable=true");
    let row = &rows[0];
    let (px, mm) = (&row["px"], &row["mm"]);
    let scale = mm["width"].as_f64().unwrap() / px["width"].as_f64().unwrap();
    let panel = kiosk.get("/state")["panel"].clone();
    assert!((scale - panel["mm_per_px"].as_f64().unwrap()).abs() < 1e-4);
    assert!(panel["height_mm"].as_f64().unwrap() > panel["width_mm"].as_f64().unwrap());
    let middle =
        |side: &str, length: &str| mm[side].as_f64().unwrap() + mm[length].as_f64().unwrap() / 2.0;
    let (x, y) = (middle("x", "width"), middle("y", "height"));
    kiosk.does("/tap", json!({ "x": x, "y": y, "unit": "mm" }));
    kiosk.does("/wait", json!({ "screen": "notice" }));
    kiosk.does("/settle", json!({}));
    let notice = kiosk.get("/state")["notice"].clone();
    let title = notice["title"].as_str().unwrap();
    assert!(
        row["label"].as_str().unwrap().contains(title),
        "{row} opens {title}"
    );
    let texts = kiosk.get("/elements?role=text");
    assert!(
        texts
            .as_array()
            .unwrap()
            .iter()
            .all(|text| text["font"]["capital_mm"].as_f64() > Some(1.0)),
        "{texts}"
    );

    // A resting finger, and a sliding one.
    kiosk.does("/hold", json!({ "label": "Celá deska", "ms": 30 }));
    kiosk.does("/wait", json!({ "screen": "board" }));
    let push = json!({ "from": { "x": 540, "y": 1400 }, "to": { "x": 540, "y": 700 } });
    let at_top = kiosk.screenshot();
    kiosk.does("/drag", push);
    kiosk.does("/settle", json!({}));
    assert_ne!(kiosk.screenshot(), at_top);
    kiosk.does("/press", json!({ "label": "Celá deska" }));
    kiosk.does("/release", json!({}));

    // Keys work, but nothing is said yet.
    kiosk.does("/key", json!({ "name": "Shift+Tab" }));
    kiosk.does("/type", json!({ "text": "vyhláška č. 3" }));
    assert_eq!(kiosk.get("/words")["next"], 0);

    // Only the kiosk's clock advances.
    kiosk.does("/tap", json!({ "label": "Celá deska" }));
    let state = kiosk.does("/clock", json!({ "advance": 65 }));
    assert!(state["countdown"].as_u64() > Some(0), "{state}");
    kiosk.does("/clock", json!({ "advance": 20 }));
    kiosk.does("/wait", json!({ "screen": "idle" }));
    let state = kiosk.does("/clock", json!({ "set": "2026-12-24T17:30:00+01:00" }));
    assert_eq!(state["time"], "17:30");
    assert!(state["date"].as_str().unwrap().contains("24. prosince"));
}

#[test]
fn utterances_are_reported_with_their_voice() {
    let town = Town::start();
    let kiosk = DrivenKiosk::start(&town);
    kiosk.does("/wait", json!({ "label": "Celá deska", "screen": "idle" }));
    // Headphones are plugged in.
    kiosk.does("/key", json!({ "name": "F9" }));
    kiosk.does("/wait", json!({ "spoken": "Předčítání je zapnuto" }));
    let heard = kiosk.does("/hear", json!({}));
    let text = |word: &Value| word["text"].as_str().unwrap().to_owned();
    let all = |heard: &Value| -> Vec<String> {
        let words = heard["words"].as_array().unwrap();
        assert!(words.iter().all(|word| word["language"] == "cs"), "{heard}");
        words.iter().map(text).collect()
    };
    let said = all(&heard);
    assert_eq!(said[0], "Předčítání je zapnuto.");
    assert!(
        said.iter().any(|said| said.starts_with("Celá deska")),
        "{said:?}"
    );
    let state = kiosk.get("/state");
    assert_eq!(
        (&state["speech"], &state["screen"]),
        (&json!(true), &json!("board"))
    );

    // Only utterances since then: a wait does not take earlier ones for new.
    let next = heard["next"].as_u64().unwrap();
    let in_vain = json!({ "spoken": "Předčítání", "since": next, "limit_ms": 20 });
    assert_eq!(kiosk.post("/wait", in_vain).0, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(
        kiosk.get(&format!("/words?since={next}"))["words"],
        json!([])
    );
    kiosk.does("/key", json!({ "name": "End" }));
    kiosk.does("/wait", json!({ "spoken": "Lišta dole", "since": next }));
    let said = all(&kiosk.does("/hear", json!({ "since": next })));
    assert_eq!(said[0], "Lišta dole", "{said:?}");

    // The first touch speaks, the second acts.
    let next = kiosk.get("/words")["next"].as_u64().unwrap();
    kiosk.does("/tap", json!({ "label": "Hledat", "role": "button" }));
    kiosk.does("/wait", json!({ "spoken": "Hledat", "since": next }));
    assert_eq!(kiosk.get("/state")["screen"], "board");
    kiosk.does("/tap", json!({ "label": "Hledat", "role": "button" }));
    kiosk.does(
        "/wait",
        json!({ "screen": "search", "spoken": "textové pole" }),
    );
}

#[test]
fn a_network_fault_shows_and_its_end_restores_the_connection() {
    let town = Town::start();
    let kiosk = DrivenKiosk::start(&town);
    kiosk.does("/wait", json!({ "screen": "idle" }));
    kiosk.does("/network", json!({ "cut": true }));
    assert_eq!(kiosk.get("/state")["network_cut"], true);
    let state = kiosk.does("/clock", json!({ "advance": 3600 }));
    assert_eq!(state["stale"], true);
    assert!(state["notices"].as_u64() > Some(30), "the board stays");

    kiosk.does("/network", json!({ "cut": false }));
    let fresh = (0..600).any(|_| {
        kiosk.does("/settle", json!({}));
        kiosk.get("/state")["stale"] == false
    });
    assert!(fresh, "{}", kiosk.get("/state"));
}

#[test]
fn what_cannot_be_done_is_refused_with_its_reason() {
    let town = Town::start();
    let kiosk = DrivenKiosk::start(&town);
    let refused = |path: &str, body: Value, expected: StatusCode| {
        let (status, answer) = kiosk.post(path, body.clone());
        assert_eq!(status, expected, "{path} {body}: {answer}");
        answer["error"].as_str().unwrap().to_owned()
    };
    let (status, answer) = kiosk.post("/tap", json!({ "label": "Nic takového" }));
    assert_eq!(status, StatusCode::NOT_FOUND);
    let there = answer["there"].as_array().unwrap();
    assert!(there.contains(&json!("Celá deska")), "{there:?}");
    refused(
        "/tap",
        json!({ "x": 5000, "y": 5 }),
        StatusCode::BAD_REQUEST,
    );
    refused("/tap", json!({}), StatusCode::BAD_REQUEST);
    refused("/release", json!({}), StatusCode::BAD_REQUEST);
    refused("/key", json!({ "name": "Anykey" }), StatusCode::BAD_REQUEST);
    refused("/clock", json!({ "advance": -1 }), StatusCode::BAD_REQUEST);
    let in_vain = json!({ "label": "Nic takového", "limit_ms": 20 });
    let error = refused("/wait", in_vain, StatusCode::REQUEST_TIMEOUT);
    assert!(error.contains("Nic takového"), "{error}");

    // No access from other computers.
    let output = program(&town, "0.0.0.0:0").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("listens on this computer only"), "{said}");
}

#[test]
fn the_walk_of_the_documentation_goes_through() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/driver.md");
    let page = std::fs::read_to_string(page).unwrap();
    let script = page
        .split_once("```python\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(script, _)| script)
        .unwrap();
    let town = Town::start();
    let kiosk = DrivenKiosk::start(&town);
    let folder = town.kiosk_data().with_file_name("walk");
    std::fs::create_dir(&folder).unwrap();
    let output = Command::new("python3")
        .args(["-c", script, kiosk.address.as_str()])
        .current_dir(&folder)
        .output()
        .expect("Python is installed (Debian package python3)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let picture = image::open(folder.join("notice.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (1080, 1920));
}

/// A virtual X screen whose pixels are in a file, in the format of xwd.
struct XScreen {
    server: Child,
    display: String,
    pixels: PathBuf,
    _folder: tempfile::TempDir,
}

impl XScreen {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1080x1920x24"])
            .args(["-nolisten", "tcp", "-fbdir"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (Debian package xvfb)");
        let mut display = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut display)
            .unwrap();
        Self {
            server,
            display: format!(":{}", display.trim()),
            pixels: folder.path().join("Xvfb_screen0"),
            _folder: folder,
        }
    }

    /// What is on the screen, whatever the program takes to be there.
    fn picture(&self) -> image::RgbaImage {
        let file = std::fs::read(&self.pixels).unwrap();
        let word = |at: usize| u32::from_be_bytes(file[4 * at..4 * at + 4].try_into().unwrap());
        let (width, height, row) = (word(4), word(5), word(12));
        // The header and twelve bytes for each of its colours come first.
        let start = word(0) + 12 * word(19);
        image::RgbaImage::from_fn(width, height, |x, y| {
            let at = (start + y * row + 4 * x) as usize;
            image::Rgba([file[at + 2], file[at + 1], file[at], 255])
        })
    }
}

impl Drop for XScreen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// How often the window is compared: the X server shows a frame some time after the program has drawn it.
const TRIES: usize = 40;

/// Compares the window with a full repaint until they are equal; returns the last difference when they never are.
///
/// A minute that begins between the two pictures changes what is painted, and is gone with the next try.
fn last_difference(
    kiosk: &DrivenKiosk<'_>,
    screen: &XScreen,
    time: &str,
    name: &str,
) -> Option<[u32; 4]> {
    let mut differing = None;
    for _ in 0..TRIES {
        kiosk.does("/clock", json!({ "set": time }));
        kiosk.does("/settle", json!({}));
        // The driver's picture is painted anew as a whole.
        let (shown, painted_anew) = (screen.picture(), kiosk.screenshot());
        let place = pictures::difference(&shown, &painted_anew)?;
        differing = Some((place, shown, painted_anew));
    }
    differing.map(|(place, shown, painted_anew)| {
        pictures::keep(name, &shown, &painted_anew);
        place
    })
}

#[test]
fn a_real_window_shows_what_the_state_says() {
    let town = Town::start();
    let screen = XScreen::start();
    let mut program = windowed_program(&town, "127.0.0.1:0");
    let kiosk = DrivenKiosk::spawn(&town, program.env("DISPLAY", &screen.display));
    kiosk.does("/wait", json!({ "label": "Celá deska", "screen": "idle" }));
    let mut time: chrono::DateTime<chrono::FixedOffset> =
        "2026-11-25T09:00:00+01:00".parse().unwrap();
    for (way_in, name) in [("Celá deska", "window-board"), ("Hledat", "window-search")] {
        kiosk.does("/tap", json!({ "label": way_in }));
        if way_in == "Hledat" {
            kiosk.does("/type", json!({ "text": "za" }));
            kiosk.does("/wait", json!({ "label": "Smazat" }));
        }
        let repainted = || kiosk.get("/state")["repainted_ms"].as_u64().unwrap();
        // Again where the full repaint of every minute came to help while the pictures were compared.
        let differing = (0..10).find_map(|_| {
            for step in 0..30 {
                let button = if step / 3 % 2 == 0 { "Dolů" } else { "Nahoru" };
                // At an end of the list the button is disabled.
                let _ = kiosk.post("/tap", json!({ "label": button }));
                // Only the calendar, so that time-outs do not notice.
                time += chrono::TimeDelta::seconds(15);
                kiosk.does("/clock", json!({ "set": time.to_rfc3339() }));
            }
            let before = repainted();
            let differing = last_difference(&kiosk, &screen, &time.to_rfc3339(), name);
            (differing.is_some() || repainted() == before).then_some(differing)
        });
        assert_eq!(
            differing,
            Some(None),
            "{way_in}, see {}",
            env!("CARGO_TARGET_TMPDIR")
        );
    }
}
