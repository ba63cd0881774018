//! A scripted walk through the kiosk by simulated touches, with a picture of every step.
//!
//! idle → list → category → notice → page 2 → zoom → back → idle again.
//! Each step waits until the screen shows what it should; the first that does not ends the walk with an error.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::headless_kiosk::HeadlessKiosk;
use crate::ui::view_model::{IdlePage, Screen, ViewModel, ViewerStatus};

/// How long a step may take: the first one waits for central to fetch a whole board.
const PATIENCE: Duration = Duration::from_secs(60);

/// The category that the walk opens: it has a document of many pages.
const CATEGORY: &str = "Rozpočet";

/// Walks, and writes `01-idle.png` and so on into `folder`.
pub(super) fn run(kiosk: &HeadlessKiosk, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let keep = |name: &str| -> anyhow::Result<()> {
        let path = folder.join(name);
        kiosk
            .picture()
            .save(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        tracing::info!(picture = %path.display(), "a step is done");
        Ok(())
    };
    let step = |name: &'static str, reached: &dyn Fn(&ViewModel) -> bool| -> anyhow::Result<()> {
        kiosk
            .until(name, PATIENCE, reached)
            .and_then(|()| kiosk.until_settled(PATIENCE))
            .with_context(|| format!("the walk failed at the step {name:?}"))
    };

    step("the board comes", &|shown| {
        shown.screen == Screen::Idle
            && matches!(&shown.idle.page, IdlePage::Titles { rows, .. } if !rows.is_empty())
    })?;
    keep("01-idle.png")?;
    kiosk.skip(Duration::from_secs(20));
    step(
        "a new notice by itself",
        &|shown| matches!(&shown.idle.page, IdlePage::Notice(notice) if notice.page.is_some()),
    )?;
    keep("02-idle-notice.png")?;

    let touch = |label: &str, step: &str| -> anyhow::Result<()> {
        kiosk
            .touch_where(label, |element| element.label.contains(label))
            .with_context(|| format!("the walk failed on the way to the step {step:?}"))
    };
    touch("Celá deska", "the list")?;
    step("the list", &|shown| shown.screen == Screen::Board)?;
    keep("03-list.png")?;

    let category = |label: &str| label.contains(CATEGORY);
    if !kiosk
        .touchable()
        .iter()
        .any(|element| category(&element.label))
    {
        touch("Další", "the category")?;
    }
    touch(CATEGORY, "the category")?;
    step("the category", &|shown| !shown.board.all_chosen)?;
    keep("04-category.png")?;

    let first = kiosk
        .shown()
        .and_then(|shown| shown.board.rows.first().map(|row| row.title.clone()))
        .context("the category has no notice")?;
    touch(&first, "the notice")?;
    step("the notice", &|shown| {
        shown.notice.as_ref().is_some_and(|notice| {
            notice.viewer.status == ViewerStatus::Ready && notice.viewer.page_count >= 2
        })
    })?;
    keep("05-notice.png")?;

    // A page larger than the window is scrolled to its end first.
    while kiosk
        .touchable()
        .iter()
        .any(|element| element.label == "Níž")
    {
        touch("Níž", "page 2")?;
    }
    touch("Další strana", "page 2")?;
    step("page 2", &|shown| {
        shown.notice.as_ref().is_some_and(|n| n.viewer.page == 2)
    })?;
    keep("06-page-2.png")?;

    let width = |shown: &ViewModel| {
        shown
            .notice
            .as_ref()
            .map_or(0.0, |n| n.viewer.content_width)
    };
    let before = kiosk.shown().as_ref().map_or(0.0, width);
    for _ in 0..3 {
        touch("Zvětšit", "the page is larger")?;
    }
    step("the page is larger", &|shown| width(shown) > before * 1.5)?;
    keep("07-zoom.png")?;

    // Where the notice stands beside the list, it is closed instead.
    touch("Zpět", "back in the list").or_else(|_| touch("Zavřít oznámení", "back in the list"))?;
    step("back in the list, at the same place", &|shown| {
        shown.screen == Screen::Board && !shown.board.all_chosen
    })?;
    keep("08-back.png")?;

    // Advances the kiosk's clock only: first to the countdown, then past it.
    let quiet = Duration::from_secs(65);
    kiosk.skip(quiet);
    step("the countdown", &|shown| shown.countdown.is_some())?;
    keep("09-countdown.png")?;
    kiosk.skip(quiet);
    step("idle again", &|shown| shown.screen == Screen::Idle)?;
    keep("10-idle-again.png")?;
    Ok(())
}
