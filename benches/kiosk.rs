//! How fast the kiosk is, on the sample town: `cargo bench -p vyveska --bench kiosk`,
//! or only parts of it: `… -- start memory pages scroll repaint feed longest`.
//!
//! Measures the real interface: simulated touches on a screen in memory of 1080×1920, the real page worker and a real
//! central service on loopback. It judges nothing and prints the figures.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod harness;
mod rounds;
#[path = "../tests/town/mod.rs"]
mod town;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{find_row, fling, has_first_page, is_card, open_list, print_figure};
use rounds::{is_smoke, rounds};
use town::{PATIENCE, Town};
use vyveska::app::elements::Element;
use vyveska::app::{HeadlessKiosk, Options, OutputMode};
use vyveska::ui::view_model::{RowView, Screen, ViewModel, ViewerStatus};
use vyveska_board::ofn;
use vyveska_sample_town::Attachment;

/// The screen of the target device.
const SIZE: (u32, u32) = (1080, 1920);

/// After how many sessions memory is measured.
const SESSIONS: usize = 1000;

/// The argument by which this program runs itself as a kiosk only, so that only the kiosk's memory is counted.
const ALONE: &str = "--alone";

/// The parts that share one kiosk.
const WITH_KIOSK: [&str; 5] = ["pages", "scroll", "repaint", "feed", "longest"];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ALONE) {
        return sessions_alone(&arguments[at + 1..]);
    }
    let chosen = |part: &str| {
        let parts = ["start", "memory"].iter().chain(&WITH_KIOSK);
        let named = |name| arguments.iter().any(|argument| argument == name);
        !parts.copied().any(named) || named(part)
    };
    let town = Town::start();
    if chosen("start") {
        start_to_first_board(&town)?;
    }
    if chosen("memory") {
        memory_after_sessions(&town)?;
    }
    if !WITH_KIOSK.into_iter().any(chosen) {
        return Ok(());
    }
    let kiosk = HeadlessKiosk::start(&town.options(SIZE.0, SIZE.1))?;
    kiosk.until("the board", PATIENCE, |shown| shown.board.total > 30)?;
    if chosen("pages") {
        touch_to_first_page(&kiosk)?;
        touch_while_a_bomb_is_opened(&town, &kiosk)?;
    }
    if chosen("scroll") {
        scrolling(&kiosk)?;
    }
    if chosen("repaint") {
        full_repaint(&kiosk)?;
    }
    if chosen("feed") {
        feed_change_to_screen(&town, &kiosk)?;
    }
    if chosen("longest") {
        longest_texts(&town, &kiosk)?;
    }
    kiosk.stop();
    Ok(())
}

