//! The promise of the rotation: every title is seen within two minutes.

use std::collections::{BTreeMap, BTreeSet};

use vyveska_board::settings::{IdlePageSeconds, IdlePictureSeconds};
use vyveska_wire::idle_settings::{IdleKind, IdleSettings};

use super::*;

/// Notices posted long ago that stay posted for long.
fn old(count: usize) -> Vec<BoardNotice> {
    (0..count)
        .map(|id| entry(id, Moment::Date(day("2026-10-01")), Moment::Unspecified, 1))
        .collect()
}

fn board_with(notices: Vec<BoardNotice>, change: impl FnOnce(&mut SettingsSection)) -> Event {
    let Event::BoardChanged(board) = board_of(notices) else {
        unreachable!("a board is a board");
    };
    let mut board = Arc::unwrap_or_clone(board);
    change(&mut board.settings);
    Event::BoardChanged(Arc::new(board))
}

/// The present picture in short: titles as `T0`, a new notice as `N3`, an ending one as `E0`.
fn shown(state: &State) -> String {
    let id = |entry: &BoardNotice| entry.notice.id.as_str()[1..].to_owned();
    match state.idle_step().unwrap().2 {
        IdleStep::Titles { page, .. } => format!("T{page}"),
        IdleStep::Notice(entry) => format!("N{}", id(entry)),
        IdleStep::Ending { page, .. } => format!("E{page}"),
        IdleStep::Information(page) => format!("I{}", page.id),
    }
}

/// The pictures in sequence, each with its seconds.
fn round(state: &mut State, seconds: u64) -> Vec<(String, u64)> {
    let mut seen: Vec<(String, u64)> = Vec::new();
    for second in 0..seconds {
        state.apply(Event::Tick, now_at(second));
        let shown = shown(state);
        match seen.last_mut() {
            Some((last, time)) if *last == shown => *time += 1,
            _ => seen.push((shown, 1)),
        }
    }
    seen
}

