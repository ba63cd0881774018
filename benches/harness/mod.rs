//! Shared by the benches: operates the kiosk by simulated touches and prints the figures.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    reason = "a module of several benches, of which each uses the part it needs"
)]

use std::time::Duration;

use vyveska::app::HeadlessKiosk;
use vyveska::app::elements::Element;
use vyveska::ui::view_model::{Screen, ViewModel, ViewerStatus};

use crate::rounds::rounds;
use crate::town::PATIENCE;

pub fn print_figure(what: &str, unit: &str, figures: &mut [f64]) {
    if figures.is_empty() {
        println!("{what:<44} nothing was measured");
        return;
    }
    figures.sort_by(f64::total_cmp);
    let at = |part: f64| figures[((figures.len() - 1) as f64 * part).round() as usize];
    println!(
        "{what:<44} median {:>7.1} {unit}   95th {:>7.1} {unit}   worst {:>7.1} {unit}   ({} times)",
        at(0.5),
        at(0.95),
        at(1.0),
        figures.len()
    );
}

/// Opens the list and scrolls it to its top.
pub fn open_list(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    kiosk.touch("Celá deska")?;
    if kiosk.touch("Nejnovější").is_err() {
        // Large text leaves no room for the order beside the list.
        kiosk.touch("Další…")?;
        kiosk.screen().settle(Duration::from_secs(2));
        kiosk.touch("Nejnovější")?;
    }
    kiosk.until("the list", PATIENCE, |shown| shown.screen == Screen::Board)?;
    kiosk.screen().settle(Duration::from_secs(2));
    Ok(())
}

/// Whether an element is a notice's card that is wholly visible in the list.
pub fn is_card(element: &Element) -> bool {
    element.height > 150.0 && in_list(element.y) && in_list(element.y + element.height)
}

fn in_list(y: f32) -> bool {
    y > 450.0 && y < 1680.0
}

/// Scrolls up and then down until the middle of a notice's card is in the list's window, and returns it.
pub fn find_row(kiosk: &HeadlessKiosk, title: &str) -> anyhow::Result<(f32, f32)> {
    for [from, to] in [[1100.0, 1300.0], [1300.0, 1100.0]] {
        let mut before = None;
        loop {
            let there = kiosk.touchable();
            if let Some(card) = there
                .iter()
                .find(|element| element.label.contains(title) && in_list(element.middle().1))
            {
                return Ok(card.middle());
            }
            let places: Vec<_> = there.into_iter().map(|it| (it.label, it.y)).collect();
            if before.as_ref() == Some(&places) {
                break;
            }
            before = Some(places);
            kiosk.screen().drag((500.0, from), (500.0, to));
        }
    }
    anyhow::bail!("{title:?} never came into the window")
}

pub fn has_first_page(shown: &ViewModel) -> bool {
    shown.notice.as_ref().is_some_and(|notice| {
        let drawn = notice
            .viewer
            .pages
            .first()
            .is_some_and(|page| page.picture.is_some());
        match notice.viewer.status {
            ViewerStatus::Ready => drawn,
            ViewerStatus::Opening => false,
            ViewerStatus::NoDocument | ViewerStatus::Unreadable(_) => true,
        }
    })
}

/// Frame times while the element under the finger is flung up and down.
pub fn fling(kiosk: &HeadlessKiosk) -> Vec<f64> {
    fling_between(kiosk, [(400.0, 1400.0), (400.0, 900.0)])
}

/// Frame times while the element under the finger is flung between two places.
pub fn fling_between(kiosk: &HeadlessKiosk, [one, other]: [(f32, f32); 2]) -> Vec<f64> {
    let screen = kiosk.screen();
    let mut frames = Vec::new();
    for turn in 0..rounds(30) {
        let (from, to) = if turn % 2 == 0 {
            (one, other)
        } else {
            (other, one)
        };
        screen.fling(from, to);
        for _ in 0..30 {
            let before = screen.frames().0;
            screen.advance(Duration::from_millis(8));
            let (after, took) = screen.frames();
            if after > before {
                frames.push(took.as_secs_f64() * 1000.0);
            }
        }
    }
    frames
}
