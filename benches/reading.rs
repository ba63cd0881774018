//! How fast reading is, on the sample town: `cargo bench -p vyveska --bench reading`,
//! or only parts of it: `… -- zoom plan language search`.
//!
//! Measures the real interface, as `kiosk` does. It judges nothing and prints the figures.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod harness;
mod rounds;
#[path = "../tests/town/mod.rs"]
mod town;

use std::time::{Duration, Instant};

use harness::{find_row, fling_between, has_first_page, open_list, print_figure};
use rounds::{is_smoke, rounds};
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::ui::view_model::{Screen, ViewModel, ViewerStatus};

/// The screen of the target device.
const SIZE: (u32, u32) = (1080, 1920);

/// How long a tap lasts.
const REST: Duration = Duration::from_millis(48);

/// The text typed into the search, a key at a time.
const TYPED: &str = "pozemky";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let chosen = |part: &str| {
        let parts = ["zoom", "plan", "language", "search"];
        let named = |name| arguments.iter().any(|argument| argument == name);
        !parts.into_iter().any(named) || named(part)
    };
    let town = Town::start();
    if !is_smoke() {
        town.prepare();
    }
    let kiosk = HeadlessKiosk::start(&town.options(SIZE.0, SIZE.1))?;
    kiosk.until("the board", PATIENCE, |shown| shown.board.total > 30)?;
    if chosen("zoom") {
        zoom_step_to_sharp_page(&kiosk)?;
    }
    if chosen("plan") {
        panning_the_plan(&kiosk)?;
    }
    if chosen("language") {
        language_switch(&kiosk)?;
    }
    if chosen("search") {
        key_to_results(&kiosk)?;
    }
    kiosk.stop();
    Ok(())
}

/// Touches the middle of an element and returns the time from the release until `reached` is painted.
fn timed(
    kiosk: &HeadlessKiosk,
    label: &str,
    reached: impl Fn(&HeadlessKiosk) -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    let there = kiosk.touchable();
    let element = there
        .iter()
        .find(|element| element.label.starts_with(label));
    let (x, y) = element
        .ok_or_else(|| anyhow::anyhow!("{label} cannot be touched"))?
        .middle();
    kiosk.screen().press(x, y);
    kiosk.screen().advance(REST);
    let began = Instant::now();
    kiosk.screen().release(x, y);
    reached(kiosk)?;
    kiosk.screen().dispatch();
    let took = began.elapsed().as_secs_f64() * 1000.0;
    kiosk.screen().settle(Duration::from_secs(1));
    Ok(took)
}

fn titles(kiosk: &HeadlessKiosk) -> Vec<String> {
    let shown = kiosk.shown();
    let rows = shown.map(|shown| shown.board.rows).unwrap_or_default();
    rows.iter().map(|row| row.title.clone()).collect()
}

fn open(kiosk: &HeadlessKiosk, title: &str) -> anyhow::Result<()> {
    let (x, y) = find_row(kiosk, title)?;
    kiosk.screen().tap(x, y);
    kiosk.until("the first page", PATIENCE, has_first_page)?;
    kiosk.until_settled(PATIENCE)?;
    Ok(())
}

fn is_ready(shown: &ViewModel) -> bool {
    let notice = shown.notice.as_ref();
    notice.is_some_and(|notice| notice.viewer.status == ViewerStatus::Ready)
}

/// Time from the release of „Zvětšit" or „Zmenšit" to every tile in the window being sharp: the first document of
/// every notice, two steps larger and one smaller.
fn zoom_step_to_sharp_page(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut slowest: Vec<(f64, String)> = Vec::new();
    open_list(kiosk)?;
    for title in titles(kiosk).into_iter().take(rounds(usize::MAX)) {
        open(kiosk, &title)?;
        if kiosk.shown().as_ref().is_some_and(is_ready) {
            for label in ["Zvětšit", "Zvětšit", "Zmenšit"] {
                let time = timed(kiosk, label, |kiosk| Ok(kiosk.until_replied(PATIENCE)?))?;
                times.push(time);
                slowest.push((time, title.clone()));
            }
        }
        open_list(kiosk)?;
    }
    print_figure("zoom step to sharp page", "ms", &mut times);
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (time, title) in slowest.iter().take(3) {
        println!("    slowest: {time:.1} ms, {title}");
    }
    Ok(())
}