fn names(seen: &[(String, u64)]) -> Vec<&str> {
    seen.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn pages_of_titles_alternate_with_new_notices_and_what_ends() {
    let mut notices = old(20);
    let today = Moment::Date(day(DAY));
    notices.extend((20..22).map(|id| entry(id, today, Moment::Unspecified, 1)));
    notices.push(entry(22, Moment::Date(day("2026-10-02")), today, 0));
    let mut state = kiosk(board_of(notices));
    let seen = round(&mut state, 3 * 72);
    assert!(seen.iter().all(|(_, seconds)| *seconds == 12), "{seen:?}");
    assert_eq!(
        names(&seen),
        [
            "T0", "N20", "T1", "E0", "T2", "N21", "T0", "E0", "T1", "N20", "T2", "E0", "T0", "N21",
            "T1", "E0", "T2", "N20",
        ]
    );
}

#[test]
fn the_order_and_the_times_come_from_the_settings() {
    let mut notices = old(3);
    let today = Moment::Date(day(DAY));
    notices.push(entry(3, today, Moment::Unspecified, 0));
    notices.push(entry(4, Moment::Date(day("2026-10-02")), today, 0));
    let settings = IdleSettings {
        between: vec![
            IdleKind::Unknown,
            IdleKind::Ending,
            IdleKind::New,
            IdleKind::New,
        ],
        notice_seconds: IdlePictureSeconds::nearest(20),
        ending_seconds: IdlePictureSeconds::nearest(7),
        ..IdleSettings::default()
    };
    let mut state = kiosk(board_with(notices.clone(), |all| {
        all.idle = settings;
        all.idle_page_seconds = IdlePageSeconds::nearest(9);
    }));
    let expected = [("T0", 9), ("E0", 7), ("T0", 9), ("N3", 20)];
    let expected = expected.map(|(name, seconds)| (name.to_owned(), seconds));
    assert_eq!(round(&mut state, 45), expected);

    let mut nothing_between = kiosk(board_with(notices, |all| all.idle.between.clear()));
    assert_eq!(names(&round(&mut nothing_between, 60)), ["T0"]);
}

#[test]
fn what_ends_tomorrow_is_shown_and_what_ends_later_is_not() {
    let until = |id, date| entry(id, Moment::Date(day("2026-10-02")), date, 0);
    let mut state = kiosk(board_of(vec![
        until(0, Moment::Date(day("2026-11-22"))),
        until(1, Moment::Date(day("2026-11-23"))),
        until(2, Moment::Instant("2026-11-21T15:00:00Z".parse().unwrap())),
        // An error of the feed: an end before the start counts as none.
        until(3, Moment::Date(day("2025-11-21"))),
    ]));
    state.apply(Event::Tick, now_at(12));
    let IdleStep::Ending { notices, .. } = state.idle_step().unwrap().2 else {
        panic!("not {}", shown(&state));
    };
    let ids: Vec<&str> = notices.iter().map(|n| n.notice.id.as_str()).collect();
    assert_eq!(ids, ["n2", "n0"], "the soonest first");
}

#[test]
fn the_empty_board_has_one_picture() {
    let state = kiosk(board_of(Vec::new()));
    let (step, steps, shown) = state.idle_step().unwrap();
    assert_eq!((step, steps), (0, 1));
    let IdleStep::Titles { notices, .. } = shown else {
        panic!("an empty page of titles");
    };
    assert!(notices.is_empty());
}

#[test]
fn a_paused_rotation_stands_still_and_goes_on_by_itself() {
    let mut state = kiosk(board_of(old(20)));
    touch(&mut state, Intent::TogglePause, 10);
    assert!(state.is_idle_paused());
    for second in 11..70 {
        state.apply(Event::Tick, now_at(second));
        assert_eq!(shown(&state), "T0", "{second}");
    }
    state.apply(Event::Tick, now_at(70));
    assert!(!state.is_idle_paused());
    state.apply(Event::Tick, now_at(81));
    assert_eq!(shown(&state), "T0", "what was being read is read on");
    state.apply(Event::Tick, now_at(82));
    assert_eq!(shown(&state), "T1");

    touch(&mut state, Intent::TogglePause, 83);
    touch(&mut state, Intent::TogglePause, 84);
    assert!(!state.is_idle_paused());
    state.apply(Event::Tick, now_at(96));
    assert_eq!(shown(&state), "T2");
}

#[test]
fn a_pause_ends_with_the_next_session() {
    let mut state = kiosk(board_of(old(20)));
    touch(&mut state, Intent::TogglePause, 10);
    touch(&mut state, Intent::ShowBoard, 11);
    state.apply(Event::Tick, now_at(200));
    assert!(state.idle_step().is_some() && !state.is_idle_paused());
}

#[test]
fn late_ticks_do_not_add_up() {
    let mut state = kiosk(board_of(old(40)));
    let at = |milliseconds: u64| Now {
        monotonic: Duration::from_millis(milliseconds),
        ..now_at(0)
    };
    // Every tick comes 9 ms late, and some a little early.
    for tick in 1..=120 {
        let early = if tick % 12 == 0 { 60 } else { 0 };
        state.apply(Event::Tick, at(tick * 1009 - early));
    }
    // 121 seconds have passed: ten pages of twelve seconds, and the next has begun.
    assert_eq!(shown(&state), "T0");
}

#[test]
fn a_change_of_the_board_passes_no_title_over() {
    // Newest first, so that n39 leads and n0 is last: each was posted a day after the one before.
    let dated = |ids: &[usize]| -> Vec<BoardNotice> {
        ids.iter()
            .map(|id| {
                let posted = Moment::Date(day("2026-09-01") + TimeDelta::days(*id as i64));
                entry(*id, posted, Moment::Unspecified, 0)
            })
            .collect()
    };
    let all: Vec<usize> = (0..40).collect();
    let mut state = kiosk(board_of(dated(&all)));
    state.apply(Event::Tick, now_at(12));
    assert_eq!(shown(&state), "T1");
    // Three of the first page are taken down: what began the second page now ends the first.
    let fewer: Vec<usize> = (0..37).collect();
    state.apply(board_of(dated(&fewer)), now_at(13));
    let titles = |state: &State| -> Vec<String> {
        match state.idle_step().unwrap().2 {
            IdleStep::Titles { notices, .. } => {
                notices.iter().map(|n| n.notice.id.to_string()).collect()
            }
            _ => Vec::new(),
        }
    };
    assert!(
        titles(&state).contains(&"n31".to_owned()),
        "{:?}",
        titles(&state)
    );
    state.apply(Event::Tick, now_at(24));
    assert!(
        titles(&state).contains(&"n31".to_owned()),
        "it has its full time again"
    );
    state.apply(Event::Tick, now_at(25));
    assert!(
        titles(&state).contains(&"n28".to_owned()),
        "{:?}",
        titles(&state)
    );
}

#[test]
fn the_notice_after_this_picture_is_drawn_ahead_as_wide_as_its_print_is_shown() {
    let mut notices = old(3);
    notices.push(entry(3, Moment::Date(day(DAY)), Moment::Unspecified, 2));
    let mut state = kiosk(board_of(notices));
    let room = IdleRoom {
        preview_width: 1360,
        ..IdleRoom::default()
    };
    state.apply(Event::IdleResized(room), now_at(1));
    let [drawing] = state.render_requests().soon[..] else {
        panic!("one page is drawn ahead");
    };
    // The print fills 1360 pixels when the margins take a fifth of the page.
    assert_eq!((drawing.page, drawing.page_width), (0, 1700));
    state.apply(Event::Tick, now_at(12));
    assert_eq!(shown(&state), "N3");
    assert_eq!(state.render_requests().now, [drawing]);
}

fn any_settings() -> impl Strategy<Value = (u32, IdleSettings)> {
    let kind = prop::sample::select(vec![
        IdleKind::New,
        IdleKind::Ending,
        IdleKind::Information,
        IdleKind::Unknown,
    ]);
    (
        0_u32..200,
        prop::collection::vec(kind, 0..5),
        (0_u32..60, 0_u32..60),
    )
        .prop_map(|(titles, between, (notice_seconds, ending_seconds))| {
            let settings = IdleSettings {
                between,
                notice_seconds: IdlePictureSeconds::nearest(notice_seconds),
                ending_seconds: IdlePictureSeconds::nearest(ending_seconds),
                ..IdleSettings::default()
            };
            (titles, settings)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whoever_stops_before_the_board_sees_every_title_within_two_minutes(
        count in 1_usize..400,
        new in 0_usize..30,
        ending in 0_usize..30,
        (titles_seconds, settings) in any_settings(),
        room in (4_usize..16, 8_usize..30),
        late in prop::collection::vec(0_u64..250, 40),
    ) {
        let mut notices = old(count);
        for (id, entry) in notices.iter_mut().enumerate() {
            if id < new {
                entry.notice.posted = Moment::Date(day(DAY));
            }
            if (count - id) <= ending {
                entry.notice.relevant_until = Moment::Date(day("2026-11-22"));
            }
        }
        let mut state = kiosk(board_with(notices, |all| {
            all.idle_page_seconds = IdlePageSeconds::nearest(titles_seconds);
            all.idle = settings;
        }));
        let room = IdleRoom { titles: room.0, titles_close: room.1, preview_width: 680 };
        state.apply(Event::IdleResized(room), now_at(0));

        // When each title was fully shown, from the beginning of its page to its end.
        let mut showings: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
        let mut current: Option<(u64, BTreeSet<String>)> = None;
        let mut keeps_promise = true;
        let end = 400_000;
        let mut tick = 0;
        let mut at = 0;
        while at < end {
            at = tick * 1000 + late[tick as usize % late.len()];
            tick += 1;
            // The calendar stands still: another day would be another board.
            state.apply(Event::Tick, Now { monotonic: Duration::from_millis(at), ..now_at(0) });
            let titles: BTreeSet<String> = match state.idle_step().unwrap().2 {
                IdleStep::Titles { notices, whole_round, .. } => {
                    keeps_promise &= whole_round.is_none();
                    notices.iter().map(|n| n.notice.id.to_string()).collect()
                }
                _ => BTreeSet::new(),
            };
            if current.as_ref().is_none_or(|(_, shown)| *shown != titles)
                && let Some((since, shown)) = current.replace((at, titles)) {
                    for title in shown {
                        showings.entry(title).or_default().push((since, at));
                    }
                }
        }
        let few_enough = count <= 15 * room.titles_close.max(room.titles);
        prop_assert!(keeps_promise || !few_enough, "{count} titles are not too many");
        if keeps_promise && count > room.titles {
            prop_assert_eq!(showings.len(), count);
            for (title, times) in &showings {
                prop_assert!(times[0].1 <= 120_000, "{title} at first: {times:?}");
                for (one, next) in times.iter().zip(&times[1..]) {
                    // Somebody who comes just after a page has begun sees it again in full.
                    prop_assert!(next.1 - one.0 <= 120_000, "{title}: {one:?} {next:?}");
                }
                let shortest = times.iter().map(|(from, to)| to - from).min();
                prop_assert!(shortest >= Some(2_000), "{title} flickers past: {times:?}");
            }
        }
    }
}
