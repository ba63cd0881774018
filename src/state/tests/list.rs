//! The list: its categories, its orders, and the days left.

use vyveska_board::settings::DeadlineDays;

use super::*;

fn named(id: usize, title: &str, posted: &str, until: Moment) -> BoardNotice {
    let mut entry = entry(id, Moment::Date(day(posted)), until, 0);
    entry.notice.title = LanguageMap::czech(title);
    entry
}

fn until(date: &str) -> Moment {
    Moment::Date(day(date))
}

fn titles(state: &State) -> Vec<&str> {
    let listed = state.listed().into_iter();
    listed
        .map(|entry| entry.notice.title.best(Language::Czech))
        .collect()
}

#[test]
fn the_list_is_ordered_by_posting_by_removal_and_by_name() {
    let mut state = kiosk(board_of(vec![
        named(0, "Chodov: záměr", "2026-11-01", Moment::Unspecified),
        named(1, "Hranice: dražba", "2026-11-20", until("2026-12-24")),
        named(2, "Čaj", "2026-11-10", until("2026-11-21")),
        named(3, "Cena", "2026-11-10", until("2026-11-30")),
        // Its end is before its start, so it counts as none.
        named(4, "žába", "2026-11-15", until("2026-01-01")),
    ]));
    assert_eq!(
        titles(&state),
        ["Hranice: dražba", "žába", "Cena", "Čaj", "Chodov: záměr"]
    );
    touch(&mut state, Intent::ChooseSort(Sort::Ending), 1);
    assert_eq!(
        titles(&state),
        ["Čaj", "Cena", "Hranice: dražba", "žába", "Chodov: záměr"]
    );
    touch(&mut state, Intent::ChooseSort(Sort::Name), 2);
    assert_eq!(
        titles(&state),
        ["Cena", "Čaj", "Hranice: dražba", "Chodov: záměr", "žába"]
    );
}

#[test]
fn what_there_is_to_choose_gives_way_to_what_is_asked_for() {
    let open = || {
        let mut state = kiosk(old_board(10));
        touch(&mut state, Intent::ShowBoard, 1);
        touch(&mut state, Intent::ShowChoices(true), 2);
        assert!(state.list().is_choosing());
        state
    };
    for intent in [
        Intent::ShowBoard,
        Intent::ShowSearch,
        Intent::NextLanguage,
        Intent::ChooseCategory(None),
        Intent::ChooseSort(Sort::Name),
        Intent::Information(InformationIntent::Show),
        Intent::ShowChoices(false),
    ] {
        let mut state = open();
        touch(&mut state, intent.clone(), 3);
        assert!(!state.list().is_choosing(), "{intent:?}");
    }
    for intent in [Intent::NextTextSize, Intent::ToggleReach] {
        let mut state = open();
        touch(&mut state, intent.clone(), 3);
        assert!(state.list().is_choosing(), "{intent:?}");
    }
    let mut state = open();
    state.apply(Event::Tick, now_at(600));
    assert!(
        !state.list().is_choosing(),
        "the next visitor finds the list"
    );
}

#[test]
fn another_order_begins_at_the_top_and_ends_with_the_session() {
    let mut state = kiosk(old_board(100));
    touch(&mut state, Intent::ShowBoard, 1);
    touch(&mut state, Intent::ListScrolled(3.5), 2);
    touch(&mut state, Intent::ChooseSort(Sort::Name), 3);
    assert_eq!(state.list().place(), 0.0);
    touch(&mut state, Intent::ListScrolled(3.5), 4);
    touch(&mut state, Intent::OpenNotice(NoticeId::new("n7")), 5);
    touch(&mut state, Intent::Back, 6);
    assert_eq!(
        (state.list().sort(), state.list().place()),
        (Sort::Name, 3.5)
    );
    state.apply(Event::Tick, now_at(200));
    assert!(state.idle_step().is_some());
    assert_eq!(*state.list(), List::default());
}

#[test]
fn the_same_notice_stays_uppermost_when_others_come_or_leave() {
    // Posted one a day, so that the list is 5, 4, 3, 2, 1.
    let board = |ids: &[usize]| {
        let posted = |id: &usize| {
            named(
                *id,
                "Záměr",
                &format!("2026-11-{id:02}"),
                until("2026-12-24"),
            )
        };
        board_of(ids.iter().map(posted).collect())
    };
    let place_after = |place: f32, ids: &[usize]| {
        let mut state = kiosk(board(&[1, 2, 3, 4, 5]));
        touch(&mut state, Intent::ShowBoard, 1);
        touch(&mut state, Intent::ListScrolled(place), 2);
        let jumps = state.list().jumps();
        state.apply(board(ids), now_at(3));
        (state.list().place(), state.list().jumps() != jumps)
    };
    // Another above, one of those above gone, no visible change.
    assert_eq!(place_after(2.5, &[1, 2, 3, 4, 5, 6]), (3.5, true));
    assert_eq!(place_after(2.5, &[1, 2, 3, 4]), (1.5, true));
    assert_eq!(place_after(2.5, &[1, 2, 3, 4, 5]), (2.5, false));
    // The uppermost notice itself is gone, and everything below it.
    assert_eq!(place_after(2.5, &[1, 2, 4, 5]), (2.0, true));
    assert_eq!(place_after(2.5, &[4, 5]), (2.0, true));
    // At the very top new notices become visible.
    assert_eq!(place_after(0.0, &[1, 2, 3, 4, 5, 6]), (0.0, false));
}