/// Frame times while the enlarged A0 plan is dragged in both directions.
fn panning_the_plan(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    open_list(kiosk)?;
    let is_plan = |shown: &ViewModel| {
        let notice = shown.notice.as_ref();
        notice
            .and_then(|notice| notice.documents.get(notice.chosen))
            .is_some_and(|document| {
                document
                    .title
                    .replace('\u{a0}', " ")
                    .starts_with("Hlavní výkres")
            })
    };
    open(kiosk, "Územního")?;
    if !kiosk.shown().as_ref().is_some_and(is_plan) {
        kiosk.touch("Příloha")?;
        kiosk.screen().settle(Duration::from_secs(1));
        kiosk.touch_where("the plan", |element| {
            element
                .label
                .replace('\u{a0}', " ")
                .contains("Hlavní výkres")
        })?;
        kiosk.until("the plan", PATIENCE, |shown| {
            is_plan(shown) && has_first_page(shown)
        })?;
    }
    for _ in 0..3 {
        kiosk.touch("Zvětšit")?;
        kiosk.until_settled(PATIENCE)?;
    }
    let mut frames = fling_between(kiosk, [(400.0, 1200.0), (400.0, 800.0)]);
    frames.extend(fling_between(kiosk, [(700.0, 1000.0), (300.0, 1000.0)]));
    frames.extend(fling_between(kiosk, [(700.0, 1300.0), (300.0, 900.0)]));
    print_figure("frame while the A0 plan is pushed", "ms", &mut frames);
    Ok(())
}

/// Time from the release of the language button to the other language on the screen: in the list, search and a notice.
fn language_switch(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let mut times = Vec::new();
    open_list(kiosk)?;
    let first = titles(kiosk).first().cloned().unwrap_or_default();
    for screen in [Screen::Board, Screen::Search, Screen::Notice] {
        open_list(kiosk)?;
        match screen {
            Screen::Search => kiosk.touch("Hledat")?,
            Screen::Notice => open(kiosk, &first)?,
            _ => {}
        }
        kiosk.screen().settle(Duration::from_secs(1));
        for _ in 0..rounds(10) {
            for label in ["Deutsch", "English", "Čeština"] {
                let before = kiosk.shown().map(|shown| shown.language);
                let key = kiosk.touchable().into_iter().find_map(|element| {
                    let named = element.label.contains(label);
                    named.then_some(element.label)
                });
                let key = key.ok_or_else(|| anyhow::anyhow!("no key leads to {label}"))?;
                times.push(timed(kiosk, &key, |kiosk| {
                    Ok(kiosk.until("the other language", PATIENCE, |shown| {
                        Some(shown.language) != before
                    })?)
                })?);
            }
        }
    }
    print_figure("language switch", "ms", &mut times);
    Ok(())
}

/// Time from the release of a key to other results on the screen; keys that change nothing are only counted.
fn key_to_results(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut unchanged = 0;
    open_list(kiosk)?;
    kiosk.touch("Hledat")?;
    kiosk.screen().settle(Duration::from_secs(1));
    for _ in 0..rounds(10) {
        for letter in TYPED.chars() {
            let before = kiosk.shown().map(|shown| shown.search.found);
            let key = letter.to_string();
            let there = kiosk.touchable();
            let element = there.iter().find(|element| element.label == key);
            let (x, y) = element
                .ok_or_else(|| anyhow::anyhow!("no key writes {key}"))?
                .middle();
            kiosk.screen().press(x, y);
            kiosk.screen().advance(REST);
            let began = Instant::now();
            kiosk.screen().release(x, y);
            let changed = kiosk.until("other results", Duration::from_millis(200), |shown| {
                Some(&shown.search.found) != before.as_ref()
            });
            if changed.is_ok() {
                kiosk.screen().dispatch();
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            } else {
                unchanged += 1;
            }
            kiosk.screen().settle(Duration::from_secs(1));
        }
        kiosk.touch("Vymazat vše")?;
        kiosk.screen().settle(Duration::from_secs(1));
    }
    print_figure("key to results, sample town", "ms", &mut times);
    println!("    {unchanged} keys found the same as before, or nothing within 200 ms");
    Ok(())
}