/// Time from the end of central's poll to the changed title on the screen.
fn feed_change_to_screen(town: &Town, kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let published = vyveska_sample_town::SampleTown::load()?.notices;
    let changed = &published[0].id;
    let mut times = Vec::new();
    open_list(kiosk)?;
    for round in 0..rounds(10) {
        let title = format!("Změněný název {round}");
        anyhow::ensure!(town.publisher.set_title(changed, &title), "no such notice");
        let began = Instant::now();
        town.poll();
        let awaited = title.clone();
        kiosk.until("the changed title", PATIENCE, move |shown| {
            let bound = awaited.replace(' ', "\u{a0}");
            let is_it = |row: &RowView| row.title.replace(' ', "\u{a0}") == bound;
            shown.board.rows.iter().any(is_it)
        })?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    print_figure("poll of a changed feed to screen", "ms", &mut times);
    Ok(())
}

/// Time from a touch to its painted feedback, while a document that never finishes is being opened.
fn touch_while_a_bomb_is_opened(town: &Town, kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let bomb = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("crates/pages/tests/fixtures/bomb.pdf"),
    )?;
    let published = vyveska_sample_town::SampleTown::load()?.notices;
    let (title, file) = published
        .iter()
        .find_map(|notice| Some((notice.title.clone(), notice.documents.first()?.file.clone())))
        .ok_or_else(|| anyhow::anyhow!("the sample town has a document"))?;
    town.publisher.set_document_bytes("bomb.pdf", bomb);
    let changed = town.publisher.edit_notice(&published[0].id, |notice| {
        notice.title = "Bomba".to_owned();
        for document in &mut notice.documents {
            document.file = "bomb.pdf".to_owned();
        }
    });
    anyhow::ensure!(changed, "{title:?} with {file:?} could not be changed");
    town.poll();
    // From the idle screen the list opens at its top.
    kiosk.skip(Duration::from_secs(2000));
    kiosk.until("idle", PATIENCE, |shown| shown.screen == Screen::Idle)?;
    open_list(kiosk)?;
    kiosk.until("the bomb", PATIENCE, |shown| {
        shown.board.rows.iter().any(|row| row.title == "Bomba")
    })?;
    let (x, y) = find_row(kiosk, "Bomba")?;
    kiosk.screen().tap(x, y);
    let opening = |shown: &ViewModel| {
        shown.notice.as_ref().is_some_and(|notice| {
            !notice
                .viewer
                .pages
                .iter()
                .any(|page| page.picture.is_some())
        })
    };
    kiosk.until("the bomb being opened", PATIENCE, opening)?;
    let mut times = Vec::new();
    for _ in 0..rounds(20) {
        let back = kiosk
            .touchable()
            .into_iter()
            .find(|element| element.label.starts_with("Celá deska"))
            .ok_or_else(|| anyhow::anyhow!("the whole board is not one touch away"))?;
        let (x, y) = back.middle();
        let frames = kiosk.screen().frames().0;
        let began = Instant::now();
        kiosk.screen().press(x, y);
        while kiosk.screen().frames().0 == frames && began.elapsed() < PATIENCE {
            kiosk.screen().advance(Duration::from_millis(1));
        }
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        // The finger slides off the card, so that nothing is chosen.
        kiosk.screen().release(x, y - 600.0);
        kiosk.screen().advance(Duration::from_millis(32));
    }
    print_figure("touch painted while a bomb is opened", "ms", &mut times);
    open_list(kiosk)?;
    Ok(())
}

/// Time from the start of the process to the log line that reports the stored board as painted.
fn start_to_first_board(town: &Town) -> anyhow::Result<()> {
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska"));
        command
            .arg("--enrolment")
            .arg(town.enrolment())
            .arg("--data")
            .arg(town.kiosk_data())
            .env("RUST_LOG", "info");
        command
    };
    let pictures = town.kiosk_data().with_file_name("pictures");
    let filled = command().arg("--screens").arg(pictures).output()?;
    anyhow::ensure!(
        filled.status.success(),
        "the walk that fills the store failed: {}",
        String::from_utf8_lossy(&filled.stderr)
    );
    let mut times = Vec::new();
    for _ in 0..rounds(20) {
        let began = Instant::now();
        let mut kiosk = command().arg("--headless").stderr(Stdio::piped()).spawn()?;
        let log = kiosk.stderr.take().expect("the log is piped");
        let painted = BufReader::new(log)
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("the board is painted"));
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        kiosk.kill()?;
        kiosk.wait()?;
        anyhow::ensure!(painted, "the kiosk never said that the board is painted");
    }
    print_figure("process start to painted board", "ms", &mut times);
    Ok(())
}

/// How many documents a notice has at its publisher.
fn documents_of(title: &str) -> usize {
    let plain = title.replace('\u{a0}', " ");
    vyveska_sample_town::SampleTown::load()
        .ok()
        .and_then(|town| {
            let notice = town.notices.iter().find(|notice| notice.title == plain)?;
            Some(notice.documents.len())
        })
        .unwrap_or(1)
}

/// Opens the list of attachments and returns the middle of one.
fn find_attachment(kiosk: &HeadlessKiosk, document: usize) -> anyhow::Result<(f32, f32)> {
    kiosk.touch("Příloha")?;
    kiosk.screen().settle(Duration::from_secs(2));
    let label = format!("Příloha {document} z");
    let there = kiosk.touchable();
    there
        .iter()
        .find(|element| element.label.replace('\u{a0}', " ").starts_with(&label))
        .map(Element::middle)
        .ok_or_else(|| anyhow::anyhow!("{label} is not among {there:?}"))
}