#[test]
fn a_category_is_listed_in_the_chosen_order() {
    let mut state = kiosk(old_board(6));
    let rozpocet = Some("Rozpočet".to_owned());
    touch(&mut state, Intent::ChooseCategory(rozpocet), 1);
    touch(&mut state, Intent::ChooseSort(Sort::Name), 2);
    assert_eq!(
        titles(&state),
        ["Oznámení 000", "Oznámení 002", "Oznámení 004"]
    );
}

#[test]
fn the_most_wanted_categories_come_first_however_they_are_called() {
    let names = [
        "Čestná občanství",
        "Exekuce",
        "Územní plán",
        "Výběrová řízení a volná místa",
        "Dražební vyhlášky",
        "Chodníky",
        "Územní plán",
        "Přerušení dodávky elektřiny",
        "Záměry obce: prodej a pronájem",
        "Veřejná vyhláška",
    ];
    let notices = names
        .iter()
        .enumerate()
        .map(|(id, name)| {
            let mut entry = entry(id, Moment::Unspecified, Moment::Unspecified, 0);
            entry.notice.categories = vec![LanguageMap::czech(*name)];
            entry
        })
        .collect();
    let state = kiosk(board_of(notices));
    let ordered: Vec<String> = categories(state.posted())
        .into_iter()
        .map(|category| format!("{} {}", category.count, category.name))
        .collect();
    assert_eq!(
        ordered,
        [
            "1 Veřejná vyhláška",
            "1 Dražební vyhlášky",
            "1 Záměry obce: prodej a pronájem",
            "1 Výběrová řízení a volná místa",
            "1 Přerušení dodávky elektřiny",
            "1 Exekuce",
            "2 Územní plán",
            "1 Čestná občanství",
            "1 Chodníky",
        ]
    );
}

/// The days left of a notice that ends at `end`, at this instant.
#[track_caller]
fn check_days(end: Moment, now: &str, expected: Option<u32>) {
    let notice = named(0, "Záměr", "2026-01-02", end);
    let at = Now {
        clock: ClockBounds::exact(now.parse().unwrap()),
        monotonic: Duration::ZERO,
    };
    let mut state = State::new(at);
    state.apply(board_of(vec![notice]), at);
    let days = state
        .posted()
        .next()
        .and_then(|entry| state.days_left(entry));
    assert_eq!(days, expected, "{end:?} at {now}");
}

#[test]
fn days_are_counted_in_prague_from_midnight_to_midnight() {
    let end = until("2026-11-23");
    check_days(end, "2026-11-20T22:59:59Z", Some(3));
    check_days(end, "2026-11-20T23:00:00Z", Some(2));
    check_days(end, "2026-11-22T22:59:59Z", Some(1));
    check_days(end, "2026-11-22T23:00:00Z", Some(0));
    check_days(end, "2026-11-23T22:59:59Z", Some(0));
    check_days(end, "2026-11-23T23:00:00Z", None);
    // The night the clocks go back is an hour longer, and still one night.
    check_days(until("2026-10-26"), "2026-10-24T22:00:00Z", Some(1));
    check_days(until("2026-10-26"), "2026-10-25T22:59:59Z", Some(1));
    check_days(until("2026-10-26"), "2026-10-25T23:00:00Z", Some(0));
}

#[test]
fn an_end_at_an_hour_falls_on_its_day_and_midnight_on_the_day_before() {
    let at = |instant: &str| Moment::Instant(instant.parse().unwrap());
    check_days(at("2026-11-23T13:00:00Z"), "2026-11-21T11:00:00Z", Some(2));
    check_days(at("2026-11-23T23:00:00Z"), "2026-11-21T11:00:00Z", Some(2));
    check_days(Moment::Unspecified, "2026-11-21T11:00:00Z", None);
}

#[test]
fn deadlines_are_pointed_out_as_soon_as_the_settings_say() {
    let deadlines = |days: u32| -> Vec<Option<u32>> {
        let notices = ["2026-11-21", "2026-11-28", "2026-11-29"]
            .iter()
            .enumerate()
            .map(|(id, end)| named(id, &format!("{id}"), "2026-11-01", until(end)))
            .collect();
        let Event::BoardChanged(board) = board_of(notices) else {
            unreachable!("a board is a board");
        };
        let mut board = Arc::unwrap_or_clone(board);
        board.settings.deadline_days = DeadlineDays::nearest(days);
        let mut state = kiosk(Event::BoardChanged(Arc::new(board)));
        touch(&mut state, Intent::ChooseSort(Sort::Name), 1);
        let listed = state.listed().into_iter();
        listed.map(|entry| state.deadline(entry)).collect()
    };
    assert_eq!(deadlines(7), [Some(0), Some(7), None]);
    assert_eq!(deadlines(0), [Some(0), None, None]);
    assert_eq!(deadlines(8), [Some(0), Some(7), Some(8)]);
}