fn tap_to_first_page(
    kiosk: &HeadlessKiosk,
    (x, y): (f32, f32),
    document: usize,
) -> anyhow::Result<f64> {
    kiosk.screen().press(x, y);
    kiosk.screen().advance(Duration::from_millis(48));
    let began = Instant::now();
    kiosk.screen().release(x, y);
    kiosk.until("the first page", PATIENCE, |shown| {
        let chosen = shown.notice.as_ref().map(|notice| notice.chosen + 1);
        // A notice opens at its first document that can be shown.
        (chosen == Some(document) || document == 1) && has_first_page(shown)
    })?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

/// Time from the release of a card or an attachment to its first page, or the reason why there is none, on the screen.
fn touch_to_first_page(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    let mut passes = [Vec::new(), Vec::new()];
    let mut slowest: Vec<(f64, String)> = Vec::new();
    open_list(kiosk)?;
    let titles: Vec<String> = kiosk
        .shown()
        .map(|shown| {
            shown
                .board
                .rows
                .iter()
                .map(|row| row.title.clone())
                .collect()
        })
        .unwrap_or_default();
    for title in titles.iter().take(rounds(usize::MAX)) {
        for (pass, times) in passes.iter_mut().enumerate() {
            let card = find_row(kiosk, title)?;
            let documents = documents_of(title);
            for document in 1..=documents.max(1) {
                let spot = if document == 1 {
                    card
                } else {
                    find_attachment(kiosk, document)?
                };
                let time = tap_to_first_page(kiosk, spot, document)?;
                let has_pages = kiosk
                    .shown()
                    .and_then(|shown| shown.notice)
                    .is_some_and(|notice| notice.viewer.status == ViewerStatus::Ready);
                if has_pages {
                    times.push(time);
                    if pass == 0 {
                        slowest.push((time, format!("{title}, příloha {document}")));
                    }
                }
                kiosk.until_settled(PATIENCE)?;
            }
            // „Zpět" would lead from an attachment to the list of attachments.
            open_list(kiosk)?;
        }
    }
    let [mut cold, mut warm] = passes;
    print_figure("touch to first page, first time", "ms", &mut cold);
    print_figure("touch to first page, again", "ms", &mut warm);
    slowest.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (time, title) in slowest.iter().take(3) {
        println!("    slowest: {time:.1} ms, {title}");
    }
    Ok(())
}

/// Frame times while the list and the pages scroll.
fn scrolling(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    open_list(kiosk)?;
    print_figure("frame while the list scrolls", "ms", &mut fling(kiosk));
    kiosk.touch_where("a card", |element| {
        element.y > 500.0 && element.height > 150.0
    })?;
    kiosk.until("the first page", PATIENCE, has_first_page)?;
    kiosk.until_settled(PATIENCE)?;
    for _ in 0..2 {
        kiosk.touch("Zvětšit")?;
    }
    kiosk.until_settled(PATIENCE)?;
    print_figure("frame while a page scrolls", "ms", &mut fling(kiosk));
    Ok(())
}

/// The frame in which the whole window is repainted, once a minute.
fn full_repaint(kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    for (what, opens) in [
        ("full repaint of the list", false),
        ("full repaint of a notice", true),
    ] {
        let mut times = Vec::new();
        for _ in 0..rounds(20) {
            open_list(kiosk)?;
            if opens {
                kiosk.touch_where("a card", is_card)?;
                kiosk.until("the first page", PATIENCE, has_first_page)?;
                kiosk.until_settled(PATIENCE)?;
            }
            kiosk.skip(Duration::from_secs(60));
            kiosk.until("a full repaint", PATIENCE, |_| {
                kiosk.screen().last_painted() == SIZE
            })?;
            times.push(kiosk.screen().frames().1.as_secs_f64() * 1000.0);
        }
        print_figure(what, "ms", &mut times);
    }
    Ok(())
}

/// What the longest texts consist of: none has a space.
const FILLINGS: [&str; 3] = ["a", "7", "_"];

/// While every text is as long as a feed may have it, without a space: the time to set one, and how long the interface
/// is busy at most with a touch, the rotation or a frame.
fn longest_texts(town: &Town, kiosk: &HeadlessKiosk) -> anyhow::Result<()> {
    for filling in FILLINGS {
        for (size, of) in [(26.0, "normal"), (60.0, "largest")] {
            let text = filling.repeat(ofn::MAX_DESCRIPTION_CHARS);
            let mut times = Vec::new();
            for _ in 0..rounds(50) {
                for lines in [2, 1000] {
                    let began = Instant::now();
                    let set = vyveska::ui::fitting::fitted(&text, 400, size, 960.0, lines);
                    times.push(began.elapsed().as_secs_f64() * 1000.0);
                    anyhow::ensure!(set.is_some_and(|set| !set.is_empty()), "nothing was set");
                }
            }
            let letters = text.chars().count();
            let what = format!("{letters} times {filling:?} set in {of} size");
            print_figure(&what, "ms", &mut times);
        }
    }
    let sample = &vyveska_sample_town::SampleTown::load()?.notices[0];
    for filling in FILLINGS {
        let mut notice = sample.clone();
        notice.id = format!("longest-{}", filling.escape_unicode());
        let of_length = |limit: usize| filling.repeat(limit);
        notice.title = format!("{}x", of_length(ofn::MAX_TITLE_CHARS - 1));
        notice.description = Some(of_length(ofn::MAX_DESCRIPTION_CHARS));
        notice.reference_number = Some(of_length(ofn::MAX_NUMBER_CHARS));
        notice.file_mark = Some(of_length(ofn::MAX_NUMBER_CHARS));
        // The sample town names one office only.
        notice.department = of_length(ofn::MAX_NAME_CHARS);
        // The reader keeps no category twice, and no document.
        notice.agenda = (0..ofn::MAX_CATEGORIES)
            .map(|number| format!("{number:02}{}", of_length(ofn::MAX_NAME_CHARS - 2)))
            .collect();
        let first = notice.documents.first().cloned();
        notice.documents = first
            .into_iter()
            .cycle()
            // A tenth of the documents that are read: central fetches each, and only those in view are set.
            .zip(0..rounds(ofn::MAX_DOCUMENTS / 10))
            .map(|(document, number)| Attachment {
                file: format!("{}?{number}", document.file),
                name: of_length(ofn::MAX_TITLE_CHARS),
            })
            .collect();
        town.publisher.add_notice(notice);
    }
    town.poll();
    kiosk.until("the longest texts", PATIENCE, |shown| {
        shown.board.rows.iter().any(|row| row.title.len() > 1_900)
    })?;
    kiosk.skip(Duration::from_secs(2000));
    kiosk.until("idle", PATIENCE, |shown| shown.screen == Screen::Idle)?;
    let mut times = Vec::new();
    for _ in 0..rounds(40) {
        kiosk.skip(Duration::from_secs(10));
        times.push(longest_turn_within(kiosk, Duration::from_millis(1_500)));
    }
    print_figure("longest frame of the rotation", "ms", &mut times);
    for (size, steps) in [("normal", 0), ("largest", 3)] {
        for _ in 0..steps {
            kiosk.touch("Větší písmo")?;
            kiosk.screen().settle(Duration::from_secs(2));
        }
        for filling in FILLINGS.into_iter().take(rounds(FILLINGS.len())) {
            let mut times = Vec::new();
            open_list(kiosk)?;
            let card = find_row(kiosk, &filling.repeat(100))?;
            times.push(longest_turn(kiosk, card));
            kiosk.until("the first page", PATIENCE, has_first_page)?;
            kiosk.until_settled(PATIENCE)?;
            for label in [
                "Celý název",
                "Níž",
                "Příloha",
                "Níž",
                "Celá deska",
                "Hledat",
            ] {
                if let Some(button) = button(kiosk, label) {
                    times.push(longest_turn(kiosk, button));
                }
            }
            let what = format!("longest frame with {filling:?}, {size} size");
            print_figure(&what, "ms", &mut times);
        }
    }
    Ok(())
}

fn button(kiosk: &HeadlessKiosk, label: &str) -> Option<(f32, f32)> {
    let there = kiosk.touchable();
    let found = there.iter().find(|element| {
        let label_there = element.label.replace('\u{a0}', " ");
        label_there.starts_with(label)
    });
    found.map(Element::middle)
}

/// The longest that the interface is busy at once with a touch and what follows from it, in milliseconds.
fn longest_turn(kiosk: &HeadlessKiosk, (x, y): (f32, f32)) -> f64 {
    kiosk.screen().press(x, y);
    kiosk.screen().advance(Duration::from_millis(48));
    let began = Instant::now();
    kiosk.screen().release(x, y);
    // The pause of one frame after the finger has left.
    let released = began.elapsed().saturating_sub(Duration::from_millis(16));
    let after = longest_turn_within(kiosk, Duration::from_millis(500));
    after.max(released.as_secs_f64() * 1000.0)
}

fn longest_turn_within(kiosk: &HeadlessKiosk, time: Duration) -> f64 {
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    while began.elapsed() < time {
        let turn = Instant::now();
        kiosk.screen().dispatch();
        longest = longest.max(turn.elapsed());
    }
    longest.as_secs_f64() * 1000.0
}

/// Runs this program again as a kiosk only, which reports its memory and that of its worker.
fn memory_after_sessions(town: &Town) -> anyhow::Result<()> {
    let status = Command::new(std::env::current_exe()?)
        .arg(ALONE)
        .arg(town.enrolment())
        .arg(town.kiosk_data())
        .args(is_smoke().then_some("--smoke"))
        .status()?;
    anyhow::ensure!(status.success(), "the visits failed");
    Ok(())
}

fn sessions_alone(arguments: &[String]) -> anyhow::Result<()> {
    let [enrolment, data, ..] = arguments else {
        anyhow::bail!("{ALONE} needs an enrolment file and a folder");
    };
    let enrolment = vyveska::app::read_enrolment(enrolment.as_ref())?;
    let kiosk = HeadlessKiosk::start(&Options {
        panel: vyveska::ui::PhysicalPanel::default(),
        sound: vyveska::app::Sound::None,
        service: vyveska::app::ServiceOptions::default(),
        clock_verifier: vyveska::clock::SystemClockVerifier::default(),
        central: enrolment.central,
        central_key: enrolment.central_key,
        enrolment: Some(enrolment.token),
        allow_http: false,
        data: data.into(),
        width: SIZE.0,
        height: SIZE.1,
        output_mode: OutputMode::Headless,
        worker: Some(town::worker()),
    })?;
    kiosk.until("the board", PATIENCE, |shown| shown.board.total > 30)?;
    report_memory("after the start")?;
    for session in 0..rounds(SESSIONS) {
        open_list(&kiosk)?;
        let cards: Vec<_> = kiosk.touchable().into_iter().filter(is_card).collect();
        if let Some(card) = cards.get(session % cards.len().max(1)) {
            let (x, y) = card.middle();
            kiosk.screen().tap(x, y);
            kiosk.until("the first page", PATIENCE, has_first_page)?;
            let onwards = ["Další strana", "Níž"];
            if onwards.iter().any(|label| kiosk.touch(label).is_ok()) {
                kiosk.touch("Zvětšit")?;
                kiosk.until_settled(PATIENCE)?;
            }
        }
        kiosk.skip(Duration::from_secs(2000));
        kiosk.until("idle", PATIENCE, |shown| shown.screen == Screen::Idle)?;
        if (session + 1) % 250 == 0 {
            report_memory(&format!("after {} visits", session + 1))?;
        }
    }
    kiosk.stop();
    Ok(())
}

/// Proportional set size of this process and its children.
fn report_memory(when: &str) -> anyhow::Result<()> {
    let mut processes = vec![std::process::id()];
    for entry in std::fs::read_dir("/proc/self/task")? {
        let children = std::fs::read_to_string(entry?.path().join("children"))?;
        processes.extend(
            children
                .split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    let mut total = 0;
    for process in &processes {
        let Ok(rollup) = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else {
            continue;
        };
        total += rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:"))
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or(0);
    }
    println!(
        "memory of kiosk and worker {when:<20} {:>6.1} MB PSS in {} processes",
        total as f64 * 1024.0 / 1e6,
        processes.len()
    );
    Ok(())
}
